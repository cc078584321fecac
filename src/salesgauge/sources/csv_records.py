"""The rows of one CSV file (RFC 4180), one by one in Python: the plain and complete way, which understands every file that can be."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesgauge.errors import LoadRefused
from salesgauge.staging import Unread

SHOWN = 200            # characters of a row that is set aside
MOST_UNREAD = 200_000  # rows of a file that may be set aside for their cells; more is another fault than that of rows
LARGEST = 256 << 20    # characters of a cell; more is taken for a quote that is never closed


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """The csv module refuses cells of more than 128 KiB unless told otherwise; its limit is the process's, so it is put back."""
    before = csv.field_size_limit(LARGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def wrong_number(line: int, found: int, wanted: int, text: str) -> Unread:
    """A row with too many or too few cells."""
    return Unread(line, text[:SHOWN], "wrong_number_of_cells",
                  f"this row has {found} cell{'s' if found != 1 else ''}, the header has {wanted}; a cell with a comma or a line break in "
                  "it is put in double quotes")


def too_many(path: Path, line: int) -> LoadRefused:
    """The refusal of a file of which more than MOST_UNREAD rows cannot be split into the header's cells; `line` is the first of them."""
    return LoadRefused(f"{path.name}: more than {MOST_UNREAD} rows have not as many cells as the header; the first is on line {line}; "
                       "is a delimiter missing in the header, or are its cells not quoted as the rows' are?")


def _wrong_quotes(line: int) -> Unread:
    return Unread(line, "", "wrong_quotes", "the double quotes of this row are wrong: a quoted cell ends with a double quote right before "
                                            "the comma, and one inside it is written twice")


def records(path: Path, *, delimiter: str = ",", begin: int = 1) -> Iterator[tuple[int, list[str] | Unread]]:
    """Each row of a UTF-8 file from line `begin` on, the header first, with the line that it begins on; empty lines are passed over.

    A row whose quotes are wrong within one line is given as Unread. Where a wrong quote runs over several lines, nobody can say which
    rows it swallowed: the file is refused (LoadRefused).
    """
    with _cells_of_any_size(), path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(begin - 1):
            file.readline()
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + begin
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                if reader.line_num + begin - 1 > line:
                    raise LoadRefused(f"{path.name}, line {line}: a quoted cell begins in this row and is not closed rightly by line "
                                      f"{reader.line_num + begin - 1}; a double quote inside a quoted cell is written twice") from None
                yield line, _wrong_quotes(line)
                continue
            if cells:
                yield line, cells
