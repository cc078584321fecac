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


def parts_of(paths: Sequence[Path], *, numbered: bool = False) -> str:
    """SQL: what stands after FROM to read the rows of Parquet files of one shape; with `numbered` also each row's place, as NUMBER, in the
    file that `file_index` counts from 0."""
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false{f', {NUMBER} = true' if numbered else ''})"


def rows_left(path: Path, gone: Path | None = None, columns: str = "*", place: str | None = None) -> str:
    """SQL: these columns of the rows of a file but those at the places `gone`; with `place` also where each stands, under that name.
    The rows are `r` in `columns`."""
    shown = [columns if columns != "*" or (gone is None and place is None) else f"r.* EXCLUDE ({NUMBER})",
             *([f"r.{NUMBER} AS {place}"] if place else [])]
    but = f" ANTI JOIN {parts_of([gone])} g ON r.{NUMBER} = g.{PLACE}" if gone else ""
    return f"SELECT {', '.join(shown)} FROM {parts_of([path], numbered=bool(gone or place))} r{but}"


def counts(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[Path, int]:
    """How many rows each of several Parquet files has; their ends say it."""
    listed = ", ".join(literal(str(path)) for path in paths)
    found = con.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{listed}])").fetchall() if listed else []
    return {Path(name): int(rows) for name, rows in found}


def count_in(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> int:
    """How many rows Parquet files have together."""
    return sum(counts(con, paths).values())
