"""Several ids of one thing become one: each table as everybody reads it, from the table as its sources say it.

The table as its sources say it is what loads are merged into, and stays as it is; beside it stands the table in which every column that
refers to the thing has its one id. Where nothing in a table was replaced the two are one and the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from salesgauge.schema import ENTITIES, EXTRA, LINEAGE, LOCAL, TABLES, Table
from salesgauge.staging import ident, literal
from salesgauge.store.checking import one
from salesgauge.store.generation import StoredTable, stored_columns, table_sql
from salesgauge.store.identity.finding import MOVED, ONES
from salesgauge.store.merging import Merge, identity, same

PLACE = "place_"  # of a row's record among those of its thing, the most trusted first
TOGETHER = {"reps": (("hired_on", "left_on"),)}  # columns that are taken from one record: either alone would say something else
WHOLE = ("rep_assignments", "quotas")  # their rows are taken as they are, by the most trusted record


@dataclass(frozen=True)
class Seen:
    """A table as everybody reads it: how it differs from before (None: not at all), and whether it is another than its sources say."""

    merge: Merge | None
    apart: bool


def apply(con: duckdb.DuckDBPyConnection, table: Table, said_before: StoredTable | None, said: StoredTable, seen: StoredTable | None,
          merged: Merge | None) -> Seen:
    """What becomes of the table that everybody reads (`seen`, before), of which the sources said `said_before` and now say `said`, which
    `merged` brought about (None: they say the same). Needs ONES and MOVED. The merge is to be written onto `seen`."""
    refers = _refers(table)
    if not refers:
        return Seen(merged, False)
    was_apart = seen is not None and said_before is not None and seen != said_before
    entities = ", ".join(literal(entity) for entity in {entity for _column, entity in refers})
    ones, moved = (one(con, f"SELECT count(*) FROM {name} WHERE entity IN ({entities})")[0] for name in (ONES, MOVED))
    if not ones and not was_apart:
        return Seen(merged, False)
    if table.key[0] in (entity.id for entity in ENTITIES.values()):
        return _whole(con, table, said, seen, bool(ones))
    if merged is None and not moved:
        return Seen(None, was_apart)
    known = said_before is not None and bool(said_before.parts)
    changed = _changed(con, table, refers, said, merged, bool(moved)) if known else None
    rows = _rewritten(table, said, refers)
    chosen = rows if changed is None else (f"SELECT r.* FROM ({rows}) r WHERE EXISTS (SELECT 1 FROM {changed} c "
                                           f"WHERE {same('c', 'r', identity(table))})")
    if not was_apart and not _replaces(con, table, refers, said, changed):
        return Seen(merged, False)
    added, = one(con, f"SELECT count(*) FROM ({chosen})")
    drop = f"drop_seen_{table.name}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {drop} AS SELECT {_listed('s', identity(table))} FROM ({table_sql(table, seen)}) s "
                + ("" if changed is None else f"WHERE EXISTS (SELECT 1 FROM {changed} c WHERE {same('c', 's', identity(table))})"))
    dropped, = one(con, f"SELECT count(*) FROM {drop}")
    merge = Merge(table, seen, said.extras, drop if dropped else None, chosen if added else None, new=added)
    return Seen(merge if merge.touches else None, bool(ones))


def _refers(table: Table) -> list[tuple[str, str]]:
    """The columns of a table that hold ids of an entity, each with the entity."""
    return [(column, entity.name) for entity in ENTITIES.values() for column in entity.referring.get(table.name, ())]


def _listed(alias: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{ident(c)}" for c in columns)


def _rewritten(table: Table, said: StoredTable, refers: list[tuple[str, str]], more: str = "") -> str:
    """SQL: the rows that the sources say, with the one id in place of each other, then `more`."""
    joins = " ".join(f"LEFT JOIN {ONES} o{place} ON o{place}.entity = {literal(entity)} AND o{place}.id = r.{column}"
                     for place, (column, entity) in enumerate(refers))
    new = {column: f"coalesce(o{place}.one, r.{column})" for place, (column, _entity) in enumerate(refers)}
    if {"rep_id", "manager_id"} <= new.keys():  # who became one with their manager is no manager of their own
        new["manager_id"] = (f"CASE WHEN {new['manager_id']} <> {new['rep_id']} OR r.manager_id = r.rep_id THEN {new['manager_id']} END")
    replaced = ", ".join(f"{made} AS {column}" for column, made in new.items())
    return f"SELECT r.* REPLACE ({replaced}){more} FROM ({table_sql(table, said, lineage=True)}) r {joins}"


def _changed(con: duckdb.DuckDBPyConnection, table: Table, refers: list[tuple[str, str]], said: StoredTable, merged: Merge | None,
             moved: bool) -> str:
    """The name of a table of the rows (by what identifies them) that may come out as others than before."""
    columns = ", ".join(map(ident, identity(table)))
    parts = []
    if merged is not None:
        parts += [f"SELECT {columns} FROM {merged.drop}"] if merged.drop else []
        parts += [f"SELECT {columns} FROM ({merged.add})"] if merged.add else []
    if moved:
        among = " OR ".join(f"{column} IN (SELECT id FROM {MOVED} WHERE entity = {literal(entity)})" for column, entity in refers)
        parts.append(f"SELECT {columns} FROM ({table_sql(table, said)}) WHERE {among}")
    if not parts:
        parts.append(f"SELECT {columns} FROM ({table_sql(table, said)}) LIMIT 0")
    name = f"changed_{table.name}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT {columns} FROM ({' UNION ALL '.join(parts)})")
    return name


def _replaces(con: duckdb.DuckDBPyConnection, table: Table, refers: list[tuple[str, str]], said: StoredTable, changed: str | None) -> bool:
    """Whether any of the rows has an id that becomes another."""
    among = " OR ".join(f"r.{column} IN (SELECT id FROM {ONES} WHERE entity = {literal(entity)} AND id <> one)"
                        for column, entity in refers)
    within = "" if changed is None else f" AND EXISTS (SELECT 1 FROM {changed} c WHERE {same('c', 'r', identity(table))})"
    return one(con, f"SELECT count(*) FROM ({table_sql(table, said)}) r WHERE ({among}){within}")[0] > 0


def _whole(con: duckdb.DuckDBPyConnection, table: Table, said: StoredTable, seen: StoredTable | None, ones: bool) -> Seen:
    """A table whose key is an id of the thing: several rows become one. It is small, and made anew."""
    name, columns = f"one_{table.name}", _columns(table, said)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_combined(table, said)}")
    shown = ", ".join(map(ident, columns))
    before = f"SELECT {shown} FROM ({table_sql(table, seen, lineage=True)})" if seen is not None and seen.extras == said.extras else ""
    key = ", ".join(map(ident, identity(table)))
    drop = f"drop_seen_{table.name}"
    gone = f"({before} EXCEPT SELECT {shown} FROM {name})" if before else f"({table_sql(table, seen)})"
    con.execute(f"CREATE OR REPLACE TEMP TABLE {drop} AS SELECT {key} FROM {gone}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE fresh_{table.name} AS SELECT {shown} FROM {name} {f'EXCEPT {before}' if before else ''}")
    dropped, added = one(con, f"SELECT (SELECT count(*) FROM {drop}), (SELECT count(*) FROM fresh_{table.name})")
    add = f"SELECT {shown} FROM fresh_{table.name}" if added else None
    merge = Merge(table, seen, said.extras, drop if dropped else None, add, new=added)
    return Seen(merge if merge.touches else None, ones)


def _columns(table: Table, said: StoredTable) -> list[str]:
    return [*(name for name, _type in stored_columns(table)), *(EXTRA + extra for extra in said.extras), *LINEAGE]


def _combined(table: Table, said: StoredTable) -> str:
    """SQL: a table with one row for the records of one thing. The most trusted record that says something of a column is believed, but of
    TOGETHER all from one; of WHOLE a row stands as it is, and a quota gives way to one of a more trusted record on any of its days."""
    key, refers = table.key[0], _refers(table)
    placed = next(place for place, (column, _entity) in enumerate(refers) if column == key)
    rows = _rewritten(table, said, refers, f", o{placed}.place AS {PLACE}")
    columns = _columns(table, said)
    shown = ", ".join(map(ident, columns))
    alone = f"SELECT {shown} FROM ({rows}) WHERE {PLACE} IS NULL"
    several = f"({rows}) r WHERE r.{PLACE} IS NOT NULL"
    if table.name == "quotas":
        better = (f"SELECT 1 FROM ({rows}) b WHERE b.{PLACE} < r.{PLACE} AND b.{key} = r.{key} AND b.starts_on < r.ends_on "
                  "AND r.starts_on < b.ends_on")
        return f"{alone} UNION ALL SELECT {shown} FROM {several} AND NOT EXISTS ({better})"
    if table.name in WHOLE:
        keys = ", ".join(map(ident, table.key))
        return f"{alone} UNION ALL SELECT {shown} FROM {several} QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {PLACE}) = 1"
    made = {key: key}
    for group in (*TOGETHER.get(table.name, ()), *((c.name, c.name + LOCAL) for c in TABLES[table.name].columns
                                                   if c.name + LOCAL in columns)):
        packed = f"{{{', '.join(f'{column!r}: {column}' for column in group)}}}"
        first = f"arg_min({packed}, {PLACE}) FILTER (coalesce({', '.join(group)}) IS NOT NULL)"
        made |= {column: f"({first}).{column}" for column in group}
    told = f"{{{', '.join(f'{column!r}: {column}' for column in LINEAGE)}}}"
    made |= {column: f"(arg_min({told}, {PLACE})).{column}" for column in LINEAGE}
    combined = ", ".join(f"{made.get(column, f'arg_min({ident(column)}, {PLACE})')} AS {ident(column)}" for column in columns)
    return f"{alone} UNION ALL SELECT {combined} FROM {several} GROUP BY {key}"
