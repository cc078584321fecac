"""The sheets of an Excel or OpenDocument workbook, each cell as text, merged cells filled downwards."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from salesgauge.errors import LoadRefused, did_you_mean
from salesgauge.staging import Unread

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
MARK = "#"            # between the name of a workbook and that of its sheet
EXACT = 10**15        # a workbook keeps 15 digits of a number; of a longer id the rest is lost
_PADDED = re.compile(rb'formatCode="0{2,}"')

Record = tuple[int, list[str] | Unread]


@dataclass(frozen=True)
class Sheet:
    """A sheet as text. `rows[i]` is row i + 1; `merged` are its merged areas (first row, first column, last row, last column, from 0).

    `dates` are the columns (from 0) in which some cell is a date to the program and not a text; `padded`: the workbook has a number format
    that shows zeros in front, so that an id of digits may have lost them.
    """

    name: str
    rows: list[list[str]]
    merged: tuple[tuple[int, int, int, int], ...]
    dates: frozenset[int]
    padded: bool


def is_workbook(name: str) -> bool:
    """Whether a file of that name, or a sheet written `book.xlsx#Sheet`, is one of a workbook."""
    return name.lower().partition(MARK)[0].endswith(WORKBOOKS)


def sheets(path: Path) -> list[str]:
    """The names of the visible sheets of the workbook that have any cell; LoadRefused where it cannot be opened or has none."""
    import python_calamine
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            visible = [s.name for s in book.sheets_metadata
                       if s.visible == python_calamine.SheetVisibleEnum.Visible and s.typ == python_calamine.SheetTypeEnum.WorkSheet]
            found = [name for name in visible if book.get_sheet_by_name(name).end is not None]
    except python_calamine.CalamineError as problem:
        raise LoadRefused(f"{path.name} cannot be opened as a workbook: {problem or type(problem).__name__}; is it protected by a "
                          "password, or a file of another kind? Save it as .xlsx or CSV") from None
    if not found:
        raise LoadRefused(f"{path.name} has no visible sheet with any cell")
    return found


def read_sheet(path: Path, name: str = "") -> Sheet:
    """The sheet of that name, without a name the only one; LoadRefused where there is none such, or several."""
    import python_calamine
    there = sheets(path)
    if not name and len(there) > 1:
        raise LoadRefused(f"{path.name} has several sheets: {', '.join(there)}; name one of them: {path.name}{MARK}{there[0]}")
    if name and name not in there:
        raise LoadRefused(f"{path.name} has no visible sheet {name!r} with any cell{did_you_mean(name, there)}; it has: {', '.join(there)}")
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        sheet = book.get_sheet_by_name(name or there[0])
        cells = sheet.to_python(skip_empty_area=False)
        merged = tuple((r1, c1, r2, c2) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ())
    rows = [[_text(cell) for cell in row] for row in cells]
    for first, left, last, _right in merged:
        for row in range(first + 1, min(last, len(rows) - 1) + 1):
            if not rows[row][left]:
                rows[row][left] = rows[first][left]
    dates = frozenset(c for row in cells for c, cell in enumerate(row) if isinstance(cell, date))
    return Sheet(name or there[0], rows, merged, dates, _padded(path))


def _text(value: object) -> str:
    """A cell as text: dates and times in ISO 8601, whole numbers without a point."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def _padded(path: Path) -> bool:
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(_PADDED.search(archive.read("xl/styles.xml")))
    except (KeyError, zipfile.BadZipFile):
        return False
