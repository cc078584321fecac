"""Merging one load of a table into what is stored: which rows are new, changed, unchanged or gone. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from salesgauge.schema import EXTRA, ORDINAL, Table
from salesgauge.staging import ROW, ident
from salesgauge.store.checking import one
from salesgauge.store.generation import StoredTable, stored_columns, table_sql
from salesgauge.store.keys import Incoming


@dataclass(frozen=True)
class Merge:
    """What a load does to a table: the stored rows to drop (a table of their identities, None where none) and a query of rows to add.

    `add` gives every column of the table, in stored order, with the extras `extras`; None where there is nothing to add.
    """

    table: Table
    stored: StoredTable | None
    extras: tuple[str, ...]
    drop: str | None
    add: str | None
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    notes: tuple[str, ...] = ()

    @property
    def touches(self) -> bool:
        """Whether the table is another one afterwards."""
        return self.stored is None or self.drop is not None or self.add is not None or self.extras != self.stored.extras


def identity(table: Table) -> tuple[str, ...]:
    """The columns that identify a stored row."""
    return (*table.key, ORDINAL) if table.ordered else table.key


def same(left: str, right: str, columns: tuple[str, ...]) -> str:
    """SQL: the two rows agree in `columns`; empty equals empty."""
    return " AND ".join(f"{left}.{ident(c)} IS NOT DISTINCT FROM {right}.{ident(c)}" for c in columns)


def _all_extras(stored: StoredTable | None, incoming: Incoming) -> tuple[str, ...]:
    known = stored.extras if stored else ()
    brought = [x.removeprefix(EXTRA) for x, _ in incoming.checked.staged.extras]
    return (*known, *(x for x in brought if x not in known))


def merge(con: duckdb.DuckDBPyConnection, incoming: Incoming, stored: StoredTable | None, complete: bool) -> Merge:
    """Compares the sound rows with the stored ones; `complete`: stored rows that the file lacks go."""
    table = incoming.table
    extras = _all_extras(stored, incoming)
    names = [name for name, _ in stored_columns(table)] + [EXTRA + x for x in extras]
    types = dict(stored_columns(table))
    brought = {*incoming.columns, ORDINAL}
    empty = {n: f"CAST(NULL AS {types.get(n, 'VARCHAR')})" for n in names}
    if stored is None or not stored.parts:
        chosen = ", ".join(f"{ident(n) if n in brought else empty[n]} AS {ident(n)}" for n in names)
        add = f"SELECT {chosen} FROM {incoming.relation}" if incoming.rows else None
        return Merge(table, stored, extras, None, add, new=incoming.rows)
    con.execute(f"CREATE OR REPLACE TEMP VIEW stored_{table.name} AS {table_sql(table, stored)}")
    wide = _with_all_keys(incoming)
    by = same("s", "i", identity(table))
    known = [n for n in names if n in brought and n not in identity(table) and (n in types or n.removeprefix(EXTRA) in stored.extras)]
    fresh = [n for n in names if n in brought and n not in types and n.removeprefix(EXTRA) not in stored.extras]
    differs = " OR ".join([*(f"s.{ident(n)} IS DISTINCT FROM i.{ident(n)}" for n in known), *(f"i.{ident(n)} IS NOT NULL" for n in fresh)])
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE fate_{table.name} AS
        SELECT i.{ROW}, s.there IS NULL AS fresh FROM {wide} i LEFT JOIN (SELECT *, true AS there FROM stored_{table.name}) s ON {by}
        WHERE s.there IS NULL OR {differs or 'false'}""")
    new, changed = one(con, f"SELECT count(*) FILTER (fresh), count(*) FILTER (NOT fresh) FROM fate_{table.name}")
    gone, notes = _go(con, incoming, wide, complete)
    if changed:
        con.execute(f"INSERT INTO drop_{table.name} SELECT {', '.join(f'i.{ident(c)}' for c in identity(table))} FROM {wide} i "
                    f"WHERE i.{ROW} IN (SELECT {ROW} FROM fate_{table.name} WHERE NOT fresh)")
    chosen = ", ".join((f"i.{ident(n)}" if n in brought else f"s.{ident(n)}" if n in types or n.removeprefix(EXTRA) in stored.extras
                        else empty[n]) + f" AS {ident(n)}" for n in names)
    add = (f"SELECT {chosen} FROM (SELECT * FROM {wide} WHERE {ROW} IN (SELECT {ROW} FROM fate_{table.name})) i "
           f"LEFT JOIN stored_{table.name} s ON {by}") if new or changed else None
    return Merge(table, stored, extras, f"drop_{table.name}" if changed or gone else None, add, new, changed,
                 incoming.rows - new - changed, gone, notes)


def _with_all_keys(incoming: Incoming) -> str:
    """The sound rows as a view that has every key column, those that the file lacks empty."""
    table = incoming.table
    types = dict(stored_columns(table))
    lacking = [f"CAST(NULL AS {types[k]}) AS {ident(k)}" for k in table.key if k not in incoming.columns]
    con_view = f"(SELECT *{''.join(', ' + x for x in lacking)} FROM {incoming.relation})"
    return con_view


def _go(con: duckdb.DuckDBPyConnection, incoming: Incoming, wide: str, complete: bool) -> tuple[int, tuple[str, ...]]:
    """Fills `drop_<table>` with the stored rows that this load takes away: how many, and notes for the report.

    A row that was set aside still stands in the file: the stored row with its key stays. Where such a key cannot be read, none goes.
    """
    table = incoming.table
    columns = ", ".join(f"s.{ident(c)}" for c in identity(table))
    con.execute(f"CREATE OR REPLACE TEMP TABLE drop_{table.name} AS SELECT {columns} FROM stored_{table.name} s WHERE false")
    if not (complete or table.ordered):
        return 0, ()
    key = tuple(k for k in table.key if k in incoming.columns)
    required = [k for k in key if (c := table.column(k)) and c.required]
    unknown, = one(con, f"SELECT count(*) FROM {incoming.aside} WHERE {' OR '.join(f'{ident(k)} IS NULL' for k in required)}")
    unknown += len(incoming.checked.staged.unread)
    notes: tuple[str, ...] = ()
    if complete and unknown:
        complete = False
        notes = (f"{incoming.checked.staged.file}: {unknown} rows were set aside whose key cannot be read, so no stored row of "
                 f"{table.name} was taken away",)
    if not (complete or table.ordered):
        return 0, notes
    recorded = f"AND s.{ORDINAL} > 0" if table.ordered else ""
    group = "" if complete else f"AND EXISTS (SELECT 1 FROM {wide} g WHERE {same('g', 's', table.key)})"
    con.execute(f"""
        INSERT INTO drop_{table.name} SELECT {columns} FROM stored_{table.name} s
        WHERE NOT EXISTS (SELECT 1 FROM {wide} i WHERE {same('i', 's', identity(table))})
          AND NOT EXISTS (SELECT 1 FROM {incoming.aside} a WHERE {same('a', 's', key)}) {recorded} {group}""")
    gone, = one(con, f"SELECT count(*) FROM drop_{table.name}")
    return gone, notes
