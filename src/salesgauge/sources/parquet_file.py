"""One canonical Parquet file, staged with the types it has."""

from __future__ import annotations

from pathlib import Path

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.schema import Table
from salesgauge.sources.headers import understand
from salesgauge.staging import FILE, ROW, StagedTable, ident, literal


def stage(table: Table, path: Path, con: duckdb.DuckDBPyConnection, scratch: Path) -> StagedTable:
    """Stages the Parquet file `path` as rows of `table`, without reading it; raises LoadRefused where it is none."""
    source = f"read_parquet({literal(str(path))}, binary_as_string = true, file_row_number = true, hive_partitioning = false)"
    try:
        names = [str(column[0]) for column in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        rows, = con.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
        size, = con.execute(f"SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata({literal(str(path))})").fetchall()[0]
    except duckdb.Error as problem:
        raise LoadRefused(f"{path.name} cannot be read as Parquet: {str(problem).splitlines()[0]}") from None
    names.remove("file_row_number")
    header = understand(table, names, path.name)
    named = [(name, stored) for name, stored in zip(names, header.stored, strict=True) if stored]
    relation = f"staged_{table.name}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT {', '.join(f'{ident(n)} AS {ident(s)}' for n, s in named)}, "
                f"{literal(path.name)} AS {FILE}, file_row_number + 1 AS {ROW} FROM {source}")
    return StagedTable(table, path.name, relation, tuple(s for _, s in named), header.extras, int(rows), (), list, header.notes, int(size))
