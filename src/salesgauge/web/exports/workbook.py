"""A table as an Excel workbook: numbers as numbers, dates as dates, text as text, never a formula or a link."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any

from salesgauge.web.exports.table import Table

ROWS = 1_048_575    # below the header of a sheet; more go on in a further sheet
_TEXT = 32_767      # characters of a cell
_EXACT = 2 ** 53    # whole numbers from here on would lose digits
_FIRST_DAY = date(1900, 3, 1)  # before it Excel's calendar is not ours


def write_workbook(table: Table, file: IO[bytes], *, sheet: str, about: str, rows_of_a_sheet: int = ROWS) -> None:
    """Writes the table's rows as they come, each let go before the next; the last sheet says what was asked."""
    import xlsxwriter  # imported where used: a page does without it

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                      "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"})
    try:
        bold, instant = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        current: Any = None
        place = sheets = 0
        for place, row in enumerate(table.rows, start=1):
            if (place - 1) % rows_of_a_sheet == 0:
                sheets += 1
                current = _sheet(book, sheet if sheets == 1 else f"{sheet} {sheets}", table.titles, bold)
            for column, value in enumerate(row):
                _write(current, (place - 1) % rows_of_a_sheet + 1, column, value, instant)
        if not place:
            _sheet(book, sheet, table.titles, bold)
        if table.about:
            _about(book, about, table.about, bold)
    finally:
        book.close()


def _sheet(book: Any, name: str, titles: Sequence[str], bold: Any) -> Any:
    made = book.add_worksheet(_named(name))
    made.freeze_panes(1, 0)
    for column, title in enumerate(titles):
        made.set_column(column, column, max(10, min(40, len(title) + 2)))
        made.write_string(0, column, title, bold)
    return made


def _about(book: Any, name: str, lines: Sequence[tuple[str, str]], bold: Any) -> None:
    made = book.add_worksheet(_named(name))
    made.set_column(0, 0, 24)
    made.set_column(1, 1, 80)
    for place, (what, text) in enumerate(lines):
        made.write_string(place, 0, what, bold)
        made.write_string(place, 1, text[:_TEXT])


def _named(name: str) -> str:
    """A sheet's name: at most 31 characters, none of those that Excel refuses."""
    return "".join("-" if character in "[]:*?/\\'" else character for character in name)[:31] or "1"


def _write(sheet: Any, row: int, column: int, value: Any, instant: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        exact = math.isfinite(value) and abs(value) <= _EXACT
        (sheet.write_number if exact else sheet.write_string)(row, column, value if exact else str(value))
    elif isinstance(value, date):  # an instant is one too
        day = value.date() if isinstance(value, datetime) else value
        if day < _FIRST_DAY:
            sheet.write_string(row, column, value.isoformat())
        else:
            sheet.write_datetime(row, column, value, *((instant,) if isinstance(value, datetime) else ()))
    else:
        text = str(value)
        sheet.write_string(row, column, text if len(text) <= _TEXT else text[:_TEXT - 1] + "…")
