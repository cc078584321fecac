"""Rows of a Parquet file that is never changed, but for those that went since: their places stand in a small file beside it.

A place is the number of a row in its file, counted from 0 (`file_row_number` of DuckDB). The parts of a table lose rows so; where none went
nothing is left out, and the file is read as it is. A kept fact has one such file for all of its own (store/kept.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from salesgauge.staging import literal

PLACE = "place"  # the only column of a file of places
PART_, PLACE_ = "part_", "place_"  # of a row of a table: the number of its part, and its place in that
NUMBER = "file_row_number"  # what DuckDB calls it


def rows_left(path: Path, gone: Path | None = None, columns: str = "*", place: str | None = None) -> str:
    """SQL: these columns of the rows of a file but those at the places `gone`; with `place` also where each stands, under that name.
    The rows are `r` in `columns`."""
    shown = [columns if columns != "*" or (gone is None and place is None) else f"r.* EXCLUDE ({NUMBER})",
             *([f"r.{NUMBER} AS {place}"] if place else [])]
    numbered = ", file_row_number = true" if gone or place else ""
    but = f" ANTI JOIN read_parquet({literal(str(gone))}) g ON r.{NUMBER} = g.{PLACE}" if gone else ""
    return f"SELECT {', '.join(shown)} FROM read_parquet({literal(str(path))}, hive_partitioning = false{numbered}) r{but}"


def counts(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[Path, int]:
    """How many rows each of several Parquet files has; their ends say it."""
    listed = ", ".join(literal(str(path)) for path in paths)
    found = con.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{listed}])").fetchall() if listed else []
    return {Path(name): int(rows) for name, rows in found}


def count_in(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> int:
    """How many rows Parquet files have together."""
    return sum(counts(con, paths).values())
