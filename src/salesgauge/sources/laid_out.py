"""A file laid out for people, a CSV or a sheet with titles above, a header of several rows, totals and notes below, read as text.

Which row is what is said by the file's options (mapping.language.FileOptions); what is no record is set aside and said, never dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesgauge.errors import LoadRefused
from salesgauge.sources.csv_file import TextFile
from salesgauge.sources.csv_records import MOST_UNREAD, SHOWN, records, too_many, wrong_number
from salesgauge.sources.sheet import MARK, Record, is_workbook, read_sheet
from salesgauge.staging import Unread

if TYPE_CHECKING:
    from salesgauge.sources.mapping.language import FileOptions

ROWS_AT_ONCE = 20_000


def beginning(text: str) -> str:
    """The words with which a row of totals begins, to be compared: `Grand Total (45 rows): 12` and `grand total` are the same."""
    words = re.split(r"[:：(（\d]", text.strip(), maxsplit=1)[0] or text
    return " ".join(words.split()).strip(" .,;-–—*=").casefold()


def is_left_out(cells: Sequence[str], begins: frozenset[str]) -> bool:
    """Whether the first cell that is not empty begins as totals and notes of this file do."""
    first = next((c for c in cells if c.strip()), "")
    return bool(begins) and beginning(first) in begins


def header_of(rows: Sequence[Sequence[str]], merged: Sequence[tuple[int, int]] = ()) -> tuple[str, ...]:
    """The names of the columns from the rows of a header: upper and lower name with a slash between; one that stands again gets a number.

    An upper name counts for the columns right of it that have none, where the row below has several names under it. `merged` are further
    pairs of first and last column over which the upper name reaches.
    """
    width = max(map(len, rows))
    full = [[c.strip() for c in [*row, *[""] * (width - len(row))]] for row in rows]
    for upper, lower in pairwise(full):
        for place in range(1, width):
            reaches = any(left < place <= right for left, right in merged)
            if not upper[place] and (reaches or lower[place]):
                upper[place] = upper[place - 1]
    names = []
    for column in zip(*full, strict=True):
        parts = list(dict.fromkeys(" ".join(part.split()) for part in column if part))
        names.append(" / ".join(parts))
    counted: Counter[str] = Counter()
    for place, name in enumerate(names):
        counted[name] += 1
        if name and counted[name] > 1:
            names[place] = f"{name} ({counted[name]})"
    return tuple(names)


def rows_of(path: Path, sheet: str, delimiter: str, begin: int) -> Iterator[Record]:
    """Each row from line `begin` on (of a sheet: the row), with its line; empty rows are passed over. The CSV is UTF-8."""
    if not is_workbook(path.name):
        for line, cells in records(path, delimiter=delimiter, begin=begin):
            if isinstance(cells, Unread) or any(map(str.strip, cells)):
                yield line, cells
        return
    for number, row in enumerate(read_sheet(path, sheet).rows[begin - 1:], start=begin):
        if any(map(str.strip, row)):
            yield number, row


def _header(found: Iterator[Record], options: FileOptions, name: str) -> list[list[str]]:
    header: list[list[str]] = []
    for line, cells in found:
        if isinstance(cells, Unread):
            raise LoadRefused(f"{name}, line {line}: the header cannot be read: {cells.message}")
        header.append(cells)
        if len(header) == options.header_rows:
            return header
    raise LoadRefused(f"{name} has no row {'on or after line ' + str(options.header) if options.header else 'at all'}: a header is needed")


def read_laid_out(path: Path, sheet: str, options: FileOptions, scratch: Path, label: str) -> TextFile:
    """Reads a sheet, or a CSV file that is UTF-8, as its options say. LoadRefused where it has no header there."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    name = f"{path.name}{MARK}{sheet}" if sheet else path.name
    found = rows_of(path, sheet, options.delimiter, options.header or 1)
    header = _header(found, options, name)
    merged = tuple((left, right) for first, left, _last, right in read_sheet(path, sheet).merged
                   if first == (options.header or 1) - 1) if is_workbook(path.name) and options.header_rows > 1 else ()
    headers = header_of(header, merged)
    width = len(headers)
    begins = frozenset(map(beginning, options.leave_out))
    last = [c.strip() for c in header[-1]]
    unread: list[Unread] = []
    lines: list[int] = []
    target = scratch / f"{label}.raw.parquet"
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)])

    def whole() -> Iterator[list[str]]:
        for line, cells in found:
            if len(unread) > MOST_UNREAD:
                raise too_many(path, unread[0].line)
            if isinstance(cells, Unread):
                unread.append(cells)
                continue
            if is_left_out(cells, begins) or [c.strip() for c in cells] == last:
                text = options.delimiter.join(cells)[:SHOWN]
                unread.append(Unread(line, text, "no_record", "this row is a total, a note or the header again, not a record"))
                continue
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if len(cells) != width:
                unread.append(wrong_number(line, len(cells), width, options.delimiter.join(cells)))
                continue
            lines.append(line)
            yield cells

    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        batch: list[list[str]] = []
        for cells in whole():
            batch.append(cells)
            if len(batch) >= ROWS_AT_ONCE:
                writer.write_table(_table(batch, schema))
                batch = []
        writer.write_table(_table(batch, schema))

    def lines_of(rows: Sequence[int]) -> Sequence[int]:
        return [lines[row - 1] for row in rows]
    return TextFile(headers, target, len(lines), tuple(unread), lines_of)


def _table(batch: list[list[str]], schema: Any) -> Any:
    import pyarrow as pa
    columns = list(zip(*batch, strict=True)) if batch else [()] * len(schema)
    return pa.table([pa.array(c, pa.string()) for c in columns], schema=schema)
