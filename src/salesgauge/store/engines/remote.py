"""One session's work on an engine: the tables of its spans, the facts it needs, the questions that it asks there."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from salesgauge.errors import EngineError
from salesgauge.semantics.dialects.marks import mark, tables_in, with_tables
from salesgauge.staging import literal
from salesgauge.store.engines.deposit import columns_of, rows_of
from salesgauge.store.engines.engine import MOST, Columns, Engine, Link, TableGone
from salesgauge.store.instants import Instant
from salesgauge.store.spans import SPAN_TABLES, outer_days

if TYPE_CHECKING:
    import pyarrow as pa

_FACT = "fact_"
_OF_SPANS = frozenset(SPAN_TABLES)
Page = Mapping[str, Any]


class Definitions(Protocol):
    """Where the SQL of facts in the engine's dialect comes from, and which instant stands for an as-of instant."""

    def remote_fact(self, name: str, dated: bool) -> Page:
        """The compiled SQL of a fact."""
        ...

    def instant(self, as_of: datetime) -> Instant:
        """An as-of instant as compiled SQL takes it."""
        ...

    def anchor(self, name: str, as_of: datetime, con: duckdb.DuckDBPyConnection | None = None) -> Instant:
        """The instant as of which a fact is the same."""
        ...


class Kept:
    """The facts of one generation that are known to be on an engine, for all sessions of this process."""

    def __init__(self, engine: Engine, space: str, places: Callable[[Link], dict[str, str]]) -> None:
        self.engine, self.space, self.places = engine, space, places
        self.lock = threading.RLock()
        self.there: dict[str, None] = {}  # the tables of facts; the last used are the last

    def used(self, table: str) -> None:
        """Notes that a table is there and in use."""
        with self.lock:
            self.there.pop(table, None)
            self.there[table] = None

    def forget(self) -> None:
        """Forgets all: what is there is looked up again."""
        with self.lock:
            self.there.clear()


class Remote:
    """What one session does on an engine; for one thread at a time."""

    def __init__(self, kept: Kept, definitions: Definitions) -> None:
        self._kept, self._definitions = kept, definitions
        self.link = kept.engine.link()
        self.builds = Counter[str]()
        self._lasting = kept.places(self.link)
        self._places: dict[str, str] = {}  # of this moment: its spans, facts and overseen reps
        self._moment: tuple[duckdb.DuckDBPyConnection, datetime | None] | None = None
        self._tables: Callable[[str], None] = lambda sql: None
        self._viewer: str | None = None

    def close(self) -> None:
        """Ends it."""
        self.link.close()

    def at(self, con: duckdb.DuckDBPyConnection, as_of: datetime | None, tables: Callable[[str], None]) -> None:
        """Begins a moment: `tables` makes those of its spans that SQL reads on `con`."""
        self._places.clear()
        self._viewer = None
        self._moment, self._tables = (con, as_of), tables

    def oversee(self, viewer: str) -> None:
        """Sends whose rows a viewer sees, which the local `oversight` says."""
        if self._viewer == viewer:
            return
        self._send("oversight", f"FROM oversight WHERE viewer = {literal(viewer)}")
        self._viewer = viewer

    def rows(self, page: Page, values: Mapping[str, Any]) -> pa.Table:
        """The rows of a compiled question, once the facts that it reads are there."""
        try:
            return self._rows(page, values)
        except TableGone:
            self._kept.forget()
            for name in [name for name in self._places if name.startswith(_FACT)]:
                del self._places[name]
        try:
            return self._rows(page, values)
        except TableGone as problem:
            engine, said = self._kept.engine.name, " ".join(str(problem).split())
            raise EngineError(f"{engine}: a table is gone while it is read: {said}", "engine_gone", engine=engine, said=said) from problem

    def _rows(self, page: Page, values: Mapping[str, Any]) -> pa.Table:
        for fact in page["used"]:
            self.build(fact)
        assert self._moment is not None
        return self.link.rows(self._placed(page["sql"]), _columns(page), {**values, **outer_days(self._moment[0])})

    def fact(self, name: str) -> pa.Table:
        """All rows of a fact."""
        assert self._moment is not None
        page = self._definitions.remote_fact(name, self._moment[1] is not None)
        return self.rows({**page, "sql": f"SELECT * FROM {mark(_FACT + name)}", "used": [name]}, {})

    def build(self, name: str) -> None:
        """Makes a fact of this moment, after those that it reads."""
        if _FACT + name in self._places:
            return
        assert self._moment is not None
        con, as_of = self._moment
        page = self._definitions.remote_fact(name, as_of is not None)
        if page["period"]:
            instant = self._definitions.instant(as_of) if as_of is not None else None
            for other in page["used"]:
                self.build(other)
            self._count(name)
            known = {**_instant(instant), **outer_days(con)}
            self._places[_FACT + name] = self.link.make_passing(_FACT + name, _columns(page), self._placed(page["sql"]), known)
            return
        instant = None if as_of is None or page["timeless"] else self._definitions.anchor(name, as_of, con)
        table = _FACT + name + (f"_{re.sub(r'[^0-9A-Za-z]', '_', str(instant))}" if instant else "")
        with self._kept.lock:  # a thread of this process builds at a time
            if table not in self._kept.there and table not in self.link.tables(self._kept.space):
                for other in page["used"]:
                    self.build(other)
                self._count(name)
                self.link.make(self._kept.space, table, _columns(page), self._placed(page["sql"]), _instant(instant))
                if instant:
                    self._tidy(name)
            self._kept.used(table)
        self._places[_FACT + name] = self.link.place(self._kept.space, table)

    def _send(self, name: str, query: str) -> None:
        """Sends a table of this moment."""
        assert self._moment is not None
        con = self._moment[0]
        columns = columns_of(con, query)
        self._places[name] = self.link.put_passing(name, columns, rows_of(con, query, columns))

    def _tidy(self, name: str) -> None:
        """Removes instants of a fact beyond those that are kept: first what this process does not know, then what it used longest ago.
        Whoever reads one of them makes it again."""
        dated = re.compile(rf"{_FACT}{name}_\d{{4}}_.*")
        there = sorted(table for table in self.link.tables(self._kept.space) if dated.fullmatch(table))
        known = list(self._kept.there)
        order = sorted(there, key=lambda table: known.index(table) if table in known else -1)
        for table in order[:max(0, len(order) - MOST)]:
            self.link.drop(self._kept.space, table)
            self._kept.there.pop(table, None)

    def _count(self, name: str) -> None:
        self.builds[name] += 1

    def _placed(self, sql: str) -> str:
        """SQL with the tables it names, once those of the spans are there; its parameters stay marked."""
        for name in tables_in(sql) & _OF_SPANS - self._places.keys():
            self._tables(f'"{name}"')
            self._send(name, f"FROM {name}")
        return with_tables(sql, self._lasting | self._places)


def _instant(instant: Instant | None) -> dict[str, Any]:
    return {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {}


def _columns(page: Page) -> Columns:
    return dict(zip(page["columns"], page["types"], strict=True))
