"""One CSV file as a Parquet file of text: by the engine's parallel reader where its structure allows, else row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from salesgauge.errors import LoadRefused
from salesgauge.schema import Table
from salesgauge.sources.csv_records import SHOWN, records, wrong_number
from salesgauge.sources.csv_structure import Structure, lines_of, refuse_other_formats, scan
from salesgauge.sources.headers import understand
from salesgauge.staging import FILE, ROW, StagedTable, Unread, ident, literal

ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class TextFile:
    """A CSV file read as text: a Parquet file with columns c0, c1 ... in the order of the rows, and what could not be split into cells."""

    headers: tuple[str, ...]
    parquet: Path
    rows: int
    unread: tuple[Unread, ...]
    lines: Callable[[Sequence[int]], Sequence[int]]


def read_headers(path: Path, *, delimiter: str = ",", encoding: str = "utf-8-sig") -> tuple[str, ...]:
    """The cells of the header; LoadRefused where the file is empty or no text."""
    refuse_other_formats(path)
    try:
        first = next(records(path, delimiter=delimiter, encoding=encoding), None)
    except UnicodeDecodeError:
        scan(path, 1, delimiter)  # says where
        raise LoadRefused(f"{path.name} is not text in {encoding}") from None
    if first is None:
        raise LoadRefused(f"{path.name} is empty: its first line must name the columns")
    if isinstance(first[1], Unread):
        raise LoadRefused(f"{path.name}, line {first[0]}: the header cannot be read: {first[1].message}")
    return tuple(first[1])


def read_csv(path: Path, con: duckdb.DuckDBPyConnection, scratch: Path, label: str, *, delimiter: str = ",") -> TextFile:
    """Reads the UTF-8 file `path` as text; LoadRefused where that cannot be done without losing rows."""
    headers = read_headers(path, delimiter=delimiter)
    structure = scan(path, len(headers), delimiter)
    target = scratch / f"{label}.raw.parquet"
    if structure.plain and _by_engine(con, path, target, len(headers), structure, delimiter):
        def lines(rows: Sequence[int]) -> Sequence[int]:
            if structure.folded:
                return lines_of_rows(path, len(headers), rows, delimiter=delimiter)
            return [int(n) for n in lines_of(structure, np.asarray(rows, np.int64))]
        return TextFile(headers, target, structure.rows, _wrong(path, structure, len(headers)), lines)
    rows, unread = _by_row(path, target, len(headers), delimiter)
    return TextFile(headers, target, rows, unread, lambda wanted: lines_of_rows(path, len(headers), wanted, delimiter=delimiter))


def _by_engine(con: duckdb.DuckDBPyConnection, path: Path, target: Path, width: int, structure: Structure, delimiter: str) -> bool:
    """Reads a plain file with the engine; False where it did not find the very rows that the structure has."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    options = [f"columns = {{{columns}}}", "header = true", f"delim = {literal(delimiter)}", "quote = '\"'", "escape = '\"'",
               "auto_detect = false", "hive_partitioning = false", "max_line_size = 4194304", f"parallel = {str(not structure.folded).lower()}"]
    if structure.wrong:
        options.append("ignore_errors = true")
    try:
        written = con.execute(f"COPY (SELECT * FROM read_csv({literal(str(path))}, {', '.join(options)})) TO {literal(str(target))} "
                              "(FORMAT parquet, COMPRESSION snappy)").fetchone()
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
    return StagedTable(table, path.name, relation, tuple(s for _, s in named), header.extras, text.rows, text.unread, text.lines, header.notes)
