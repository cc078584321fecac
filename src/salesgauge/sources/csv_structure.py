"""The structure of a CSV file, found in one pass over its bytes: how many rows it has, which of them have the wrong number of cells, and
whether the engine's own parallel reader can be trusted with it. Nothing of the file is kept.

The rules are RFC 4180's: a quoted cell begins and ends at a comma or the end of a row, and a double quote in it is written twice. In a file
that keeps them, a byte is inside a quoted cell exactly where the number of double quotes before it is odd; so all can be counted at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from salesgauge.errors import LoadRefused
from salesgauge.sources.csv_records import MOST_UNREAD, too_many

CHUNK = 4 << 20
LONGEST = 1 << 20  # bytes of a row that the engine's reader is trusted with
_QUOTE, _LF, _CR = ord('"'), ord("\n"), ord("\r")
_BOM = b"\xef\xbb\xbf"
_SIGNS = ((b"PK\x03\x04", "a zip archive or an Excel workbook"), (b"\x1f\x8b", "compressed with gzip"), (b"PAR1", "a Parquet file"),
          (b"\xd0\xcf\x11\xe0", "an Excel workbook"), (b"%PDF", "a PDF document"), (b"\xff\xfe", "UTF-16 text"),
          (b"\xfe\xff", "UTF-16 text"), (b"SQLite format 3", "an SQLite database"), (b"BZh", "compressed with bzip2"),
          (b"\xfd7zXZ", "compressed with xz"))

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Structure:
    """What was found. `plain`: the file keeps RFC 4180 and has one kind of line end, so that `rows`, `wrong` and `skipped` are true.

    `rows` counts the rows of the right number of cells, without the header. `wrong` are the others: the line of each, how many cells it has
    and where its bytes begin and end. `skipped` are the lines after the header that hold no such row (wrong or empty), in order.
    `folded`: some quoted cell goes over several lines.
    """

    plain: bool
    rows: int = 0
    wrong: tuple[tuple[int, int, int, int], ...] = ()
    skipped: tuple[int, ...] = ()
    folded: bool = False
    header_lines: int = 1


class _Counting:
    """The state between two chunks; each chunk ends with a line feed, or is the last."""

    def __init__(self, width: int, delimiter: int) -> None:
        self.width, self.delimiter = width, delimiter
        self.odd = 0            # double quotes so far, modulo 2
        self.lines = 0          # line feeds so far
        self.offset = 0         # bytes so far
        self.cells = 0          # delimiters since the row began
        self.begin = 0          # where the row begins
        self.begin_line = 1     # and on which line
        self.records = 0        # rows so far, empty ones not counted
        self.header_lines = 0
        self.wrong: list[tuple[int, int, int, int]] = []
        self.empty: list[int] = []
        self.folded = False
        self.returns: int | None = None  # whether lines end with a carriage return, once one has ended

    def take(self, chunk: bytes) -> bool:
        """Counts the chunk; False where the file breaks the rules."""
        a = np.frombuffer(chunk, np.uint8)
        feeds = np.flatnonzero(a == _LF)
        marks = np.flatnonzero((a == self.delimiter) | (a == _LF))
        if b'"' in chunk:
            quotes = np.flatnonzero(a == _QUOTE)
            if not self._well_quoted(a, quotes):
                return False
            marks = marks[(np.searchsorted(quotes, marks) + self.odd) % 2 == 0]
            self.odd = (self.odd + len(quotes)) % 2
        elif self.odd:
            marks = marks[:0]
        if not self.cells and len(marks) == self.width * len(feeds) and np.array_equal(marks[self.width - 1::self.width], feeds):
            ends = np.arange(self.width - 1, len(marks), self.width)  # every row is as it should be: no need to look at each mark
        else:
            ends = np.flatnonzero(a[marks] == _LF)
        if not self._one_line_end(chunk, a, marks[ends], feeds):
            return False
        self._rows(a, marks, ends, feeds)
        self.folded = self.folded or len(ends) != len(feeds)
        self.lines += len(feeds)
        self.offset += len(chunk)
        return True

    def _well_quoted(self, a: NDArray[np.uint8], quotes: Numbers) -> bool:
        """Whether each opening quote stands at the beginning of a cell (or is the second of two) and each closing one at the end."""
        sides = np.array([self.delimiter, _LF, _CR, _QUOTE], np.uint8)
        opening, closing = quotes[self.odd::2], quotes[1 - self.odd::2]
        before = a[opening[opening > 0] - 1]
        after = a[closing[closing < len(a) - 1] + 1]
        return bool(np.isin(before, sides).all() and np.isin(after, sides).all())

    def _one_line_end(self, chunk: bytes, a: NDArray[np.uint8], ends: Numbers, feeds: Numbers) -> bool:
        """Whether all rows end alike: all with a line feed, or all with a carriage return and one. No carriage return stands elsewhere."""
        returns = chunk.count(b"\r") if b"\r" in chunk else 0
        if not len(ends):
            return returns == 0 or self.returns == 1
        before = int(np.count_nonzero(a[ends[ends > 0] - 1] == _CR))
        if self.returns is None:
            self.returns = int(before == len(ends))
        return returns == before == self.returns * len(ends)

    def _rows(self, a: NDArray[np.uint8], marks: Numbers, ends: Numbers, feeds: Numbers) -> None:
        """Counts the rows that end in this chunk, and remembers the wrong and the empty ones."""
        if not len(ends):
            self.cells += len(marks)
            return
        stops = marks[ends]
        cells = np.diff(ends, prepend=-1)
        cells[0] += self.cells
        starts = np.empty(len(ends), np.int64)
        starts[0], starts[1:] = self.begin - self.offset, stops[:-1] + 1
        header = self.header_lines == 0
        odd_ones = np.flatnonzero(cells != self.width) if self.width > 1 else np.flatnonzero(stops - starts <= (self.returns or 0))
        empties = 0
        for row in odd_ones.tolist():
            start, stop = int(starts[row]), int(stops[row])
            line = self.begin_line if row == 0 else self.lines + int(np.searchsorted(feeds, start)) + 1
            if stop - start <= (self.returns or 0):
                self.empty.append(line)
                empties += 1
            else:
                self.wrong.append((line, int(cells[row]), self.offset + start, self.offset + stop))
        if header:
            self.header_lines = self.lines + int(np.searchsorted(feeds, stops[0])) + 1
        self.records += len(ends) - empties
        self.cells = len(marks) - 1 - int(ends[-1])
        self.begin = self.offset + int(stops[-1]) + 1
        self.begin_line = self.lines + int(np.searchsorted(feeds, stops[-1])) + 2


def _not_text(path: Path, chunk: bytes, error: UnicodeDecodeError, offset: int, lines: int) -> LoadRefused:
    line = lines + chunk.count(b"\n", 0, error.start) + 1
    return LoadRefused(f"{path.name}, line {line}: byte {offset + error.start + 1} of the file (hexadecimal {chunk[error.start]:02x}) "
                       "is not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)")


def refuse_other_formats(path: Path, *, any_encoding: bool = False) -> None:
    """LoadRefused where the first bytes say that the file is no UTF-8 text at all; `any_encoding`: no text."""
    with path.open("rb") as file:
        begin = file.read(1024)
    for sign, what in _SIGNS:
        if begin.startswith(sign) and not (any_encoding and what == "UTF-16 text"):
            raise LoadRefused(f"{path.name} is {what}, not a CSV file; save it as CSV in UTF-8")
    if b"\0" in begin.split(b"\n")[0] and not any_encoding:
        raise LoadRefused(f"{path.name} is binary, not a CSV file: its first line must name the columns")


def empty(path: Path) -> LoadRefused:
    """The refusal of a file without a header."""
    return LoadRefused(f"{path.name} is empty: its first line must name the columns")


def scan(path: Path, width: int, delimiter: str = ",") -> Structure:
    """Finds the structure of a file whose header has `width` cells; LoadRefused where it is not UTF-8, with line and byte.

    Where the file breaks the rules the answer is only that it is not plain.
    """
    state = _Counting(width, ord(delimiter))
    plain = True
    with path.open("rb") as file:
        if file.read(3) != _BOM:
            file.seek(0)
        else:
            state.offset = state.begin = 3
        offset, lines = state.offset, 0
        for chunk in _chunks(file):
            if not chunk.isascii():
                try:
                    chunk.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise _not_text(path, chunk, error, offset, lines) from None
            if len(state.wrong) > MOST_UNREAD:
                raise too_many(path, state.wrong[0][0])
            plain = plain and len(chunk) <= CHUNK + LONGEST and b"\0" not in chunk and state.take(chunk)
            offset += len(chunk)
            lines = state.lines if plain else lines + chunk.count(b"\n")
    if not plain or state.odd or not state.header_lines:
        return Structure(False)
    wrong = tuple(w for w in state.wrong if w[0] > state.header_lines)
    if state.empty and (width == 1 or state.empty[0] <= state.header_lines):
        return Structure(False)
    return Structure(True, state.records - 1 - len(wrong), wrong, tuple(sorted([*(w[0] for w in wrong), *state.empty])), state.folded,
                     state.header_lines)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The file in pieces that end with a line feed; a last row that has no line end is given one as the others have."""
    rest, end = b"", b"\n"
    while piece := file.read(CHUNK):
        cut = piece.rfind(b"\n") + 1
        if not cut:
            rest += piece
            continue
        end = b"\r\n" if (rest + piece[:cut]).endswith(b"\r\n") else b"\n"
        yield rest + piece[:cut]
        rest = piece[cut:]
    if rest:
        yield rest + end


def lines_of(structure: Structure, rows: Numbers) -> Numbers:
    """The lines of data rows (from 1) in a plain file that is not folded."""
    skipped = np.asarray(structure.skipped, np.int64) - structure.header_lines
    before = np.searchsorted(skipped - np.arange(len(skipped)), rows, side="right")
    return rows + before + structure.header_lines
