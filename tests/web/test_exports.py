"""Files: what a spreadsheet must not run, every script, numbers and dates as such, and a large one in little memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any, cast

import pytest
from openpyxl import load_workbook

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.web.exports.csv_file import csv_chunks
from salesgauge.web.exports.guard import disposition, file_name, guarded
from salesgauge.web.exports.table import Table
from salesgauge.web.exports.workbook import write_workbook
from salesgauge.web.exports.written import AT_A_TIME, send
from salesgauge.web.faults import Fault
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import Browse
from web.test_records_page import asked

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0")
SCRIPTS = ("Юрий Дорош", "瑞丰农业实业", "اردو", "🙂", 'a "quoted", cell', "two\nlines", "https://example.org", "'kept")


def table(rows: Sequence[Sequence[Any]], *header: str) -> Table:
    return Table(header, header, rows, (("Question", '{"kpi": "=1"}'),))


def as_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_sheets(content: bytes) -> list[list[list[Any]]]:
    return [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in load_workbook(io.BytesIO(content)).worksheets]


def workbook(made: Table, **more: Any) -> bytes:
    file = io.BytesIO()
    write_workbook(made, file, sheet="Records/[all]", about="Question", **more)
    return file.getvalue()


@pytest.mark.parametrize("text", EVIL)
def test_a_text_that_a_spreadsheet_would_run_is_marked_in_csv(text: str) -> None:
    content = b"".join(csv_chunks(table([[text]], text)))
    assert as_csv(content) == [[f"'{text}"], [f"'{text}"]]
    assert guarded("plain = text") == "plain = text"


def test_a_workbook_holds_texts_never_formulas_or_links() -> None:
    sheets = load_workbook(io.BytesIO(workbook(table([[text] for text in (*EVIL, *SCRIPTS)], "=header"))))
    cells = [cell for row in sheets.worksheets[0].iter_rows() for cell in row]
    assert all(cell.data_type in ("s", "inlineStr") and cell.hyperlink is None for cell in cells)
    assert [cell.value for cell in cells if cell.value in SCRIPTS] == list(SCRIPTS)
    assert sheets.worksheets[1]["B1"].value == '{"kpi": "=1"}' and sheets.worksheets[1]["B1"].data_type != "f"


def test_every_script_comes_back_from_csv() -> None:
    assert as_csv(b"".join(csv_chunks(table([[text] for text in SCRIPTS], "name")))) == [["name"], *([text] for text in SCRIPTS)]


def test_numbers_are_numbers_and_dates_are_dates() -> None:
    row = [1, -2.5, True, date(2026, 2, 28), datetime(2026, 2, 28, 8, 5, 6), None, 2 ** 60, date(1812, 6, 24), 1e-9]
    header = "abcdefghi"
    assert as_csv(b"".join(csv_chunks(table([row], *header))))[1] == [
        "1", "-2.5", "true", "2026-02-28", "2026-02-28T08:05:06", "", str(2 ** 60), "1812-06-24", "1e-09"]
    found = as_sheets(workbook(table([row], *header)))[0][1]
    assert found == [1, -2.5, True, datetime(2026, 2, 28), datetime(2026, 2, 28, 8, 5, 6), None, str(2 ** 60), "1812-06-24", 1e-9]


def test_rows_beyond_a_sheet_go_on_in_another() -> None:
    sheets = as_sheets(workbook(table([[n] for n in range(7)], "n"), rows_of_a_sheet=3))
    assert [[row[0] for row in sheet] for sheet in sheets[:3]] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]
    assert as_sheets(workbook(table([], "n")))[0] == [["n"]]


def test_a_text_too_long_for_a_cell_says_that_it_goes_on() -> None:
    found = as_sheets(workbook(table([["x" * 40_000]], "n")))[0][1][0]
    assert len(found) == 32_767 and found.endswith("…")


def rows(count: int) -> Iterator[list[Any]]:
    for n in range(count):
        yield [n, f"a text of some length, number {n}", n / 7]


def test_a_hundred_thousand_rows_need_no_more_memory_than_some() -> None:
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in csv_chunks(Table(("n", "text", "part"), (), rows(100_000))))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 5_000_000 and peak < 2_000_000


class Sink(io.RawIOBase):
    """Takes what is written and keeps its length alone."""

    length = place = 0

    def write(self, content: Any) -> int:
        self.place += len(content)
        self.length = max(self.length, self.place)
        return len(content)

    def seek(self, place: int, whence: int = 0) -> int:
        self.place = place if whence == 0 else (self.place if whence == 1 else self.length) + place
        return self.place

    def tell(self) -> int:
        return self.place

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True


def test_a_workbook_lets_go_of_each_row() -> None:
    peaks = []
    for count in (2_000, 12_000):
        tracemalloc.start()
        try:
            write_workbook(Table(("n", "text", "part"), ("n", "text", "part"), rows(count)), cast(IO[bytes], Sink()), sheet="s", about="a")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000, peaks


@pytest.mark.parametrize(("parts", "name"), [
    (("win_rate", "2026-Q1"), "salesgauge-win_rate-2026-Q1.csv"), (("../../etc/passwd",), "salesgauge-etc-passwd.csv"),
    (("a\r\nset-cookie: x", '";x='), "salesgauge-a-set-cookie-x-x.csv"), (("销售", ""), "salesgauge.csv"), (("x" * 500,), None)])
def test_a_files_name_is_safe_whatever_it_is_made_of(parts: tuple[str, ...], name: str | None) -> None:
    made = file_name(parts, "csv")
    assert made == (name or made) and len(made) < 130
    assert not set(disposition(made)) & set("\r\n\\/")


def test_the_file_of_records_holds_them_all_with_their_contributions(browse: Browse, demo: Workspace) -> None:
    found = demo.records(asked("win_rate"), "denominator")
    answer = browse().get("/kpis/win_rate/records.csv?side=denominator&period=2026-Q1")
    assert answer.headers["content-disposition"].startswith('attachment; filename="salesgauge-win_rate-denominator-2026-Q1.csv"')
    assert answer.headers["cache-control"] == "private, no-store"
    header, *lines = as_csv(answer.content)
    assert [line[header.index("id")] for line in lines] == [row["id"] for row in found["rows"]]
    assert sum(float(line[header.index("contribution")]) for line in lines) == found["total"]
    created = lines[0][header.index("created_at")]
    assert created == found["rows"][0]["row"]["created_at"].isoformat() + "+00:00"


def test_the_workbook_of_records_has_numbers_dates_and_what_was_asked(browse: Browse, demo: Workspace) -> None:
    found = demo.records(asked("win_rate", where={"team": ["Sales DACH"]}), "numerator")["rows"]
    sheets = as_sheets(browse().get("/kpis/win_rate/records.xlsx?period=2026-Q1&f.team=Sales+DACH").content)
    header, *lines = sheets[0]
    assert [line[header.index("ID")] for line in lines] == [row["id"] for row in found]
    assert [line[header.index("Amount")] for line in lines] == [row["row"]["amount"] for row in found]
    assert isinstance(lines[0][header.index("Created")], datetime)
    assert ["Team", "Sales DACH"] in sheets[1] and any("win_rate" in str(line[1]) for line in sheets[1])


def test_a_figures_file_and_the_breakdowns_are_the_answers(browse: Browse, demo: Workspace) -> None:
    client = browse()
    opened = as_csv(client.get("/figures/open_deals/records.csv?period=2026-Q2").content)
    assert len(opened) - 1 == demo.answer([asked("open_deals", "2026-Q2")], figures=True)[0]["rows"][0]["value"]
    rows = demo.answer([asked("revenue", by=["team", "family"])])[0]["rows"]
    header, *lines = as_csv(client.get("/kpis/revenue/breakdown.csv?by=team&across=family&period=2026-Q1").content)
    assert [(line[header.index("team")] or None, line[header.index("family")] or None, float(line[header.index("value")]))
            for line in lines] == [(row["by"]["team"], row["by"]["family"], row["value"]) for row in rows]


def test_files_hold_the_visitors_own_rows_and_no_hidden_names(browse: Browse, demo: Workspace) -> None:
    every = demo.records(asked("win_rate"), "denominator")["rows"]
    rep = next(row["row"]["owner_id"] for row in every if row["row"]["owner_id"])
    own = [row["id"] for row in demo.records(asked("win_rate"), "denominator", Viewer(rep))["rows"]]
    header, *lines = as_csv(browse(Visitor("S", "rep", "rep", Viewer(rep), rep)).get(
        "/kpis/win_rate/records.csv?side=denominator&period=2026-Q1").content)
    assert [line[header.index("id")] for line in lines] == own
    analyst = browse(Visitor("A", "analyst", "executive", EVERYTHING, nameless=True))
    header, *lines = as_csv(analyst.get("/kpis/rep_retention_rate/records.csv?side=denominator&period=2026-Q1").content)
    assert lines and not {line[header.index(name)] for line in lines for name in ("name", "email")} - {""}


def test_another_kind_of_file_there_is_none_of(browse: Browse) -> None:
    assert browse().get("/kpis/win_rate/records.pdf").status_code == 404
    assert browse().get("/kpis/nothing/records.csv").status_code == 404


def test_so_many_files_are_made_at_a_time_and_each_gives_its_place_back() -> None:
    held = [send("csv", ("x",), table([], "n")) for _ in range(AT_A_TIME)]
    with pytest.raises(Fault) as refused:
        send("csv", ("x",), table([], "n"))
    assert refused.value.status_code == 429
    held.clear()
    assert send("csv", ("x",), table([], "n")).status_code == 200
