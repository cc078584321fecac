"""Merging one load of a table into what is stored: which rows are new, changed, unchanged or gone. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.schema import EXTRA, LINEAGE, LOADED, LOADED_AT, ORDINAL, RECORD, SOURCE, Table
from salesgauge.staging import FILE, ROW, ident, literal
from salesgauge.store.checking import one, stand
from salesgauge.store.generation import StoredTable, stored_columns, table_sql
from salesgauge.store.keys import Incoming

FEW, MANY = 0.02, 50_000  # rows that come in, as a share of a table's that has so many: it is read once


@dataclass(frozen=True)
class Origin:
    """Where the rows of a load come from: the name and instant (UTC without zone) of the load, and the name of the connected system
    (None: from files). `keeps`: it only says more of stored rows, which keep the origin that they have."""

    load: str
    at: datetime
    system: str | None = None
    keeps: bool = False

    def sql(self, source: str, record: str) -> str:
        """SQL: the columns of LINEAGE, given those of the source and of the record."""
        at = f"TIMESTAMP {literal(self.at.isoformat(sep=' '))}"
        return f"{source} AS {SOURCE}, {record} AS {RECORD}, {literal(self.load)} AS {LOADED}, {at} AS {LOADED_AT}"


@dataclass(frozen=True)
class Merge:
    """What a load does to a table: the stored rows to drop (a table of their identities, None where none) and a query of rows to add.

    `add` gives every column of the table in stored order, then the extras `extras`, then those of LINEAGE; None where there is nothing
    to add. `met`: a table with all the stored rows to drop, and perhaps others, and where they stand; None where none was made.
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
    met: str | None = None

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


