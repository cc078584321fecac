"""Which rows a mapping makes: conditions, joins, repetition, several sections, encodings, and where each row comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.foreign import Foreign

LEADS = '[leads]\nfile = "l.csv"\ncolumns.lead_id = "id"\ncolumns.created_at = "day"\n'
FIVE = "id,day,stage,n\n1,2025-01-01,Won,5\n2,2025-02-01,Lost,10\n3,2025-03-01,,2.5\n4,2025-04-01,Open,\n5,2025-05-01,Won,-1\n"


@pytest.mark.parametrize(("condition", "kept", "said"), [
    ('column = "stage", is = "Won"', "15", "stage is Won"),
    ('column = "stage", is = ["Won", "Lost"]', "125", "stage is Won or Lost"),
    ('column = "stage", is = ["Won", ""]', "135", "stage is Won or empty"),
    ('column = "stage", is_not = ["Won", "Lost"]', "34", "stage is not Won or Lost"),
    ('column = "stage", empty = true', "3", "stage is empty"),
    ('column = "stage", empty = false', "1245", "stage is not empty"),
    ('column = "n", greater = 5', "2", "n is above 5"),
    ('column = "n", at_least = 5', "12", "n is at least 5"),
    ('column = "n", less = 2.5', "5", "n is below 2.5"),
    ('column = "n", at_most = 5, at_least = 0', "13", "n is at least 0 and is at most 5"),
    ('column = "day", at_least = 2025-02-01, less = 2025-04-01', "23", "day is at least 2025-02-01 and is below 2025-04-01"),
    ('column = "stage", is = "Nobody"', "", "stage is Nobody"),
])
def test_rows_are_kept_by_a_condition_and_the_report_counts_them(tmp_path: Path, condition: str, kept: str, said: str) -> None:
    foreign = Foreign(tmp_path)
    report = foreign.load({"l.csv": FIVE}, LEADS + f"keep = {{ {condition} }}\n")
    assert "".join(row[0] for row in foreign.rows("SELECT lead_id FROM leads ORDER BY 1")) == kept
    assert report.notes == (f"leads: {len(kept)} of 5 rows of l.csv kept: {said}",)
    assert report.tables[0].read == len(kept)


def test_several_conditions_must_all_hold(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    report = foreign.load({"l.csv": FIVE}, LEADS + 'keep = [{ column = "stage", is = "Won" }, { column = "n", greater = 0 }]\n')
    assert foreign.rows("SELECT lead_id FROM leads") == [("1",)]
    assert report.notes == ("leads: 1 of 5 rows of l.csv kept: stage is Won and n is above 0",)


def test_a_condition_compares_in_the_format_of_its_column(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    rows = 'id,day,on,n\n1,2025-01-01,09/02/2025,"1.000,5"\n2,2025-01-01,10/01/2025,"2.000,5"\n3,2025-01-01,10/02/2025,"2.000,5"\n'
    foreign.load({"l.csv": rows}, LEADS + 'keep = [{ column = "on", date = "%d/%m/%Y", at_least = 2025-02-01 }, '
                 '{ column = "n", number = { decimal = ",", thousands = "." }, greater = 1000.5 }]\n')
    assert foreign.rows("SELECT lead_id FROM leads") == [("3",)]


def test_a_row_of_which_nobody_can_say_whether_it_is_kept_is_set_aside(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    rows = "id,day,stage,n\n1,2025-01-01,Won,many\n2,2025-01-01,Lost,many\n3,2025-01-01,Won,7\n4,2025-01-01,Won,1_0\n"
    report = foreign.load({"l.csv": rows}, LEADS + 'keep = [{ column = "n", greater = 0 }, { column = "stage", is = "Won" }]\n')
    assert foreign.rows("SELECT lead_id FROM leads") == [("3",)]
    assert foreign.rejects() == [("l.csv", 2, None, "many", "unreadable_number"), ("l.csv", 5, None, "1_0", "unreadable_number")]
    assert foreign.rows("SELECT DISTINCT message FROM rejects") == [("n cannot be read, so that nobody can say whether n is above 0",)]
    assert (report.tables[0].read, report.tables[0].new, dict(report.tables[0].rows_aside)) == (3, 1, {"unreadable_number": 2})


JOINED = LEADS + """
join = { file = "deals.csv", as = "deal", on = { id = "lead" } }
columns.converted_at = { column = "won", from = "deal" }
columns.opportunity_id = { column = "id", from = "deal" }
"""


def test_a_join_adds_the_columns_of_the_row_with_the_same_key_and_keeps_rows_without_one(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    deals = "won,lead,id\n2025-02-01, 2 ,D\n2025-03-01,,E\n"
    report = foreign.load({"l.csv": "id,day\n1,2025-01-01\n2,2025-01-01\n,2025-01-01\n", "deals.csv": deals}, JOINED)
    assert foreign.rows("SELECT lead_id, opportunity_id, CAST(converted_at_local AS VARCHAR) FROM leads ORDER BY 1") == [
        ("1", None, None), ("2", "D", "2025-02-01 00:00:00")]
    assert report.notes == ("leads: 2 of 3 rows of l.csv have no row in deals.csv with the same id",)
    assert dict(report.tables[0].rows_aside) == {"missing_value": 1}


def test_a_join_by_a_key_that_stands_twice_is_refused_since_it_would_multiply_rows(tmp_path: Path) -> None:
    deals = "won,lead,id\n2025-02-01,2,D\n2025-03-01,1,E\n2025-03-01,2,F\n"
    assert Foreign(tmp_path).refusal({"l.csv": "id,day\n1,2025-01-01\n", "deals.csv": deals}, JOINED) == (
        "map.toml, leads.join: deals.csv has several rows with the same lead, which would multiply the rows of l.csv: '2' (lines 2, 4); "
        "join by a column that is unique there")


def test_rows_of_the_joined_file_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    deals = "won,lead,id\n2025-02-01,1,D\n2025-02-01,2\n"
    note, = Foreign(tmp_path).load({"l.csv": "id,day\n1,2025-01-01\n", "deals.csv": deals}, JOINED).notes
    assert note.startswith("leads: 1 row of deals.csv cannot be read and was not joined; the first is in line 3: this row has 2 cells")


def test_a_join_by_several_columns_may_fix_its_own_key(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    products = "p,q,f\nGTX Pro,a,A\nGTX Pro,b,B\n"
    foreign.load({"l.csv": "id,day,p,q\n1,2025-01-01,GTXPro,a\n2,2025-01-01,GTX Pro,b\n", "p.csv": products}, LEADS + """
        join = { file = "p.csv", on = { p = "p", q = "q" }, fix = { GTXPro = "GTX Pro" } }
        columns.channel = { column = "f", from = "p.csv" }
        """)
    assert foreign.rows("SELECT lead_id, channel FROM leads ORDER BY 1") == [("1", "A"), ("2", "B")]


def test_a_row_is_repeated_as_often_as_its_column_says_with_an_id_each(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    rows = "ad,day,n\nA,2025-01-01,2\nB,2025-01-01,0\nC,2025-01-02,1\nD,bad,2\n"
    report = foreign.load({"ads.csv": rows}, """
        [leads]
        file = "ads.csv"
        repeat = "n"
        columns.lead_id = { key_of = ["ad"], prefix = "L-" }
        columns.created_at = "day"
        columns.campaign_id = { row_number = true }
        """)
    assert foreign.rows("SELECT lead_id, campaign_id FROM leads ORDER BY 1") == [("L-A-1", "1-1"), ("L-A-2", "1-2"), ("L-C-1", "3-1")]
    assert report.notes == ("leads: 4 rows of ads.csv gave 5, each as often as its n says",)
    assert foreign.rejects() == [("ads.csv", 5, "created_at", "bad", "unreadable_instant")] * 2


@pytest.mark.parametrize("count", ["-1", "1.5", "many", "", "1000001", "99999999999999999999"])
def test_a_row_whose_count_cannot_be_is_set_aside(tmp_path: Path, count: str) -> None:
    foreign = Foreign(tmp_path)
    foreign.load({"l.csv": f"id,day,n\n1,2025-01-01,{count}\n2,2025-01-01,1.0\n"}, LEADS + 'repeat = "n"\n')
    assert foreign.rows("SELECT lead_id FROM leads") == [("2",)]
    assert foreign.rejects() == [("l.csv", 2, None, count, "unreadable_number")]


def test_one_file_fills_several_tables_and_several_sections_fill_one(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    deals = "id,day,who,boss\n1,2025-01-01,Ann,Cy\n2,2025-01-02,Bob,Cy\n"
    report = foreign.load({"deals.csv": deals, "old.csv": "nr,day\n9,2024-01-01\n"}, """
        [[opportunities]]
        file = "deals.csv"
        columns = { opportunity_id = "id", created_at = "day", owner_id = "who" }
        [[opportunities]]
        file = "old.csv"
        columns = { opportunity_id = { column = "nr", prefix = "old-" }, created_at = "day", outcome = { constant = "Lost" } }
        extra = { source = { constant = "archive" } }
        [[reps]]
        file = "deals.csv"
        columns = { rep_id = "who", manager_id = "boss" }
        [[reps]]
        file = "deals.csv"
        columns = { rep_id = "boss" }
        """)
    assert foreign.rows("SELECT opportunity_id, owner_id, outcome, x_source FROM opportunities ORDER BY 1") == [
        ("1", "Ann", None, None), ("2", "Bob", None, None), ("old-9", None, "lost", "archive")]
    assert foreign.rows("SELECT rep_id, manager_id FROM reps ORDER BY 1") == [("Ann", "Cy"), ("Bob", "Cy"), ("Cy", None)]
    assert [(t.table, t.file, t.read, t.new, t.repeats) for t in report.tables] == [
        ("reps", "deals.csv", 4, 3, 1), ("opportunities", "deals.csv, old.csv", 3, 3, 0)]


def test_what_is_set_aside_names_the_line_of_its_own_file(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    first, second = 'id,day,note\n1,2025-01-01,"two\nlines"\n2,bad,\n3,2025\n', "id,day\n8,2025-01-01\n9,worse\n1,2,3\n"
    report = foreign.load({"a.csv": first, "b.csv": second}, """
        [[leads]]
        file = "a.csv"
        keep = { column = "id", is_not = "1" }
        columns = { lead_id = "id", created_at = "day" }
        [[leads]]
        file = "b.csv"
        columns = { lead_id = "id", created_at = "day" }
        """)
    assert [row[:3] + row[4:] for row in foreign.rejects()] == [
        ("a.csv", 4, "created_at", "unreadable_instant"), ("a.csv", 5, None, "wrong_number_of_cells"),
        ("b.csv", 3, "created_at", "unreadable_instant"), ("b.csv", 4, None, "wrong_number_of_cells")]
    assert report.tables[0].read == 5


def test_the_same_files_by_the_same_mapping_change_nothing(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    assert foreign.load({"l.csv": FIVE}, LEADS).changed
    assert not foreign.load({"l.csv": FIVE}, LEADS).changed


def test_files_that_the_mapping_does_not_name_are_told(tmp_path: Path) -> None:
    report = Foreign(tmp_path).load({"l.csv": FIVE, "leads.csv": "x", ".hidden": "x"}, LEADS)
    assert report.ignored == (("leads.csv", "the mapping does not name it"),)


@pytest.mark.parametrize(("encoding", "codec"), [
    ("windows-1251", "cp1251"), ("gb18030", "gb18030"), ("utf-16", "utf-16"), ("UTF-8", "utf-8-sig")])
def test_a_file_may_have_another_encoding_and_delimiter(tmp_path: Path, encoding: str, codec: str) -> None:
    foreign = Foreign(tmp_path)
    text = "id;день;канал\r\n1;2025-01-01;Реклама\r\n2;плохо;x\r\n"
    foreign.load({"l.csv": text.encode(codec)}, f"""
        [files."l.csv"]
        delimiter = ";"
        encoding = "{encoding}"
        [leads]
        file = "l.csv"
        columns = {{ lead_id = "id", created_at = "день", channel = "канал" }}
        """)
    assert foreign.rows("SELECT lead_id, channel FROM leads") == [("1", "Реклама")]
    assert foreign.rejects() == [("l.csv", 3, "created_at", "плохо", "unreadable_instant")]


def test_a_file_that_is_not_in_the_encoding_said_is_refused(tmp_path: Path) -> None:
    mapping = '[files."l.csv"]\nencoding = "windows-1251"\n' + LEADS
    message = Foreign(tmp_path).refusal({"l.csv": b"id,day\n1,2025-01-01\n2,\x98\n"}, mapping)
    assert message.startswith("l.csv is not text in windows-1251: ")


def test_a_file_in_a_folder_of_the_folder_can_be_named(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    (foreign.source / "2025").mkdir()
    foreign.load({"2025/l.csv": FIVE}, LEADS.replace("l.csv", "2025/l.csv"))
    assert foreign.rows("SELECT count(*) FROM leads") == [(5,)]
