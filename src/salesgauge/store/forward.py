"""Brings a fact forward: from what an earlier generation kept of it and what was loaded since, without building it whole.

The keys that the changed rows reach (semantics/reach.py) are computed again, from only the rows that they need; of those keys whose rows
then differ the old rows go and the new ones come. A fact that nothing reached is the same files under another name.

Beside the files of a fact lies how it differs from the one that it was brought forward from (rows as they were and as they are), so
that the facts that read it are brought forward in turn.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import WorkspaceError
from salesgauge.semantics.reach import BEFORE, KEYS
from salesgauge.staging import ident, literal
from salesgauge.store.changes import since
from salesgauge.store.checking import one
from salesgauge.store.generation import Generation, named, open_tables
from salesgauge.store.instants import Instant, LatestEvents
from salesgauge.store.kept import Held, KeptFacts, gone, layer
from salesgauge.store.parts import sync

FEW, SHARE = 1000, 0.3   # keys that are computed again: so many, or this share of the fact's rows; beyond, it is built whole
SMALL = 200_000          # rows of a fact that is written as one file each time; a larger one gets a second layer ...
THIN = 0.1               # ... until that or what is gone of the first is this share of the first
COMPARED = 500_000       # rows of a fact that was built whole and is still compared with what it was
WAS = "was_"             # of a row of differences: it is how things were
_COPY = "(FORMAT parquet)"


def stamp_of(instant: Instant | None) -> str | None:
    """What names a kept fact as of an instant; None where it is of no instant in particular."""
    return str(instant) if instant else None


@dataclass(frozen=True)
class _Before:
    """A fact as an earlier generation kept it as of the same instant; `stamp` is what names it there."""

    held: Held
    stamp: str | None


class Forward:
    """What a generation's facts can be brought forward from: the facts that the last generation before it that kept any has kept under
    the same definitions. For several threads; `events` gives the events that decide a fact as of an instant."""

    def __init__(self, root: Path, generation: Generation, folder_of: Callable[[str], Path],
                 events: Callable[[str], frozenset[Any] | None]) -> None:
        self._root, self._generation, self._folder_of, self._events = root, generation, folder_of, events
        self._base: Generation | None = None
        self._changes: Mapping[str, list[Path] | None] = {}
        self._latest, self._lock, self._looked = LatestEvents(), threading.RLock(), False
        self._con: duckdb.DuckDBPyConnection | None = None

    def base(self) -> Generation | None:
        """The generation whose kept facts are brought forward; None where there is none, or it is not known what changed since."""
        with self._lock:
            if not self._looked:
                self._looked = True
                with suppress(WorkspaceError):
                    self._find()
            return self._base

    def _find(self) -> None:
        older: list[Generation] = []
        name = self._generation.previous
        while name is not None:
            older.append(named(self._root, name))
            if self._folder_of(name).is_dir():
                changes = since(self._generation, older)
                if changes is not None:
                    self._base, self._changes = older[-1], changes
                return
            name = older[-1].previous

    def kept(self) -> KeptFacts | None:
        """The facts that are brought forward."""
        base = self.base()
        return KeptFacts(self._folder_of(base.name)) if base else None

    def close(self) -> None:
        """Ends it."""
        if self._con is not None:
            self._con.close()

    def stamp_before(self, name: str, instant: Instant | None) -> str | None:
        """What names a fact as of an instant among those that are brought forward."""
        base, events = self.base(), self._events(name)
        if instant is None or base is None or events is None:
            return stamp_of(instant)
        with self._lock:
            if self._con is None:
                self._con = duckdb.connect()
                self._con.execute("SET TimeZone='UTC'")
                open_tables(self._con, base)
            return stamp_of(self._latest.anchor(self._con, events, instant))

    def _before(self, name: str, instant: Instant | None) -> _Before | None:
        kept = self.kept()
        if kept is None or (instant is not None and not any(kept.folder.glob(f"{name}@*"))):
            return None
        stamp = self.stamp_before(name, instant)
        held = kept.find(name, stamp)
        return _Before(held, stamp) if held else None

    def keeps(self, name: str, instant: Instant | None) -> bool:
        """Whether a fact as of an instant can perhaps be brought forward."""
        try:
            before = self._before(name, instant)
        except (duckdb.IOException, WorkspaceError):  # a load has swept it
            return False
        if before:
            before.held.release()
        return before is not None

    def bring(self, con: duckdb.DuckDBPyConnection, name: str, page: Mapping[str, Any], instant: Instant | None,
              used: Mapping[str, Held | None], folder: Path) -> bool:
        """Makes the files of a fact in an empty folder, where it can be brought forward, and says so. `page` is its compiled SQL, `used`
        the facts that it reads, as they now are; `con` has their views and the canonical tables'."""
        try:
            before = self._before(name, instant)
            if before is None:
                return False
            try:
                return self._brought(con, name, page, instant, used, folder, before)
            finally:
                before.held.release()
        except (duckdb.IOException, OSError, WorkspaceError):  # a load has swept what was being read: it is built whole
            for path in folder.iterdir():
                path.unlink()
            return False

    def compare(self, con: duckdb.DuckDBPyConnection, name: str, instant: Instant | None, folder: Path) -> None:
        """Tells beside a fact that was built whole how it differs from what it was, where both are small."""
        with suppress(WorkspaceError, OSError):
            before = self._before(name, instant)
            if before is None:
                return
            told = folder / self._told(before.stamp)
            try:
                new, old = Held(folder).relation, before.held.relation
                if max(_rows(con, new), _rows(con, old)) <= COMPARED:
                    con.execute(f"COPY ({_differences(f'SELECT * FROM {old}', f'SELECT * FROM {new}')}) TO {literal(str(told))} {_COPY}")
            except duckdb.IOException:  # what it was has been swept
                told.unlink(missing_ok=True)
            finally:
                before.held.release()

    def _told(self, stamp: str | None) -> str:
        """The name of the file that tells how a fact differs from that of the base which is named by `stamp`."""
        base = self.base()
        assert base is not None
        return f"since-{base.name}@{stamp or 'ever'}.parquet"

    def _brought(self, con: duckdb.DuckDBPyConnection, name: str, page: Mapping[str, Any], instant: Instant | None,
                 used: Mapping[str, Held | None], folder: Path, before: _Before) -> bool:
        changed = self._changed(page, instant, used)
        if changed is None:
            return False
        work = _Work(con, name, page, {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {}, before.held)
        try:
            return work.write(changed, folder, folder / self._told(before.stamp))
        finally:
            work.end()

    def _changed(self, page: Mapping[str, Any], instant: Instant | None, used: Mapping[str, Held | None]) -> dict[str, str] | None:
        """The rows that changed of each relation that a fact reads, as SQL; None where that is not known or reaches everything."""
        found: dict[str, str] = {}
        for relation, reached in page["reached"].items():
            if relation.startswith("fact_"):
                other = relation.removeprefix("fact_")
                held = used[other]
                if held is None:
                    return None
                path = held.folder / self._told(self.stamp_before(other, instant if "@" in held.folder.name else None))
                if not path.exists():
                    return None
                paths = [path]
            elif relation in self._changes:
                known = self._changes[relation]
                if known is None:
                    return None
                paths = known
            else:
                continue
            sql = f"SELECT * FROM read_parquet([{', '.join(literal(str(path)) for path in paths)}])"
            if reached is not None:
                found[relation] = sql
            elif not relation.startswith("fact_") or not _is_empty(paths):
                return None
        return found


def _is_empty(paths: list[Path]) -> bool:
    with duckdb.connect() as con:
        return all(_rows(con, f"read_parquet({literal(str(path))})") == 0 for path in paths)


def _rows(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    rows: int = one(con, f"SELECT count(*) FROM {relation}")[0]
    return rows


def _differences(old: str, new: str) -> str:
    return (f"SELECT *, true AS {WAS} FROM ({old} EXCEPT ALL {new}) UNION ALL "
            f"SELECT *, false AS {WAS} FROM ({new} EXCEPT ALL {old})")


class _Work:
    """One fact while it is brought forward, in tables of its own on a connection that has the views of what the fact reads."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str, page: Mapping[str, Any], values: Mapping[str, Any], before: Held) -> None:
        self._con, self._name, self._page, self._values, self._before = con, name, page, values, before
        self._key = ident(page["key"] or "")
        self._made: list[tuple[str, str]] = []

    def end(self) -> None:
        """Removes what was made on the connection."""
        for kind, name in reversed(self._made):
            self._con.execute(f"DROP {kind} IF EXISTS temp.main.{ident(name)}")

    def _run(self, sql: str) -> None:
        self._con.execute(sql, {name: value for name, value in self._values.items() if f"${name}" in sql})

    def _table(self, name: str, sql: str) -> int:
        self._made.append(("TABLE", name))
        self._run(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS {sql}")
        return _rows(self._con, f"temp.main.{ident(name)}")

    def _view(self, name: str, sql: str) -> None:
        self._made.append(("VIEW", name))
        self._con.execute(f"CREATE OR REPLACE TEMP VIEW {ident(name)} AS {sql}")

    def write(self, changed: Mapping[str, str], folder: Path, told: Path) -> bool:
        """Writes the fact's files and, in `told`, how it differs; says whether it did, which it does not where most would change."""
        rows = _rows(self._con, self._before.relation)
        keys = self._reached(changed)
        if keys > max(FEW, SHARE * rows):
            return False
        if keys:
            self._table("rows_now", self._now())
            self._table("rows_before", self._rows_before())
            old, new = (f"SELECT * {but} FROM temp.main.{table}"
                        for table, but in (("rows_before", "EXCLUDE (layer_, place_)"), ("rows_now", "")))
            differing = self._table("rows_differing", _differences(old, new))
        else:
            differing = self._table("rows_differing", f"SELECT *, true AS {WAS} FROM {self._before.relation} LIMIT 0")
        self._con.execute(f"COPY temp.main.rows_differing TO {literal(str(told))} {_COPY}")
        if not differing:
            self._link(folder)
        elif not self._layered(folder, rows):
            self._con.execute(f"COPY (SELECT * FROM {self._before.relation} WHERE {self._stays()} UNION ALL {self._come()}) "
                              f"TO {literal(str(folder / layer(0)))} {_COPY}")
        return True

    def _reached(self, changed: Mapping[str, str]) -> int:
        self._view(f"{BEFORE}_{self._name}", f"SELECT * FROM {self._before.relation}")
        for relation, sql in changed.items():
            self._view(f"changed_{relation}", sql)
        parts = [self._page["reached"][relation] for relation in changed]
        found = f"SELECT DISTINCT key FROM ({' UNION ALL '.join(parts)}) WHERE key IS NOT NULL" if parts else "SELECT NULL AS key LIMIT 0"
        return self._table(KEYS, found)

    def _now(self) -> str:
        """SQL: the rows of the reached keys as the fact now gives them, from what they need."""
        needed = ", ".join(f"{ident(relation)} AS ({sql})" for relation, sql in self._page["needed"].items())
        return (f"{f'WITH {needed} ' if needed else ''}SELECT * FROM ({self._page['sql']}) q "
                f"WHERE q.{self._key} IN (SELECT key FROM temp.main.{KEYS})")

    def _rows_before(self) -> str:
        """SQL: the rows of the reached keys as they were, with where each stands."""
        found = []
        for number, path in enumerate(self._before.layers):
            places = self._before.folder / gone(number)
            but = f" ANTI JOIN read_parquet({literal(str(places))}) g ON r.file_row_number = g.place" if places.exists() else ""
            found.append(f"SELECT r.* EXCLUDE (file_row_number), {number} AS layer_, r.file_row_number AS place_ "
                         f"FROM read_parquet({literal(str(path))}, file_row_number = true) r{but} "
                         f"WHERE r.{self._key} IN (SELECT key FROM temp.main.{KEYS})")
        return " UNION ALL ".join(found)

    def _stays(self) -> str:
        return f"{self._key} NOT IN (SELECT {self._key} FROM temp.main.rows_differing)"

    def _come(self) -> str:
        return f"SELECT * FROM temp.main.rows_now WHERE NOT ({self._stays()})"

    def _link(self, folder: Path) -> None:
        for path in self._before.folder.iterdir():
            if path.name[0].isdigit() or path.name.startswith("gone-"):
                _same(path, folder / path.name)

    def _layered(self, folder: Path, rows: int) -> bool:
        """Leaves the first layer as it is, where it is large and little of it goes: what is gone of it, and a second layer of what came."""
        first, *others = self._before.layers
        places = self._before.folder / gone(0)
        known = f"SELECT place FROM read_parquet({literal(str(places))}) UNION ALL " if places.exists() else ""
        leaving = self._table("places_gone", f"{known}SELECT place_ AS place FROM temp.main.rows_before WHERE layer_ = 0 "
                                             f"AND NOT ({self._stays()})")
        stay = "".join(f" UNION ALL SELECT * FROM read_parquet({literal(str(path))}) WHERE {self._stays()}" for path in others)
        second = self._table("rows_second", f"{self._come()}{stay}")
        if rows <= SMALL or max(leaving, second) > THIN * _rows(self._con, f"read_parquet({literal(str(first))})"):
            return False
        _same(first, folder / layer(0))
        for table, order, path in (("rows_second", "", folder / layer(1)), ("places_gone", " ORDER BY place", folder / gone(0))):
            self._con.execute(f"COPY (FROM temp.main.{table}{order}) TO {literal(str(path))} {_COPY}")
            sync(path)
        sync(folder)
        return True


def _same(path: Path, other: Path) -> None:
    """The same file under another name; a copy on a file system that cannot."""
    try:
        os.link(path, other)
    except OSError:
        shutil.copyfile(path, other)
