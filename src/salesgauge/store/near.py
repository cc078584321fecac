"""Rows of facts that were looked at while facts were brought forward: of some values of a column all rows, in tables of one connection.

A fact that needs no more of them reads them there. To find the same few rows of a long file again would cost as much as the first time.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import duckdb

from salesgauge.staging import ident
from salesgauge.store.checking import one

FEW, MOST = 200_000, 40  # rows of a table that is kept, and how many of them are: the oldest go first


class _Some(NamedTuple):
    """All rows of a fact that have one of the values of a table in a column; of other columns than `told` they say nothing."""

    fact: str
    column: str
    told: frozenset[str]
    values: str
    rows: str


class Near:
    """What one connection has at hand of facts, each by the name of the folder that it is kept in."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._kept: list[_Some] = []
        self._made = 0

    def keep(self, fact: str, column: str, told: Collection[str], values: str, rows: str) -> None:
        """Takes a table with all rows of a fact that have one of these values (SQL) in a column, if there are few."""
        con = self._con
        if one(con, f"SELECT count(*) FROM temp.main.{ident(rows)}")[0] > FEW:
            return
        self._made += 1
        some = _Some(fact, column, frozenset(told), f"near_values_{self._made}", f"near_rows_{self._made}")
        con.execute(f"CREATE TEMP TABLE {some.values} AS SELECT DISTINCT value FROM ({values}) t(value) WHERE value IS NOT NULL")
        con.execute(f"ALTER TABLE temp.main.{ident(rows)} RENAME TO {some.rows}")
        self._kept.append(some)
        if len(self._kept) > MOST:
            self._drop()

    def find(self, fact: str, column: str, told: Collection[str], values: str) -> str | None:
        """What stands in SQL for a table with all rows of a fact that have one of these values (SQL) in a column, and perhaps others, that
        tells these columns of them; None where none is at hand."""
        for some in reversed(self._kept):
            if some.fact == fact and some.column == column and some.told >= set(told) and not self._con.execute(
                    f"SELECT 1 FROM ({values}) t(value) WHERE value NOT IN (SELECT value FROM temp.main.{some.values}) LIMIT 1").fetchall():
                return f"temp.main.{some.rows}"
        return None

    def clear(self) -> None:
        """Lets go of all."""
        while self._kept:
            self._drop()

    def _drop(self) -> None:
        some = self._kept.pop(0)
        for table in (some.values, some.rows):
            self._con.execute(f"DROP TABLE temp.main.{table}")
