"""Writing the parts of a table that a load changes; what it does not change is not written again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.schema import EXTRA, LINEAGE, Table
from salesgauge.staging import ident, literal
from salesgauge.store.checking import one
from salesgauge.store.generation import FOLDER, PARTS, empty, lineage_type, stored_columns
from salesgauge.store.keeping import sync as sync
from salesgauge.store.merging import Merge, dropped_sql
from salesgauge.store.places import PART_, PLACE, PLACE_, counts, parts_of, rows_left

MOST = 8  # parts of one table; beyond, the smaller ones are made one
SMALL = 20_000  # rows of a part that is written again where any of them go; of a larger one it is noted which went ...
THIN = 0.1      # ... until they are this share of it
PARTIAL = ".partial"
# In groups of rows of so many bytes at most; why the rest: docs/decisions/0029.
_COPY = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '32MB')"


def write_part(con: duckdb.DuckDBPyConnection, workspace: Path, label: str, query: str) -> tuple[str, int]:
    """Writes the rows of `query` as a part, durably: its file name and its number of rows."""
    path = workspace / FOLDER / PARTS / f"{label}-{secrets.token_hex(8)}.parquet"
    partial = path.with_name(path.name + PARTIAL)
    # In any order, so that no more than a group of rows a thread is held in memory, however long the texts are.
    con.execute("SET preserve_insertion_order = false")
    rows, = one(con, f"COPY ({query}) TO {literal(str(partial))} {_COPY}")
    con.execute("SET preserve_insertion_order = true")
    sync(partial)
    partial.replace(path)
    return path.name, rows


@dataclass(frozen=True)
class _Part:
    """A stored part under a merge: its number in the table, the rows that its file has, the places of those that went before, and how
    many went before and go now."""

    number: int
    path: Path
    rows: int
    gone: Path | None
    went: int
    goes: int

    @property
    def left(self) -> int:
        """How many rows of it still hold."""
        return self.rows - self.went - self.goes

    @property
    def wears(self) -> bool:
        """Whether it is written again for the rows that go: it is small, or much of it is gone by now."""
        return self.goes > 0 and (self.rows <= SMALL or self.went + self.goes > THIN * self.rows)


def write_table(con: duckdb.DuckDBPyConnection, workspace: Path, merged: Merge) -> dict[str, Any]:
    """Writes what a merge changes: the manifest's entry of the table.

    The rows to add become a part. A stored part that loses rows stays as it is, and where they stand in it becomes a small file beside it;
    one that is small or of which much is gone by now is written again, together with what is added. All parts of a table have the same
    columns, so a new dimension rewrites them, and so does the first load of a table that was written without lineage.
    """
    table = merged.table
    parts = _parts(con, merged)
    left = sorted((p for p in parts if p.left), key=lambda p: p.left, reverse=True)
    known = merged.stored.extras if merged.stored else ()
    fresh = merged.extras[len(known):]
    told = merged.stored is not None and merged.stored.lineage
    again = [p for p in left if p.wears or fresh or not told]
    stays = [p for p in left if p not in again]
    again += _too_many(stays)
    stays = [p for p in stays if p not in again]
    columns = ", ".join([*(ident(n) for n, _ in stored_columns(table)), *(ident(EXTRA + x) for x in known),
                         *(f"CAST(NULL AS VARCHAR) AS {ident(EXTRA + x)}" for x in fresh),
                         *(c if told else empty(c, lineage_type(c)) for c in LINEAGE)])
    together = [merged.add] if merged.add else []
    for part in again:
        but = f" p ANTI JOIN ({_goes(table, part)}) g ON p.{PLACE_} = g.{PLACE_}" if part.goes else ""
        together.append(f"SELECT {columns} FROM ({rows_left(part.path, part.gone, place=PLACE_)}){but}")
    names = [part.path.name for part in stays]
    gone = {part.path.name: places for part in stays if (places := _write_gone(con, workspace, table, part))}
    total = sum(part.left for part in stays)
    if together:
        name, rows = write_part(con, workspace, table.name, " UNION ALL ".join(f"({query})" for query in together))
        names.append(name)
        total += rows
    return {"parts": names, "gone": gone, "rows": total, "extras": list(merged.extras), "lineage": True}


def _too_many(parts: list[_Part]) -> list[_Part]:
    """Of parts beside which another is to stand, the largest first, those that are made one with it: where they would be too many the
    smaller ones, and a larger one only if all of these together are as large. So a row is written again a few times, however many small
    loads come after it."""
    if len(parts) < MOST:
        return []
    chosen: list[_Part] = []
    for part in reversed(parts):
        if len(parts) - len(chosen) < MOST // 2 and part.left > sum(p.left for p in chosen):
            break
        chosen.append(part)
    return chosen


def _parts(con: duckdb.DuckDBPyConnection, merged: Merge) -> list[_Part]:
    """The stored parts. Makes `going_<table>` (part, place) of the rows that go, where any do."""
    stored = merged.stored
    if stored is None:
        return []
    goes: dict[int, int] = {}
    if merged.drop:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {_going(merged.table)} AS SELECT {PART_}, {PLACE_} FROM ({dropped_sql(merged)})")
        goes = dict(con.execute(f"SELECT {PART_}, count(*) FROM {_going(merged.table)} GROUP BY ALL").fetchall())
    held, gone = counts(con, stored.files), [stored.gone.get(path.name) for path in stored.parts]
    return [_Part(number, path, held[path], places, held[places] if places else 0, goes.get(number, 0))
            for number, (path, places) in enumerate(zip(stored.parts, gone, strict=True))]


def _going(table: Table) -> str:
    return f"going_{table.name}"


def _goes(table: Table, part: _Part) -> str:
    return f"SELECT {PLACE_} FROM {_going(table)} WHERE {PART_} = {part.number}"


def _write_gone(con: duckdb.DuckDBPyConnection, workspace: Path, table: Table, part: _Part) -> str | None:
    """The name of the file with the places of all rows of a part that are gone then; None where none are."""
    if not part.goes:
        return part.gone.name if part.gone else None
    before = f" UNION ALL FROM {parts_of((part.gone,))}" if part.gone else ""
    return write_part(con, workspace, f"gone_{table.name}", f"SELECT {PLACE_} AS {PLACE} FROM ({_goes(table, part)}{before}) ORDER BY 1")[0]
