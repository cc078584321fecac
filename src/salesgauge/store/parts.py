"""Writing the parts of a table that a load changes; what it does not change is not written again."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.schema import EXTRA, LINEAGE
from salesgauge.staging import ident, literal
from salesgauge.store.checking import one
from salesgauge.store.generation import FOLDER, PARTS, empty, lineage_type, parts_of, stored_columns
from salesgauge.store.merging import Merge, identity, same

MOST = 8  # parts of one table; beyond, all but the largest are made one
PARTIAL = ".partial"
GROUP = "32MB"  # of rows that are written together


def sync(path: Path) -> None:
    """Waits until the disk has the file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_part(con: duckdb.DuckDBPyConnection, workspace: Path, label: str, query: str) -> tuple[str, int]:
    """Writes the rows of `query` as a part, durably: its file name and its number of rows."""
    path = workspace / FOLDER / PARTS / f"{label}-{secrets.token_hex(8)}.parquet"
    partial = path.with_name(path.name + PARTIAL)
    # In any order, so that no more than a group of rows a thread is held in memory, however long the texts are.
    con.execute("SET preserve_insertion_order = false")
    rows, = one(con, f"COPY ({query}) TO {literal(str(partial))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '{GROUP}')")
    con.execute("SET preserve_insertion_order = true")
    sync(partial)
    partial.replace(path)
    return path.name, rows


@dataclass(frozen=True)
class _Part:
    """A stored part under a merge: its rows, and how many of them go."""

    path: Path
    rows: int
    dropped: int


def write_table(con: duckdb.DuckDBPyConnection, workspace: Path, merged: Merge) -> dict[str, Any]:
    """Writes what a merge changes: the manifest's entry of the table.

    Stored parts lose the rows to drop, the rows to add become a part. All parts of a table have the same columns, so a new dimension
    rewrites them, and so does the first load of a table that was written without lineage.
    """
    gone = f"EXISTS (SELECT 1 FROM {merged.drop} d WHERE {same('d', 'p', identity(merged.table))})" if merged.drop else "false"
    stored = [_Part(path, *one(con, f"SELECT count(*), count(*) FILTER ({gone}) FROM {parts_of((path,))} p"))
              for path in (merged.stored.parts if merged.stored else ())]
    left = sorted((p for p in stored if p.rows > p.dropped), key=lambda p: p.rows - p.dropped, reverse=True)
    known = merged.stored.extras if merged.stored else ()
    fresh = merged.extras[len(known):]
    told = merged.stored is not None and merged.stored.lineage
    columns = ", ".join([*(ident(n) for n, _ in stored_columns(merged.table)), *(ident(EXTRA + x) for x in known),
                         *(f"CAST(NULL AS VARCHAR) AS {ident(EXTRA + x)}" for x in fresh),
                         *(c if told else empty(c, lineage_type(c)) for c in LINEAGE)])
    tidy = left[1:] if len(left) + 1 > MOST else []
    names: list[str] = []
    total = 0
    together = [merged.add] if merged.add else []
    for part in left:
        query = f"SELECT {columns} FROM {parts_of((part.path,))} p WHERE NOT {gone}"
        if part in tidy:
            together.append(query)
        elif part.dropped or fresh or not told:
            names.append(write_part(con, workspace, merged.table.name, query)[0])
            total += part.rows - part.dropped
        else:
            names.append(part.path.name)
            total += part.rows
    if together:
        name, rows = write_part(con, workspace, merged.table.name, " UNION ALL ".join(f"({query})" for query in together))
        names.append(name)
        total += rows
    return {"parts": names, "rows": total, "extras": list(merged.extras), "lineage": True}
