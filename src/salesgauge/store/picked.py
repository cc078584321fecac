"""Few rows of a long file: first where they stand is found, from the columns that tell it alone; then the others are read around these
places.

A join that keeps few rows of a file still has every column of it unpacked. A test with constants is looked at first, and where no row
passes nothing else is unpacked: so what is found becomes one constant, a bit for each stretch of rows that are unpacked together.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from salesgauge.store.places import NUMBER, PLACE, count_in, parts_of

STRETCH = 11  # bits of a place within its stretch: DuckDB unpacks 2048 rows together
MOST = 0.5    # stretches with a place, as a share of all, beyond which nothing is gained by looking at each row's first


def places_found(path: Path, tests: Collection[str], gone: Path | None) -> str:
    """SQL: the places (PLACE) of the rows `r` of a file that pass any of the tests, but those that are `gone`. A test that looks at one
    column is the cheapest."""
    found = " UNION ".join(f"SELECT r.{NUMBER} AS {PLACE} FROM {parts_of([path], numbered=True)} r WHERE {test}" for test in tests)
    return f"SELECT p.{PLACE} FROM ({found}) p" + (f" ANTI JOIN {parts_of([gone])} g ON p.{PLACE} = g.{PLACE}" if gone else "")


def at_places(con: duckdb.DuckDBPyConnection, path: Path, columns: str, table: str) -> str:
    """SQL: these columns of the rows `r` of a file that stand at the places in a table."""
    stretches = f"bitstring_agg({PLACE} >> {STRETCH}, 0, {count_in(con, [path]) >> STRETCH})"
    found = con.execute(f"SELECT coalesce(CAST({stretches} AS VARCHAR), '') FROM {table}").fetchone()
    assert found is not None
    bits = str(found[0])
    rows = f"SELECT {columns} FROM {parts_of([path], numbered=True)} r WHERE r.{NUMBER} IN (SELECT {PLACE} FROM {table})"
    if bits.count("1") > MOST * len(bits) or not bits:
        return rows
    # Straight over the file: from nowhere else does DuckDB take a test that might fail into its scan.
    return f"{rows} AND get_bit(CAST('{bits}' AS BIT), CAST(r.{NUMBER} >> {STRETCH} AS INTEGER)) = 1"
