"""What the latest load of each table set aside: counted by table and reason, and read a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from salesgauge.store.generation import REJECT_COLUMNS, Generation, rejects_sql

_OF = '($1 IS NULL OR "table" = $1) AND ($2 IS NULL OR reason = $2)'


@dataclass(frozen=True)
class Aside:
    """How many rows (`whole`) or single cells of a table were set aside for a reason."""

    table: str
    reason: str
    whole: bool
    count: int


def counted(con: duckdb.DuckDBPyConnection, generation: Generation) -> tuple[Aside, ...]:
    """Everything set aside, counted; the most frequent first."""
    rows = con.execute(f'SELECT "table", reason, whole, count(*) FROM ({rejects_sql(generation)}) GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3')
    return tuple(Aside(*row) for row in rows.fetchall())


def entries(con: duckdb.DuckDBPyConnection, generation: Generation, table: str | None, reason: str | None, *, offset: int = 0,
            limit: int = 50) -> list[Mapping[str, Any]]:
    """What was set aside (of a table, for a reason; None: of all) by its place in the files: the columns REJECT_COLUMNS."""
    names = [name for name, _type in REJECT_COLUMNS]
    rows = con.execute(f'SELECT * FROM ({rejects_sql(generation)}) WHERE {_OF} ORDER BY "table", file, line, "column" NULLS FIRST '
                       "LIMIT $3 OFFSET $4", [table, reason, limit, offset])
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