def _listed(alias: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{ident(c)}" for c in columns)


def merge(con: duckdb.DuckDBPyConnection, incoming: Incoming, stored: StoredTable | None, complete: bool, origin: Origin) -> Merge:
    """Compares the sound rows with the stored ones; `complete`: stored rows that the file lacks go (of a connected system's load those
    that came from that system).

    Leaves `delta_<table>` (the new and changed rows, with `fresh`) and `stored_<table>` where the table had rows before.
    """
    table = incoming.table
    known = stored.extras if stored else ()
    extras = (*known, *(x for x in incoming.extras if x not in known))
    if stored is None or not stored.parts:
        add = f"SELECT {_filled(table, extras, incoming, None, origin)[0]} FROM {incoming.relation} i" if incoming.rows else None
        return Merge(table, stored, extras, None, add, new=incoming.rows)
    name = table.name
    wide = _with_every_key(incoming)
    met = _meet(con, incoming, stored, wide) if not complete and incoming.rows <= FEW * stored.rows and stored.rows >= MANY else None
    con.execute(f"CREATE OR REPLACE TEMP VIEW stored_{name} AS {f'FROM {met}' if met else table_sql(table, stored, lineage=True)}")
    by = same("s", "i", identity(table))
    key = ", ".join(map(ident, identity(table)))
    says, novel = _says(table, incoming, stored)
    came, stands, moved = _moved(incoming, origin)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE fate_{name} AS
        SELECT i.{ROW}, s.one IS NULL AS fresh
        FROM (SELECT {ROW}, {key}, {says}, {novel} AS novel{came} FROM {wide}) i
        LEFT JOIN (SELECT {key}, {says}{stands} FROM stored_{name}) s ON {by}
        WHERE s.one IS NULL OR i.one <> s.one OR i.two <> s.two OR i.novel{moved}""")
    if origin.system is not None:
        _refuse_others(con, incoming, wide, by, origin.system)
    new, changed = one(con, f"SELECT count(*) FILTER (fresh), count(*) FILTER (NOT fresh) FROM fate_{name}")
    size = incoming.checked.staged.size * (new + changed) / max(incoming.rows, 1)
    stand(con, f"delta_{name}", f"SELECT i.*, f.fresh FROM {wide} i JOIN fate_{name} f ON f.{ROW} = i.{ROW}", new + changed, size)
    gone, notes = _fill_drop(con, incoming, wide, complete, origin)
    if changed:
        con.execute(f"INSERT INTO drop_{name} SELECT {_listed('i', identity(table))} FROM delta_{name} i WHERE NOT i.fresh")
    filled, kept = _filled(table, extras, incoming, stored, origin)
    add = f"SELECT {filled} FROM delta_{name} i {f'LEFT JOIN stored_{name} s ON {by}' if kept else ''}" if new or changed else None
    return Merge(table, stored, extras, f"drop_{name}" if changed or gone else None, add, new, changed, incoming.rows - new - changed, gone,
                 notes, met)


def _meet(con: duckdb.DuckDBPyConnection, incoming: Incoming, stored: StoredTable, wide: str) -> str:
    """Makes a table of the stored rows that have a key which comes in, with where they stand: a large table is then read once, however
    often these are looked at. Its name."""
    name, rows = incoming.table.name, table_sql(incoming.table, stored, lineage=True, placed=True)
    con.execute(f"CREATE OR REPLACE TEMP TABLE met_{name} AS SELECT * FROM ({rows}) s "
                f"WHERE EXISTS (SELECT 1 FROM {wide} i WHERE {same('i', 's', incoming.table.key)})")
    return f"met_{name}"


def dropped_sql(merged: Merge) -> str:
    """SQL: the stored rows that a merge takes away, with where they stand; there must be some."""
    assert merged.drop is not None
    rows = f"FROM {merged.met}" if merged.met else table_sql(merged.table, merged.stored, placed=True)
    return f"SELECT s.* FROM ({rows}) s WHERE EXISTS (SELECT 1 FROM {merged.drop} d WHERE {same('d', 's', identity(merged.table))})"


def _refuse_others(con: duckdb.DuckDBPyConnection, incoming: Incoming, wide: str, by: str, system: str) -> None:
    """Two systems number their records by themselves: where their keys meet, one would overwrite the other's rows. A file's rows may be
    a system's (their names have a dot, those of systems have none)."""
    name = incoming.table.name
    key = ", ".join(f"CAST(s.{ident(k)} AS VARCHAR)" for k in incoming.table.key)
    row = con.execute(f"SELECT count(*), min(concat_ws(' / ', {key})), min(s.{SOURCE}) FROM stored_{name} s JOIN {wide} i ON {by} "
                      f"WHERE s.{SOURCE} <> {literal(system)} AND NOT contains(s.{SOURCE}, '.')").fetchone()
    assert row is not None
    if row[0]:
        rows = "1 row has a key" if row[0] == 1 else f"{row[0]:,} rows have keys"
        raise LoadRefused(f"{incoming.checked.staged.file}: {rows} (such as {row[1]}) of {name} that came from {row[2]}; give the ids of "
                          f"{system} a prefix of their own")


def _with_every_key(incoming: Incoming) -> str:
    """SQL: the sound rows with every key column, those that the file lacks empty."""
    types = dict(stored_columns(incoming.table))
    lacking = [f"CAST(NULL AS {types[k]}) AS {ident(k)}" for k in incoming.table.key if k not in incoming.columns]
    return f"(SELECT *{''.join(f', {column}' for column in lacking)} FROM {incoming.relation})"


def _filled(table: Table, extras: tuple[str, ...], incoming: Incoming, stored: StoredTable | None, origin: Origin) -> tuple[str, bool]:
    """SQL: every stored column: as the file has it (`i`), else as it is stored (`s`), else empty; and whether any is taken from `s`.
    The lineage is that of this load, or that of the stored row, which it then has."""
    brought = {*incoming.columns, *table.key, ORDINAL} if stored else {*incoming.columns, ORDINAL}
    held = {*(n for n, _ in stored_columns(table)), *(EXTRA + x for x in stored.extras)} if stored else set()
    made = []
    for name, kind in [*stored_columns(table), *((EXTRA + x, "VARCHAR") for x in extras)]:
        source = f"i.{ident(name)}" if name in brought else f"s.{ident(name)}" if name in held else f"CAST(NULL AS {kind})"
        made.append(f"{source} AS {ident(name)}")
    if origin.keeps:
        return ", ".join([*made, *(f"s.{c}" for c in LINEAGE)]), True
    return ", ".join([*made, origin.sql(*_came(incoming, origin))]), not held <= brought


def _came(incoming: Incoming, origin: Origin) -> tuple[str, str]:
    """SQL: the file or system that a row of `i` comes from, and its record there."""
    return (f"i.{FILE}" if origin.system is None else literal(origin.system),
            f"i.{RECORD}" if incoming.checked.staged.recorded else "CAST(NULL AS VARCHAR)")


def _moved(incoming: Incoming, origin: Origin) -> tuple[str, str, str]:
    """SQL: the lineage of a connected system's row `i` and of the stored row `s`, and whether they differ: so a row that a file brought
    before becomes the system's. A file that says what is stored already leaves the row to whom it belongs."""
    if origin.system is None:
        return "", "", ""
    of, record = _came(incoming, origin)
    came = f", {of} AS {SOURCE}, {record.removeprefix('i.')} AS {RECORD}"
    return came, f", {SOURCE}, {RECORD}", "".join(f" OR i.{c} IS DISTINCT FROM s.{c}" for c in (SOURCE, RECORD))


def _says(table: Table, incoming: Incoming, stored: StoredTable) -> tuple[str, str]:
    """SQL: what a row says in the columns that the file and the store have, as the 128 bits `one` and `two` (so that comparing two large
    tables holds no texts in memory); and whether it has a value in a dimension that only the file has."""
    held = {*(n for n, _ in stored_columns(table)), *(EXTRA + x for x in stored.extras)}
    compared = [ident(n) for n in incoming.columns if n not in table.key and n in held]
    novel = [f"{ident(n)} IS NOT NULL" for n in incoming.columns if n not in held]
    one, two = (f"hash({', '.join([salt, *compared])}) AS {name}" for salt, name in (("1", "one"), ("'2'", "two")))
    return f"{one}, {two}", " OR ".join(novel) or "false"


def _fill_drop(con: duckdb.DuckDBPyConnection, incoming: Incoming, wide: str, complete: bool,
               origin: Origin) -> tuple[int, tuple[str, ...]]:
    """Makes `drop_<table>` with the stored rows that this load takes away: how many, and notes for the report.

    Of an ordered table the rows of a group that the file brings replace the stored group. A row that was set aside still stands in the
    file: the stored rows of its key stay; where such a key cannot be read, nothing is lacking for certain.
    """
    table = incoming.table
    name = table.name
    con.execute(f"CREATE OR REPLACE TEMP TABLE drop_{name} AS SELECT {_listed('s', identity(table))} FROM stored_{name} s WHERE false")
    key = tuple(k for k in table.key if k in incoming.columns)
    notes: tuple[str, ...] = ()
    if complete:
        unknown = " OR ".join(f"{ident(c.name)} IS NULL" for c in table.columns if c.name in key and c.required)
        count, = one(con, f"SELECT count(*) FROM {incoming.aside} WHERE {unknown}")
        if count := count + len(incoming.checked.staged.unread):
            complete = False
            notes = (f"{incoming.checked.staged.file}: the key of {count} rows that were set aside cannot be read, so no stored row of "
                     f"{name} was taken away",)
    if not complete and not table.ordered:
        return 0, notes
    file_only = f"AND s.{ORDINAL} > 0" if table.ordered else ""  # what loads recorded themselves is no file's to take away
    own = f"AND s.{SOURCE} = {literal(origin.system)}" if complete and origin.system is not None else ""
    group = "" if complete else f"AND EXISTS (SELECT 1 FROM {wide} g WHERE {same('g', 's', table.key)})"
    con.execute(f"""
        INSERT INTO drop_{name} SELECT {_listed('s', identity(table))} FROM stored_{name} s
        WHERE NOT EXISTS (SELECT 1 FROM {wide} i WHERE {same('i', 's', identity(table))})
          AND NOT EXISTS (SELECT 1 FROM {incoming.aside} a WHERE {same('a', 's', key)}) {file_only} {own} {group}""")
    gone, = one(con, f"SELECT count(*) FROM drop_{name}")
    return gone, notes
