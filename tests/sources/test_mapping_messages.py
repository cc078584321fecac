"""What a mapping that cannot be used is answered with: its file, the place in it, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesgauge.errors import MappingError
from salesgauge.sources import stage_mapped
from sources.foreign import Foreign

FILES = {"l.csv": "id,day,stage,twice,twice\n1,2025-01-01,Won,a,b\n", "d.csv": "lead,won\n1,2025-02-01\n"}
LEADS = '[leads]\nfile = "l.csv"\n[leads.columns]\nlead_id = "id"\ncreated_at = "day"\n'
SECTION = '[[leads]]\nfile = "l.csv"\ncolumns = { lead_id = "id", created_at = "day" }\n'


def said(tmp_path: Path, mapping: str | bytes) -> str:
    """What the mapping file alone is refused with."""
    path = tmp_path / "map.toml"
    path.write_bytes(mapping if isinstance(mapping, bytes) else mapping.encode())
    with pytest.raises(MappingError) as found:
        stage_mapped(path)
    assert "\n" not in found.value.message
    return found.value.message


def test_a_mapping_file_that_is_absent_or_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"cannot read the mapping file .*nowhere\.toml: No such file or directory"):
        stage_mapped(tmp_path / "nowhere.toml")
    with pytest.raises(MappingError, match="cannot read the mapping file"):
        stage_mapped(tmp_path)
    assert said(tmp_path, "[leads\n").startswith("the mapping file map.toml is not TOML: Expected ']'")
    assert said(tmp_path, "format = " + "9" * 5000).startswith("the mapping file map.toml is not TOML: ")
    assert said(tmp_path, "format = " + "[" * 100_000).startswith("the mapping file map.toml is not TOML: ")
    assert said(tmp_path, b"\xff\xfe\x00").endswith("is not UTF-8 text")


@pytest.mark.parametrize(("mapping", "message"), [
    ("", "map.toml: it maps nothing: begin with a table such as [leads] or [opportunities]; there are: reps, "),
    ("format = 2\n" + LEADS, "map.toml, format: this program reads format 1"),
    ('[lead]\nfile = "l.csv"', "map.toml: unknown key 'lead'; did you mean leads?; there are: format, files, reps, "),
    ("leads = 5", "map.toml, leads: this is a number, but a table of keys is needed"),
    ('[leads]\nfil = "l.csv"', "map.toml, leads: unknown key 'fil'; did you mean file?; there are: file, columns, extra, keep, join, repe"),
    ("[leads]\ncolumns = {}", "map.toml, leads: the key 'file' is missing"),
    ("[leads]\nfile = 5", "map.toml, leads.file: this is a number, but a text in quotes is needed"),
    (SECTION + "\n" + SECTION.replace(', created_at = "day"', ""), "map.toml, leads[2].columns: the required column created_at is missing"),
    (SECTION + 'extra = { channel = "a" }', "map.toml, leads[1].extra: 'channel' is a column of leads: put it under columns"),
    (SECTION + 'extra = { "A b" = "a", a_b = "a" }', "map.toml, leads[1].extra: 'a_b' and another key give the same dimension a_b"),
    (SECTION + 'extra = { "?" = "a" }', "map.toml, leads[1].extra: '?' cannot name a dimension: it has no letter and no digit"),
    (SECTION + 'keep = { column = "a" }', "map.toml, leads[1].keep: no test; there are: is, is_not, empty, greater, at_least, less, at_mo"),
    (SECTION + 'keep = [{ column = "a", less = "5" }]', "map.toml, leads[1].keep[1].less: a number (10) or a date (2025-01-31) without qu"),
    (SECTION + 'keep = [{ column = "a", less = nan }]', "map.toml, leads[1].keep[1].less: a number (10) or a date (2025-01-31) without qu"),
    (SECTION + 'keep = [{ column = "a", less = 2025-01-01T00:00:00Z }]', "map.toml, leads[1].keep[1].less: a date and time here has no of"),
    (SECTION + 'keep = [{ column = "a", less = 5, greater = 2025-01-01 }]', "map.toml, leads[1].keep[1]: numbers and dates cannot be mixe"),
    (SECTION + 'keep = [{ column = "a", is = "b", date = "%d.%m.%Y" }]', "map.toml, leads[1].keep[1].date: it needs a date to compare wit"),
    (SECTION + 'keep = [{ column = "a", is = "b", number = {} }]', "map.toml, leads[1].keep[1].number: it needs a number to compare with"),
    (SECTION + 'keep = [{ column = "a", less = 2025-01-01, date = "%Y-%m-%d%z" }]', "map.toml, leads[1].keep[1].date: %z cannot be here"),
    (SECTION + 'join = { file = "d.csv" }', 'map.toml, leads[1].join.on: say which columns are equal: on = { "own column" = "column of th'),
    (SECTION + 'join = [{ file = "d.csv", on = { a = "b" } }, { file = "d.csv", on = { c = "d" } }]',
     "map.toml, leads[1].join[2]: the name 'd.csv' stands twice; give each join a name of its own with: as = "),
    (SECTION + "repeat = 5", "map.toml, leads[1].repeat: this is a number, but a table of keys is needed"),
    ('[files."m.csv"]\ndelimiter = ";"\n' + LEADS, "map.toml, files: no table uses the file 'm.csv'; did you mean l.csv?"),
    ('[files."l.csv"]\ndelimiter = ";;"\n' + LEADS, "map.toml, files.\"l.csv\".delimiter: ';;' cannot be: one character such as ; , | or "),
    ('[files."l.csv"]\nencoding = "utf-9"\n' + LEADS, "map.toml, files.\"l.csv\".encoding: unknown encoding 'utf-9'; did you mean utf-8"),
    ('[files."l.csv"]\nencoding = "rot13"\n' + LEADS, "map.toml, files.\"l.csv\".encoding: unknown encoding 'rot13'"),
])
def test_a_mapping_that_is_not_sound_is_refused_before_any_file_is_read(tmp_path: Path, mapping: str, message: str) -> None:
    assert said(tmp_path, mapping).startswith(message)


@pytest.mark.parametrize(("cell", "message"), [
    ('chanel = "stage"', ": leads has no column 'chanel'; did you mean channel?; it has: lead_id, "),
    ("channel = 5", ".channel: this is a number, but a table of keys is needed"),
    ('channel = ""', ".channel.column: this text is empty"),
    ('channel = "a\\u0000b"', ".channel.column: a text cannot hold the character NUL"),
    ("channel = {}", ".channel: exactly one of column, constant, combine, key_of, row_number is needed, not none of them"),
    ('channel = { column = "a", constant = "b" }', ".channel: exactly one of column, constant, combine, key_of, row_number is needed, not"),
    ('channel = { colum = "a" }', ".channel: unknown key 'colum'; did you mean column?"),
    ('channel = { column = "a", from = "deal" }', ".channel.from: there is no join 'deal' in this section; it has none"),
    ("channel = { constant = [] }", ".channel.constant: this is a list, but a text, a number, a date, true or false is needed"),
    ("channel = { constant = 10:00:00 }", ".channel.constant: this is a time, but a text"),
    ('channel = { combine = "a" }', ".channel.combine: a list of columns is needed"),
    ("channel = { key_of = [5] }", ".channel.key_of[1]: this is a number, but a table of keys is needed"),
    ("channel = { row_number = false }", ".channel.row_number: only true makes sense here"),
    ('channel = { column = "a", separator = "-" }', ".channel.separator: it needs combine beside it"),
    ('channel = { column = "a", values = { a = "b" } }', '.channel.values: it needs otherwise beside it: otherwise = "keep", "empty" or "'),
    ('channel = { column = "a", values = { a = 5 }, otherwise = "keep" }', ".channel.values: the value of 'a' is a number, but a text in "),
    ('channel = { column = "a", values = {}, otherwise = "drop" }', ".channel.otherwise: 'drop' cannot be; there are: keep, empty, refuse"),
    ('channel = { column = "a", date = "%Y" }', ".channel.date: channel holds no date"),
    ('channel = { column = "a", number = {} }', ".channel.number: channel holds no number"),
    ('converted_at = { column = "a", day_only = true }', ".converted_at.day_only: it needs date beside it"),
    ('converted_at = { column = "a", date = "%d.%m.%Q" }', ".converted_at.date: unknown token %Q in '%d.%m.%Q'; there are: %Y %y %m"),
    ('converted_at = { column = "a", date = "%d.%m" }', ".converted_at.date: '%d.%m' does not say year, month and day; such as %d.%m.%Y"),
    ('converted_at = { column = "a", date = "dd.mm.yyyy" }', ".converted_at.date: 'dd.mm.yyyy' does not say year, month and day"),
    ('converted_at = { column = "a", date = "%z %Y-%m-%d" }', ".converted_at.date: %z must stand at the end"),
    ('converted_at = { column = "a", date = "%Y-%m-%d%z", day_only = true }', ".converted_at.day_only: the day of an instant"),
    ('score = { column = "a", number = { decimal = ",", thousands = "," } }', ".score.number: decimal and thousands are both ','"),
    ('score = { column = "a", number = { decimal = "comma" } }', ".score.number.decimal: 'comma' cannot be: one mark such as . or ,"),
    ('score = { column = "a", number = { currency = "5" } }', ".score.number.currency: '5' cannot be a currency sign"),
    ('score = { column = "a", number = { percent = "yes" } }', ".score.number.percent: this is a text, but true or false is needed"),
])
def test_a_cell_that_is_not_sound_is_named(tmp_path: Path, cell: str, message: str) -> None:
    assert said(tmp_path, LEADS + cell).startswith("map.toml, leads.columns" + message)


@pytest.mark.parametrize(("cell", "message"), [
    ('outcome = { column = "s", values = { Won = "win" }, otherwise = "empty" }',
     "outcome: 'win' is no outcome; did you mean won?; there are: won, lost"),
    ('kind = { constant = "Upsel" }', "kind: 'Upsel' is no kind; did you mean upsell?; there are: new, upsell, cross_sell, renewal"),
])
def test_a_value_that_the_column_cannot_have_is_refused(tmp_path: Path, cell: str, message: str) -> None:
    mapping = '[opportunities]\nfile = "d.csv"\n[opportunities.columns]\nopportunity_id = "lead"\ncreated_at = "won"\n'
    assert said(tmp_path, mapping + cell) == "map.toml, opportunities.columns." + message


@pytest.mark.parametrize(("mapping", "message"), [
    (LEADS.replace("l.csv", "L.csv"), ".file: there is no file 'L.csv' in <folder>; did you mean l.csv"),
    (LEADS.replace("l.csv", "../map.toml"), ".file: '../map.toml' leads out of the folder that is loaded; name a file inside it"),
    (LEADS.replace("l.csv", "/etc/passwd"), ".file: '/etc/passwd' leads out of the folder that is loaded; name a file inside it"),
    (LEADS.replace("l.csv", "l" * 300), ".file: there is no file 'lll"),
    (LEADS.replace("l.csv", "."), ".file: there is no file '.' in <folder>; there are: d.csv, l.csv"),
    (LEADS + 'channel = "stag"', ".columns.channel: l.csv has no column 'stag'; did you mean stage?; it has: id, day, stage, twice, twice"),
    (LEADS + 'channel = "twice"', ".columns.channel: the column 'twice' stands 2 times in the header of l.csv; give each a name of its ow"),
    (LEADS + '[leads.join]\nfile = "d.csv"\non = { id = "nr" }', ".join.on: d.csv has no column 'nr'; it has: lead, won"),
    (LEADS + '[leads.join]\nfile = "e.csv"\non = { id = "nr" }', ".join.file: there is no file 'e.csv' in <folder>; did you mean "),
    (LEADS + '[leads.keep]\ncolumn = "Stage"\nempty = true', ".keep: l.csv has no column 'Stage'; did you mean stage?"),
    ('[files."l.csv"]\ndelimiter = ";"\n' + LEADS, ".columns.lead_id: l.csv has no column 'id'; it has: id,day,stage,twice,twice"),
])
def test_a_mapping_that_does_not_fit_the_files_is_refused(tmp_path: Path, mapping: str, message: str) -> None:
    foreign = Foreign(tmp_path)
    assert foreign.refusal(FILES, mapping).startswith("map.toml, leads" + message.replace("<folder>", str(foreign.source)))


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    (tmp_path / "secret.csv").write_text("id,day\n")
    (foreign.source / "l.csv").symlink_to(tmp_path / "secret.csv")
    assert foreign.refusal({}, LEADS) == "map.toml, leads.file: 'l.csv' leads out of the folder that is loaded; name a file inside it"


@pytest.mark.parametrize(("content", "message"), [
    (b"", "l.csv is empty: its first line must name the columns"),
    (b"PK\x03\x04\x00", "l.csv is a zip archive or an Excel workbook, not a CSV file; save it as CSV in UTF-8"),
    (b"id,day\n1,\xff\n", "l.csv, line 2: byte 10 of the file (hexadecimal ff) is not UTF-8"),
])
def test_a_file_that_is_no_csv_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    assert Foreign(tmp_path).refusal({"l.csv": content}, LEADS).startswith(message)


def test_a_source_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    foreign = Foreign(tmp_path)
    foreign.source.rmdir()
    assert foreign.refusal({}, LEADS) == f"cannot load {foreign.source}: it does not exist"
