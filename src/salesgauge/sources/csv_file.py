"""One canonical CSV file, staged as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from salesgauge.errors import LoadRefused
from salesgauge.schema import Table
from salesgauge.sources.csv_records import records, wrong_number
from salesgauge.sources.headers import understand
from salesgauge.staging import FILE, ROW, StagedTable, Unread, ident, literal

ROWS_AT_ONCE = 50_000


def lines_of_rows(path: Path, width: int, rows: Sequence[int], *, delimiter: str = ",", encoding: str = "utf-8-sig") -> list[int]:
    """The lines on which the given data rows (from 1, counting rows of `width` cells only) begin, in the order asked."""
    wanted = set(rows)
    last = max(wanted, default=0)
    found: dict[int, int] = {}
    row = 0
    for line, cells in _data(path, delimiter, encoding):
        if isinstance(cells, Unread) or len(cells) != width:
            continue
        row += 1
        if row in wanted:
            found[row] = line
        if row >= last:
            break
    return [found[r] for r in rows]


def _data(path: Path, delimiter: str, encoding: str) -> Iterator[tuple[int, list[str] | Unread]]:
    found = records(path, delimiter=delimiter, encoding=encoding)
    next(found)
    return found


def stage(table: Table, path: Path, con: duckdb.DuckDBPyConnection, scratch: Path) -> StagedTable:
    """Stages the CSV file `path` as rows of `table`; raises LoadRefused where it is not one."""
    first = next(records(path), None)
    if first is None or isinstance(first[1], Unread):
        raise LoadRefused(f"{path.name} is empty: its first line must name the columns")
    header = understand(table, first[1], path.name)
    width = len(header.stored)
    raw = scratch / f"{table.name}.raw.parquet"
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)])
    rows, unread, batch = 0, [], []
    with pq.ParquetWriter(raw, schema, compression="snappy") as writer:
        def flush() -> None:
            columns = list(zip(*batch, strict=True)) if batch else [()] * width
            writer.write_table(pa.table([pa.array(c, pa.string()) for c in columns], schema=schema))
            batch.clear()
        for line, cells in _data(path, ",", "utf-8-sig"):
            if isinstance(cells, Unread):
                unread.append(cells)
            elif len(cells) != width:
                unread.append(wrong_number(line, len(cells), width, ",".join(cells)))
            else:
                batch.append(cells)
                rows += 1
                if len(batch) >= ROWS_AT_ONCE:
                    flush()
        flush()
    relation = f"staged_{table.name}"
    named = [(f"c{i}", stored) for i, stored in enumerate(header.stored) if stored]
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT {', '.join(f'{c} AS {ident(s)}' for c, s in named)}, "
                f"{literal(path.name)} AS {FILE}, file_row_number + 1 AS {ROW} FROM read_parquet({literal(str(raw))}, file_row_number = true)")
    return StagedTable(table, path.name, relation, tuple(s for _, s in named), header.extras, rows, tuple(unread),
                       lambda wanted: lines_of_rows(path, width, wanted), header.notes)
