"""How a cell is made: columns, constants, combinations, ids, fixes, value maps, dates and numbers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.foreign import Foreign

LEADS = '[leads]\nfile = "l.csv"\n[leads.columns]\nlead_id = "id"\ncreated_at = "day"\n'
DEALS = '[opportunities]\nfile = "d.csv"\n[opportunities.columns]\nopportunity_id = "id"\ncreated_at = "day"\n'


def one_column(tmp_path: Path, table: str, column: str, cell: str, values: list[str]) -> list[Any]:
    """What a column becomes for each of the values of the source column `v`."""
    foreign = Foreign(tmp_path)
    file, mapping, key = ("l.csv", LEADS, "lead_id") if table == "leads" else ("d.csv", DEALS, "opportunity_id")
    rows = "".join(f'{n:04},2025-01-01,"{v}"\n' for n, v in enumerate(values))
    foreign.load({file: "id,day,v\n" + rows}, f"{mapping}{column} = {cell}\n")
    return [row[0] for row in foreign.rows(f"SELECT {column} FROM {table} ORDER BY {key}")]


def test_a_column_is_taken_as_it_stands_without_the_spaces_around_it(tmp_path: Path) -> None:
    assert one_column(tmp_path, "leads", "channel", '"v"', ["web", "  Web\u00a0", "a  b", "", "   "]) == ["web", "Web", "a  b", None, None]


def test_a_constant_is_the_same_in_every_row(tmp_path: Path) -> None:
    assert one_column(tmp_path, "leads", "score", "{ constant = 7.5 }", ["a", "b"]) == [7.5, 7.5]


def test_a_constant_may_be_a_date(tmp_path: Path) -> None:
    assert one_column(tmp_path, "opportunities", "closes_on", "{ constant = 2025-03-31 }", ["a"]) == [date(2025, 3, 31)]


def test_combined_columns_have_a_separator_only_between_those_that_are_not_empty(tmp_path: Path) -> None:
    cell = '{ combine = ["v", "id", "v"], separator = ", " }'
    assert one_column(tmp_path, "leads", "channel", cell, ["a", ""]) == ["a, 0000, a", "0001"]


def test_a_key_of_several_columns_keeps_each_at_its_place(tmp_path: Path) -> None:
    assert one_column(tmp_path, "leads", "campaign_id", '{ key_of = ["v", "id"] }', ["a", ""]) == ["a|0000", "|0001"]
    (tmp_path / "other").mkdir()
    assert one_column(tmp_path / "other", "leads", "campaign_id", '{ key_of = ["v", "v"], prefix = "C-" }', ["a", ""]) == ["C-a|a", None]


def test_a_row_number_with_a_prefix_makes_an_id(tmp_path: Path) -> None:
    assert one_column(tmp_path, "leads", "account_id", '{ row_number = true, prefix = "A-" }', ["x", "x"]) == ["A-1", "A-2"]


def test_a_fix_replaces_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    cell = '{ column = "v", fix = { GTXPro = "GTX Pro", none = "" } }'
    values = ["GTXPro", "gtxpro", "none", " GTXPro "]
    assert one_column(tmp_path, "opportunities", "product_id", cell, values) == ["GTX Pro", "gtxpro", None, "GTX Pro"]


def test_a_value_map_says_what_becomes_of_values_that_it_does_not_name(tmp_path: Path) -> None:
    for otherwise, left in (("keep", "Lost"), ("empty", None)):
        (tmp_path / otherwise).mkdir()
        cell = f'{{ column = "v", values = {{ Won = "yes", "" = "unknown" }}, otherwise = "{otherwise}" }}'
        assert one_column(tmp_path / otherwise, "opportunities", "stage", cell, ["Won", "Lost", ""]) == ["yes", left, "unknown"]


def test_an_empty_cell_is_not_a_value_that_a_map_fails_to_name(tmp_path: Path) -> None:
    cell = '{ column = "v", values = { Won = "won" }, otherwise = "refuse" }'
    assert one_column(tmp_path, "opportunities", "outcome", cell, ["Won", ""]) == ["won", None]


def test_a_refused_value_is_named_with_its_lines_and_the_load_is_refused(tmp_path: Path) -> None:
    mapping = DEALS + 'outcome = { column = "v", fix = { Gone = "Lost" }, values = { Won = "won", Lost = "lost" }, otherwise = "refuse" }\n'
    rows = "id,day,v\n1,2025-01-01,Won\n2,2025-01-01,Wonn\n3,2025-01-01,Gone\n4,2025-01-01,Wonn\n5,2025-01-01,Open\n"
    assert Foreign(tmp_path).refusal({"d.csv": rows}, mapping) == (
        "map.toml, opportunities.columns.outcome: d.csv has values that are not named: 'Wonn' in 2 rows, first in line 3; 'Open' in 1 row, "
        'first in line 6; name them under values, or say otherwise = "keep" or "empty"')


def dates(tmp_path: Path, pattern: str, values: list[str]) -> list[Any]:
    foreign = Foreign(tmp_path)
    rows = "".join(f'{n},"{v}"\n' for n, v in enumerate(values))
    foreign.load({"l.csv": "id,v\n" + rows}, '[leads]\nfile = "l.csv"\n[leads.columns]\nlead_id = "id"\n'
                 f'created_at = {{ column = "v", date = "{pattern}" }}\n')
    return [row[0] for row in foreign.rows("SELECT created_at_local FROM leads ORDER BY lead_id")]


@pytest.mark.parametrize(("pattern", "value", "local"), [
    ("%d-%m-%Y", "31-08-2023", datetime(2023, 8, 31)),
    ("%m/%d/%Y", "3/4/2023", datetime(2023, 3, 4)),
    ("%d/%m/%y", "03/04/23", datetime(2023, 4, 3)),
    ("%d %b, %Y %H:%M:%S", "15 Apr, 2021 00:03:00", datetime(2021, 4, 15, 0, 3)),
    ("%m/%d/%Y %I:%M %p", "1/2/2023 1:05 PM", datetime(2023, 1, 2, 13, 5)),
    ("%Y-%m-%d %H:%M:%S.%f", "2023-01-02 10:00:00.25", datetime(2023, 1, 2, 10, 0, 0, 250000)),
    ("%Y-%m-%dT%H:%M:%S%z", "2023-01-02T10:00:00Z", datetime(2023, 1, 2, 11)),
    ("%Y-%m-%dT%H:%M:%S%z", "2023-07-02T10:00:00-0500", datetime(2023, 7, 2, 17)),
    ("%Y%m%d", "20230102", datetime(2023, 1, 2)),
    ("%A, %d %B %Y", "Monday, 02 January 2023", datetime(2023, 1, 2)),
])
def test_a_date_format_reads_the_whole_column(tmp_path: Path, pattern: str, value: str, local: datetime) -> None:
    assert dates(tmp_path, pattern, [value]) == [local]


def test_a_date_that_does_not_follow_the_format_is_set_aside_even_if_it_would_be_read_without_it(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    rows = "id,v\n1,13-02-2023\n2,2023-01-12\n3,31-02-2023\n4,\n5,01-02-23\n"
    foreign.load({"l.csv": rows}, LEADS.replace('"day"', '{ column = "v", date = "%d-%m-%Y" }'))
    assert foreign.rows("SELECT lead_id FROM leads") == [("1",)]
    assert foreign.rejects() == [("l.csv", 3, "created_at", "2023-01-12 (not written as %d-%m-%Y)", "unreadable_instant"),
                                 ("l.csv", 4, "created_at", "31-02-2023 (not written as %d-%m-%Y)", "unreadable_instant"),
                                 ("l.csv", 5, "created_at", None, "missing_value"),
                                 ("l.csv", 6, "created_at", "01-02-23 (not written as %d-%m-%Y)", "unreadable_instant")]


def test_day_only_cuts_the_time_of_day_off(tmp_path: Path) -> None:
    cell = '{ column = "v", date = "%d.%m.%Y %H:%M", day_only = true }'
    assert one_column(tmp_path, "opportunities", "closed_at", cell, ["02.01.2025 13:30"]) == [datetime(2025, 1, 1, 23)]


@pytest.mark.parametrize(("written", "value", "number"), [
    ('decimal = ",", thousands = "."', "1.234,50", 1234.5),
    ('decimal = ",", thousands = "."', "-1.234.567", -1234567),
    ('decimal = ",", thousands = "."', "1234,5", 1234.5),
    ('thousands = ","', "1,234,567.5", 1234567.5),
    ('thousands = ","', "12,34,567", 1234567),
    ('thousands = " ", decimal = ","', "1\u00a0234\u202f567,5", 1234567.5),
    ('thousands = "\'"', "1’234.5", 1234.5),
    ('thousands = ",", currency = "$"', "$22,700.00", 22700),
    ('thousands = ",", currency = "$"', "-$5", -5),
    ('thousands = ",", currency = "$"', "$ -5", -5),
    ('decimal = ",", currency = ["€", "EUR"]', "12,5 €", 12.5),
    ('decimal = ",", currency = ["€", "EUR"]', "EUR 12,5", 12.5),
    ("percent = true", "12.5 %", 0.125),
    ("percent = true", "7", 0.07),
    ('decimal = ","', "1,5E+3", 1500),
    ("", ".5", 0.5),
    ("", "5.", 5),
])
def test_a_number_format_reads_the_whole_column(tmp_path: Path, written: str, value: str, number: float) -> None:
    assert one_column(tmp_path, "opportunities", "amount", f'{{ column = "v", number = {{ {written} }} }}', [value]) == [number]


@pytest.mark.parametrize(("written", "value"), [
    ('decimal = ",", thousands = "."', "1.5"), ('decimal = ",", thousands = "."', "1,234.5"), ('thousands = ","', "1,5"),
    ('thousands = ","', "1,2345"), ('currency = "$"', "€5"), ('currency = "$"', "5.0.0"), ('currency = "$"', "$"),
    ("percent = true", "5 %%"), ("percent = true", "%"), ('decimal = ","', "1.5"), ("", "1_000"), ("", "nan"), ("", "."), ("", "--5"),
])
def test_a_number_that_does_not_follow_the_format_is_set_aside(tmp_path: Path, written: str, value: str) -> None:
    foreign = Foreign(tmp_path)
    foreign.load({"d.csv": f'id,day,v\n1,2025-01-01,"{value}"\n'}, DEALS + f'amount = {{ column = "v", number = {{ {written} }} }}\n')
    assert foreign.rows("SELECT amount FROM opportunities") == [(None,)]
    (file, line, column, shown, reason), = foreign.rejects()
    assert (file, line, column, reason) == ("d.csv", 2, "amount", "unreadable_number") and shown.startswith(value)


def test_extra_columns_become_dimensions_of_the_name_given(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    foreign.load({"l.csv": "id,day,u\n1,2025-01-01,mail\n"}, LEADS + '[leads.extra]\n"UTM Source" = "u"\nkind = { constant = "new" }\n')
    assert foreign.rows("SELECT x_utm_source, x_kind FROM leads") == [("mail", "new")]


def test_whatever_a_mapping_says_is_data_and_never_sql(tmp_path: Path) -> None:
    evil = "'); DROP TABLE leads; --"
    mapping = """
        [leads]
        file = "l.csv"
        [[leads.keep]]
        column = "a'b\\"c"
        is_not = ["' OR 1=1 --", "<evil>x"]
        [leads.columns]
        lead_id = { column = "id", prefix = "<evil>" }
        created_at = "day"
        channel = { column = "a'b\\"c", values = { "<evil>" = "<evil>" }, otherwise = "keep" }
        campaign_id = { combine = ["id", "id"], separator = "<evil>" }
        score = { column = "n", number = { currency = ["'", "'); DROP"] } }
        [leads.extra]
        "x\\"; DROP TABLE leads; --" = { constant = "<evil>" }
        """
    foreign = Foreign(tmp_path)
    rows = f"""id,day,"a'b""c",n\n1,2025-01-01,"{evil}",'5\n2,2025-01-01,x,'); DROP6\n"""
    foreign.load({"l.csv": rows}, mapping.replace("<evil>", evil))
    assert foreign.rows("SELECT lead_id, channel, campaign_id, x_x_drop_table_leads, score FROM leads ORDER BY 1") == [
        (f"{evil}1", evil, f"1{evil}1", evil, 5), (f"{evil}2", "x", f"2{evil}2", evil, 6)]


def test_a_pattern_of_dates_is_no_sql_either(tmp_path: Path) -> None:
    assert dates(tmp_path, "%Y'); DROP TABLE x; -- %m %d", ["2025'); DROP TABLE x; -- 01 02"]) == [datetime(2025, 1, 2)]
