"""One CSV file as a Parquet file of text: by the engine's parallel reader where its structure allows, else row by row."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from salesgauge.errors import LoadRefused
from salesgauge.schema import Table
from salesgauge.sources.csv_records import MOST_UNREAD, SHOWN, records, too_many, wrong_number
from salesgauge.sources.csv_structure import LONGEST, Structure, empty, lines_of, refuse_other_formats, scan
from salesgauge.sources.headers import understand
from salesgauge.staging import FILE, ROW, StagedTable, Unread, ident, literal

ROWS_AT_ONCE = 20_000
GROUP = 32 << 20  # bytes of a group of rows


@dataclass(frozen=True)
class TextFile:
    """A CSV file read as text: a Parquet file with columns c0, c1 ... in the order of the rows, and what could not be split into cells."""

    headers: tuple[str, ...]
    parquet: Path
    rows: int
    unread: tuple[Unread, ...]
    lines: Callable[[Sequence[int]], Sequence[int]]


def read_headers(path: Path, *, delimiter: str = ",") -> tuple[str, ...]:
    """The cells of the header of a UTF-8 file; LoadRefused where it is empty or no such text."""
    refuse_other_formats(path)
    try:
        first = next(records(path, delimiter=delimiter), None)
    except UnicodeDecodeError as error:
        scan(path, 1, delimiter)  # refuses, and says where
        raise LoadRefused(f"{path.name} is not UTF-8: {error.reason}") from None
    if first is None:
        raise empty(path)
    line, cells = first
    if isinstance(cells, Unread):
        raise LoadRefused(f"{path.name}, line {line}: the header cannot be read: {cells.message}")
    return tuple(cells)


def read_csv(path: Path, con: duckdb.DuckDBPyConnection, scratch: Path, label: str, *, delimiter: str = ",",
             encoding: str = "utf-8") -> TextFile:
    """Reads the file `path` as text, by way of files in `scratch` that begin with `label`.

    Raises LoadRefused where the file is not in that encoding or cannot be read without losing rows.
    """
    if encoding != "utf-8":
        path = as_utf8(path, scratch / label, encoding)
    headers = read_headers(path, delimiter=delimiter)
    structure = scan(path, len(headers), delimiter)
    target = scratch / f"{label}.raw.parquet"

    def lines(rows: Sequence[int]) -> Sequence[int]:
        if structure.plain and not structure.folded:
            return [int(line) for line in lines_of(structure, np.asarray(rows, np.int64))]
        return lines_of_rows(path, len(headers), rows, delimiter=delimiter)
    if structure.plain and _by_engine(con, path, target, len(headers), structure, delimiter):
        return TextFile(headers, target, structure.rows, _wrong(path, structure, len(headers)), lines)
    rows, unread = _by_row(path, target, len(headers), delimiter)
    return TextFile(headers, target, rows, unread, lines)


def as_utf8(path: Path, folder: Path, encoding: str) -> Path:
    """A copy in UTF-8, of the same name and with the same lines."""
    folder.mkdir(exist_ok=True)
    copy = folder / path.name
    try:
        with path.open(encoding=encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except (UnicodeDecodeError, LookupError) as problem:
        raise LoadRefused(f"{path.name} is not text in {encoding}: {problem}") from None
    return copy


def _by_engine(con: duckdb.DuckDBPyConnection, path: Path, target: Path, width: int, structure: Structure, delimiter: str) -> bool:
    """Reads a plain file with the engine; False where it did not find the very rows that the structure has."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    parallel, lenient = str(not structure.folded).lower(), str(bool(structure.wrong)).lower()
    source = (f"read_csv({literal(str(path))}, columns = {{{columns}}}, header = true, delim = {literal(delimiter)}, quote = '\"', "
              f"escape = '\"', auto_detect = false, hive_partitioning = false, max_line_size = {4 * LONGEST}, parallel = {parallel}, "
              f"ignore_errors = {lenient})")
    bytes_a_row = path.stat().st_size // max(structure.rows, 1) + 1
    group = min(max(GROUP // bytes_a_row // 2048, 1) * 2048, 122_880)  # the engine holds whole groups of rows in memory
    try:
        written = con.execute(f"COPY (SELECT * FROM {source}) TO {literal(str(target))} "
                              f"(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {group})").fetchone()
    except duckdb.Error:
        return False
    return written is not None and int(written[0]) == structure.rows


def _wrong(path: Path, structure: Structure, width: int) -> tuple[Unread, ...]:
    found = []
    with path.open("rb") as file:
        for line, cells, begin, end in structure.wrong:
            file.seek(begin)
            text = file.read(min(end - begin, 4 * SHOWN)).decode("utf-8", "ignore").rstrip("\r")
            found.append(wrong_number(line, cells, width, text))
    return tuple(found)


def _by_row(path: Path, target: Path, width: int, delimiter: str) -> tuple[int, tuple[Unread, ...]]:
    """Reads any file that can be read, row by row: how many rows, and those that could not be split."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)])
    unread: list[Unread] = []
    rows = 0

    def batches() -> Iterator[list[list[str]]]:
        batch: list[list[str]] = []
        size = 0
        for line, cells in _data(path, delimiter):
            if len(unread) > MOST_UNREAD:
                raise too_many(path, unread[0].line)
            if isinstance(cells, Unread):
                unread.append(cells)
            elif len(cells) != width:
                unread.append(wrong_number(line, len(cells), width, delimiter.join(cells)))
            else:
                batch.append(cells)
                size += sum(map(len, cells))
                if len(batch) >= ROWS_AT_ONCE or size > 64 << 20:
                    yield batch
                    batch, size = [], 0
        yield batch

    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        for batch in batches():
            columns = [[cells[i] for cells in batch] for i in range(width)]
            writer.write_table(pa.table([pa.array(c, pa.string()) for c in columns], schema=schema))
            rows += len(batch)
    return rows, tuple(unread)


def _data(path: Path, delimiter: str) -> Iterator[tuple[int, list[str] | Unread]]:
    found = records(path, delimiter=delimiter)
    next(found)
    return found


def lines_of_rows(path: Path, width: int, rows: Sequence[int], *, delimiter: str = ",") -> list[int]:
    """The lines on which the given data rows (from 1, counting rows of `width` cells only) begin, in the order asked; reads the file."""
    wanted = set(rows)
    last = max(wanted, default=0)
    found: dict[int, int] = {}
    row = 0
    for line, cells in _data(path, delimiter):
        if isinstance(cells, Unread) or len(cells) != width:
            continue
        row += 1
        if row in wanted:
            found[row] = line
        if row >= last:
            break
    return [found[r] for r in rows]


def stage(table: Table, path: Path, con: duckdb.DuckDBPyConnection, scratch: Path) -> StagedTable:
    """Stages the CSV file `path` as rows of `table`; raises LoadRefused where it is not one."""
    header = understand(table, read_headers(path), path.name)
    text = read_csv(path, con, scratch, table.name)
    relation = f"staged_{table.name}"
    named = [(f"c{i}", stored) for i, stored in enumerate(header.stored) if stored]
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT {', '.join(f'{c} AS {ident(s)}' for c, s in named)}, "
                f"{literal(path.name)} AS {FILE}, file_row_number + 1 AS {ROW} "
                f"FROM read_parquet({literal(str(text.parquet))}, file_row_number = true, hive_partitioning = false)")
    return StagedTable(table, path.name, relation, tuple(s for _, s in named), header.extras, text.rows, text.unread, text.lines,
                       header.notes, path.stat().st_size)
