"""Brings a fact forward: from what an earlier generation kept of it and what was loaded since, without building it whole.

The keys that the changed rows reach (semantics/reach.py) are computed again, from only the rows that they need; of those keys whose rows
then differ the old rows go and the new ones come. A fact that nothing reached is the same files under another name.

Beside the files of a fact lies how it differs from the one that it was brought forward from (rows as they were and as they are), so
that the facts that read it are brought forward in turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import WorkspaceError
from salesgauge.semantics.reach import FACT
from salesgauge.staging import literal
from salesgauge.store.brought import WAS, Brought, rows_in
from salesgauge.store.changes import since
from salesgauge.store.drawn import Drawn
from salesgauge.store.generation import Generation, StoredTable, named, open_tables
from salesgauge.store.instants import Instant, LatestEvents
from salesgauge.store.kept import COPY, Held, KeptFacts, folder_name

COMPARED = 500_000  # rows of a fact that was built whole and is still compared with what it was


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
    the same definitions. For several threads; `events` gives the events that decide a fact as of an instant, `connect` a connection."""

    def __init__(self, root: Path, generation: Generation, folder_of: Callable[[str], Path],
                 events: Callable[[str], frozenset[Any] | None], connect: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._root, self._generation, self._folder_of, self._events, self._connect = root, generation, folder_of, events, connect
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

    def stood(self, table: str) -> StoredTable | None:
        """A canonical table as it was in the generation whose facts are brought forward."""
        base = self.base()
        return base.tables.get(table) if base else None

    def close(self) -> None:
        """Ends it."""
        if self._con is not None:
            self._con.close()

    def stamp_before(self, name: str, instant: Instant | None) -> str | None:
        """What names a fact as of an instant among those that are brought forward."""
        base = self.base()
        events = None if instant is None or base is None else self._events(name)
        if instant is None or base is None or events is None:
            return stamp_of(instant)
        with self._lock:
            if self._con is None:
                self._con = self._connect()
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

    def bring(self, con: duckdb.DuckDBPyConnection, drawn: Drawn, name: str, page: Mapping[str, Any], instant: Instant | None,
              used: Mapping[str, Held | None], folder: Path) -> bool:
        """Makes the files of a fact in an empty folder, where it can be brought forward, and says so. `page` is its compiled SQL, `used`
        the facts that it reads, as they now are; `con` has their views and the canonical tables'."""
        try:
            before = self._before(name, instant)
            if before is None:
                return False
            try:
                return self._brought(con, drawn, name, page, instant, used, folder, before)
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
                new, old = Held(folder), before.held
                if max(rows_in(con, new), rows_in(con, old)) <= COMPARED:
                    differences = _differences(f"SELECT * FROM {old.relation}", f"SELECT * FROM {new.relation}")
                    con.execute(f"COPY ({differences}) TO {literal(str(told))} {COPY}")
            except duckdb.IOException:  # what it was has been swept
                told.unlink(missing_ok=True)
            finally:
                before.held.release()

    def _told(self, stamp: str | None) -> str:
        """The name of the file that tells how a fact differs from that of the base which is named by `stamp`."""
        base = self.base()
        assert base is not None
        return f"since-{base.name}@{stamp or 'ever'}.parquet"

    def _brought(self, con: duckdb.DuckDBPyConnection, drawn: Drawn, name: str, page: Mapping[str, Any], instant: Instant | None,
                 used: Mapping[str, Held | None], folder: Path, before: _Before) -> bool:
        known = {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {}
        work = Brought(con, drawn, name, page, known, before.held, used, self._changes, folder_name(name, stamp_of(instant)))
        try:
            changed = self._changed(work, page, instant, used)
            return changed is not None and work.write(changed, folder, folder / self._told(before.stamp))
        finally:
            work.end()

    def _changed(self, work: Brought, page: Mapping[str, Any], instant: Instant | None,
                 used: Mapping[str, Held | None]) -> list[str] | None:
        """The relations that a fact reads of which rows changed, once they are noted; None where that is not known or reaches
        everything."""
        found: list[str] = []
        for relation, reached in page["reached"].items():
            if relation.startswith(FACT):
                other = relation.removeprefix(FACT)
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
            if work.note(relation, paths):
                if reached is None:
                    return None
                found.append(relation)
        return found


def _differences(old: str, new: str) -> str:
    return (f"SELECT *, true AS {WAS} FROM ({old} EXCEPT ALL {new}) UNION ALL "
            f"SELECT *, false AS {WAS} FROM ({new} EXCEPT ALL {old})")
