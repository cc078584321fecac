"""What a load changed, row by row: beside a generation's tables, the rows that went and those that came.

A row that changed stands twice, as it was and as it is. A load that changed much of a table keeps no rows of it: what was derived from
the table is then made anew.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from salesgauge.schema import EXTRA
from salesgauge.staging import ident
from salesgauge.store.checking import one
from salesgauge.store.generation import Generation, stored_columns
from salesgauge.store.merging import Merge, dropped_sql
from salesgauge.store.parts import write_part

MOST, SHARE = 1000, 0.2  # rows of a table that are kept: so many, or this share of its rows where that is more
# SQL: whether a row changed, of those of its changes that are equal: it has one state at a time, and of what went and came again two are.
CHANGED = "count(*) % 2 = 1"


def write_changes(con: duckdb.DuckDBPyConnection, workspace: Path, merged: Merge) -> str | None:
    """Writes the rows that a merge takes away or adds as a part: its file name. None where the table is new or too much changed."""
    stored = merged.stored
    if stored is None or merged.extras != stored.extras:
        return None
    most = max(MOST, SHARE * stored.rows)
    if merged.new + merged.changed > most:
        return None
    dropped = one(con, f"SELECT count(*) FROM {merged.drop}")[0] if merged.drop else 0
    if dropped > most:
        return None
    columns = ", ".join(ident(name) for name in [*(name for name, _ in stored_columns(merged.table)), *(EXTRA + x for x in merged.extras)])
    queries = []
    if merged.add:
        queries.append(f"SELECT {columns} FROM ({merged.add})")
    if merged.drop:
        queries.append(f"SELECT {columns} FROM ({dropped_sql(merged)})")
    return write_part(con, workspace, f"changes_{merged.table.name}", " UNION ALL ".join(queries))[0] if queries else None


def since(newest: Generation, older: list[Generation]) -> dict[str, list[Path] | None] | None:
    """What changed from the last of `older` to `newest`, `older` being the generations before it, the newest first: by table the files
    of rows, None where they were not kept. None for all where a generation does not tell."""
    found: dict[str, list[Path] | None] = {}
    for generation in [newest, *older[:-1]]:
        if generation.changes is None:
            return None
        for table, path in generation.changes.items():
            known = found.get(table, [])
            found[table] = None if path is None or known is None else [*known, path]
    return found
