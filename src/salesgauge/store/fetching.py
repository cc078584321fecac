"""Fetches what a statement gives, for those who have its rows written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from salesgauge.semantics.groups import Groups

if TYPE_CHECKING:
    import pyarrow as pa

_SAME = frozenset(("BIGINT", "INTEGER", "DOUBLE", "VARCHAR", "BOOLEAN"))  # types whose values are the same by either way


def fetched(cursor: duckdb.DuckDBPyConnection, *, by_columns: bool = False) -> Groups:
    """The rows of a statement that was run. `by_columns`: numpy hands them over, in half the time where there are thousands; for who has
    it imported already, which takes as long as 50,000 rows do otherwise."""
    names = tuple(column[0] for column in cursor.description)
    types = [str(column[1]) for column in cursor.description]
    if not by_columns or not _SAME.issuperset(types):
        return Groups(names, cursor.fetchall())
    return Groups(names, list(zip(*(column.tolist() for column in cursor.fetchnumpy().values()), strict=True)))


def of_table(table: pa.Table) -> Groups:
    """The rows of an Arrow table."""
    return Groups(tuple(table.column_names), list(zip(*(column.to_pylist() for column in table.columns), strict=True)))
