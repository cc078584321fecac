"""Writes the rows of a fact as its first layer: in one file, or where there may be many in one for each quarter of a column of days.

Who asks for a quarter then reads few others' rows. Full order of time gains little more, and takes twice as long to write; quarters take
a quarter more.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.staging import ident, literal
from salesgauge.store.kept import COPY, FORM, first

LARGE = 5_000_000  # rows of the longest table beside which there may be many
_QUARTER, _FOLDER = "quarter_", "quarters"


def write_rows(con: duckdb.DuckDBPyConnection, sql: str, folder: Path, day: str | None, longest: int,
               values: Mapping[str, Any] | None = None) -> None:
    """Writes the rows of a query with these values into an empty folder. `day`: the column of days, None where nothing is gained by one;
    `longest`: how many rows the longest table of the workspace has."""
    if day is not None and longest >= LARGE and _by_quarter(con, sql, folder, ident(day), values):
        return
    con.execute(f"COPY ({sql}) TO {literal(str(folder / first()))} {COPY}", values)


def _by_quarter(con: duckdb.DuckDBPyConnection, sql: str, folder: Path, day: str, values: Mapping[str, Any] | None) -> bool:
    """Writes a file for each quarter, those without a day in one of their own; says whether there was any."""
    apart = folder / _FOLDER
    con.execute(f"COPY (SELECT *, year({day}) * 4 + quarter({day}) AS {_QUARTER} FROM ({sql})) TO {literal(str(apart))} "
                f"({FORM}, PARTITION_BY ({_QUARTER}))", values)
    files = sorted(apart.glob("*/*.parquet"))
    for number, path in enumerate(files):
        path.rename(folder / first(number))
    shutil.rmtree(apart, ignore_errors=True)
    return bool(files)
