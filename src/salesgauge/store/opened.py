"""What all sessions on one generation share: a database in memory, compiled SQL, kept facts, and what stands for an as-of instant."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from salesgauge.schema import Event
from salesgauge.semantics.dialects import DUCKDB
from salesgauge.semantics.question import QuestionShape
from salesgauge.semantics.shape import Shape
from salesgauge.settings import Settings
from salesgauge.store.books import SHARED_SQL, SqlBook
from salesgauge.store.forward import Forward
from salesgauge.store.generation import CACHE, FOLDER, Generation, open_tables
from salesgauge.store.instants import Instant, LatestEvents
from salesgauge.store.kept import KeptFacts
from salesgauge.store.kept_groups import KeptGroups
from salesgauge.store.rolled import AS_FOUND, Refused, Worth, needs_of
from salesgauge.store.spanned import KeptSpans
from salesgauge.store.spilling import Database

if TYPE_CHECKING:
    from salesgauge.semantics.compiler import Compiler
    from salesgauge.store.engines.engine import Engine
    from salesgauge.store.engines.remote import Kept, Remote


_SETTINGS = {
    "TimeZone": "'UTC'",
    "parquet_metadata_cache": "true",       # no file that is read ever changes
    "preserve_insertion_order": "false",    # no answer depends on it, and large facts then stream
    # Rows, as of periods, up to which a join by bounds alone compares each with each. Beyond 5 rows DuckDB would sort the longer side,
    # which takes 1.3 to 5 times as long with 12 to 400 periods.
    "nested_loop_join_threshold": "512",
}


class CompilerFor(Protocol):
    """Gives what compiles for a shape, in the dialect of an engine."""

    def __call__(self, shape: Shape, dialect: str = ..., /) -> Compiler:
        """The compiler."""
        ...


def shape_of(generation: Generation, settings: Settings, dated: bool) -> Shape:
    """The shape of a workspace as it stands."""
    extras = tuple(sorted((name, table.extras) for name, table in generation.tables.items() if table.extras))
    return Shape(frozenset(generation.tables), extras, settings.currency, settings.activity_window_days, settings.concentration_top,
                 settings.nps_min_tenure_days, settings.rep_tenure_months, dated)


class Opened:
    """One generation, open for any number of sessions and threads. `code` names the version of the definitions, so that nothing cached
    outlives it; `memory` is how many bytes all its sessions together may use (default: the workspace's setting), `worth` which rollups are
    made; `engine` builds facts and answers questions, where it is not this database."""

    def __init__(self, workspace: Path, settings: Settings, generation: Generation, compiler: CompilerFor, code: str,
                 memory: int | None = None, worth: Worth = AS_FOUND, engine: Engine | None = None) -> None:
        self.settings, self.generation, self.code, self.worth = settings, generation, code, worth
        self._store, self._compiler, self.engine = workspace / FOLDER, compiler, engine
        self._there: Kept | None = None
        self._ones: dict[tuple[str, str], str] | None = None
        self._shapes = {dated: shape_of(generation, settings, dated) for dated in (False, True)}
        self._books: dict[tuple[bool, str], SqlBook] = {}
        self._events: dict[str, frozenset[Event] | None] = {}
        self._latest, self._lock = LatestEvents(), threading.RLock()
        digest = f"{code} {self.shape(False).digest()} {settings.timezone}"
        mark = hashlib.sha256(digest.encode()).hexdigest()[:12]
        kept = self._store / CACHE / f"{generation.name}-{mark}"
        self.kept = KeptFacts(kept, damaged=self.forget_files)
        self._database = Database(self._store, memory or settings.memory_bytes)
        self.forward = Forward(self._store, generation, lambda name: self._store / CACHE / f"{name}-{mark}", self.events,
                               self._database.con.cursor)
        beside = f"{kept.name}.{engine.name}" if engine else kept.name  # what an engine computed
        self.rollups, self.refused = KeptFacts(kept.with_name(f"{beside}.rollups"), damaged=self.forget_files), Refused()
        self.again = KeptFacts(kept.with_name(f"{kept.name}.again"), damaged=self.forget_files)
        self.spans = KeptSpans(kept.with_name(f"{kept.name}.spans"))
        self.groups = KeptGroups(kept.with_name(f"{beside}.answers"))
        self.rolled: set[QuestionShape] = set()  # what rollups alone answered: nothing else need be kept of it
        self.is_large = worth.read and any(table.rows >= worth.rows for table in generation.tables.values())  # else nothing is gained
        self._asking: duckdb.DuckDBPyConnection | None = None

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A new connection, for one thread at a time, with a view per canonical table."""
        with self._lock:
            con = self._database.con.cursor()
        con.execute("; ".join(f"SET {name}={value}" for name, value in _SETTINGS.items()))
        try:
            open_tables(con, self.generation)
        except BaseException:
            con.close()
            raise
        return con

    def forget_files(self) -> None:
        """Makes the database forget what it holds of files: it may take one that is made now for the damaged one that it stands for."""
        with closing(self._database.con.cursor()) as con:
            for state in ("false", "true"):
                con.execute(f"SET enable_external_file_cache={state}")

    def one_of(self, entity: str, name: str) -> str:
        """The id that an id of an entity became, where it is one with others (docs/decisions/0020); else itself."""
        if self.generation.identity.groups is None:
            return name
        with self._lock:
            if self._ones is None:
                from salesgauge.store.identity.finding import ones
                with closing(self._database.con.cursor()) as con:
                    self._ones = ones(con, self.generation.identity)
        return self._ones.get((entity, name), name)

    def shape(self, dated: bool) -> Shape:
        """The shape of the workspace, with or without an as-of instant."""
        return self._shapes[dated]

    def _book(self, dated: bool, dialect: str = DUCKDB) -> SqlBook:
        with self._lock:
            if (dated, dialect) not in self._books:
                shape = self.shape(dated)
                shared = os.environ.get(SHARED_SQL)
                named = f"sql-{self.code}-{shape.digest()}{'' if dialect == DUCKDB else f'-{dialect}'}.pages"
                path = (Path(shared) if shared else self._store / CACHE) / named
                self._books[dated, dialect] = SqlBook(path, lambda: self._compiler(shape, dialect))
            return self._books[dated, dialect]

    def questions(self) -> SqlBook:
        """The SQL of questions: the same with and without an as-of instant, which only the facts under them depend on."""
        return self._book(False)

    def straight(self, question: QuestionShape, dated: bool) -> Mapping[str, Any]:
        """The SQL that answers questions of this shape straight from the canonical tables."""
        return self._book(dated).find(f"straight {question!r}", lambda compiler: compiler.straight(question))

    def fact(self, name: str, dated: bool) -> Mapping[str, Any]:
        """The compiled SQL of a fact."""
        return self._book(dated).find(f"fact {name}", lambda compiler: compiler.fact(name))

    def look_back(self, name: str) -> Mapping[str, Any]:
        """The SQL that tells a fact as of an instant from facts as of nothing; empty where nothing does."""
        return self._book(True).find(f"look back {name}", lambda compiler: compiler.look_back(name))

    def bring(self) -> Kept:
        """Brings the generation to the engine, as far as it is not there yet: its place there. EngineError where that cannot be."""
        from salesgauge.store.engines.deposit import Deposit
        from salesgauge.store.engines.remote import Kept
        assert self.engine is not None
        with self._lock:
            if self._there is None:
                deposit = Deposit(self.engine, self._store, self.settings)
                space = deposit.bring(self.generation, f"{self.code} {self.shape(False).digest()}")
                self._there = Kept(self.engine, space, lambda link: deposit.places(link, space))
            return self._there

    def remote(self) -> Remote:
        """A new session's work on the engine."""
        from salesgauge.store.engines.remote import Remote
        return Remote(self.bring(), self)

    def remote_fact(self, name: str, dated: bool) -> Mapping[str, Any]:
        """The compiled SQL of a fact in the engine's dialect."""
        assert self.engine is not None
        return self._book(dated, self.engine.name).find(f"fact {name}", lambda compiler: compiler.fact(name))

    def remote_questions(self) -> SqlBook:
        """The SQL of questions in the engine's dialect."""
        assert self.engine is not None
        return self._book(False, self.engine.name)

    def remote_question(self, question: QuestionShape) -> Mapping[str, Any]:
        """The compiled SQL that answers a question from the facts, in the engine's dialect."""
        return self.remote_questions().find(repr(question), lambda compiler: compiler.question(question))

    def facts_sql(self, names: Iterable[str], dated: bool) -> dict[str, str]:
        """The SQL of facts and of each that they read, as `fact_<name>`, after those that it reads itself: where they are built."""
        found = _after_their_own(names, lambda name: (self.remote_fact if self.engine else self.fact)(name, dated))
        return {f"fact_{name}": str(page["sql"]) for name, page in found.items()}

    def table(self, name: str, dated: bool) -> Mapping[str, Any]:
        """The compiled SQL of a canonical table as it is known."""
        return self._book(dated).find(f"table {name}", lambda compiler: compiler.table(name))

    def question(self, question: QuestionShape) -> Mapping[str, Any]:
        """The compiled SQL that answers a question from the facts."""
        return self.questions().find(repr(question), lambda compiler: compiler.question(question))

    def added(self, question: QuestionShape) -> Mapping[str, Any]:
        """The compiled SQL that answers a question from rollups; without SQL where nothing of it can be added up."""
        return self.questions().find(f"added {question!r}", lambda compiler: compiler.added(question))

    def from_rollups(self, question: QuestionShape) -> Iterator[Mapping[str, Any]]:
        """Each compiled SQL that answers a question from rollups, the one first that reads least."""
        added = self.added(question)
        if any(need.entities for need in needs_of(added)):
            together = self.questions().find(f"together {question!r}", lambda compiler: compiler.added(question, together=True))
            if together["sql"]:
                yield together
        if added["sql"]:
            yield added

    def reads_periods(self, question: QuestionShape, as_of: datetime | None) -> bool:
        """Whether facts of periods may be read for such questions: their rows are made for each period."""
        if self.engine:
            return True
        page = self.added(question) if self.is_large else {}
        if not page.get("sql"):
            page = self.question(question)
        return any(not need.on for need in needs_of(page)) or any(self.fact(name, as_of is not None)["period"] for name in page["used"])

    def keeps_groups(self, question: QuestionShape) -> bool:
        """Whether the groups of such questions are kept: not where nothing is gained, and not where rollups alone answer, as far as that is
        known already: those of periods, and distributions, may not be worth their place."""
        if not self.is_large or question in self.rolled:
            return False
        added = self.added(question)
        days_alone = added["sql"] and not added["used"] and all(
            need.on and not need.required and not need.entities for need in needs_of(added))
        return self.engine is not None or not days_alone  # to ask an engine takes longer than to keep what it says

    def facts_under(self, names: Iterable[str], dated: bool) -> dict[str, Mapping[str, Any]]:
        """The compiled SQL of facts and of each that they read, after those that it reads itself."""
        return _after_their_own(names, lambda name: self.fact(name, dated))

    def events(self, name: str) -> frozenset[Event] | None:
        """Every event that decides a fact as of an instant, also through the facts that it reads; None where the instant itself does."""
        if name not in self._events:
            page = self.remote_fact(name, True) if self.engine else self.fact(name, True)
            own: list[frozenset[Event] | None] = [None if page["events"] is None else frozenset(map(tuple, page["events"]))]
            own += [self.events(other) for other in page["used"]]
            known = [events for events in own if events is not None]
            self._events[name] = frozenset().union(*known) if len(known) == len(own) else None
        return self._events[name]

    def asked_once(self, name: str, as_of: datetime | None, stamp: str) -> bool:
        """Whether this is the first time that somebody wants something as of a day before the load, which nobody may ask of again, so that
        it is not worth keeping yet. Notes that it was wanted."""
        past = as_of is not None and as_of < self.generation.loaded_at - timedelta(days=1)
        return past and not self.worth.at_once and not self.kept.asked_before(name, stamp)

    def instant(self, as_of: datetime) -> Instant:
        """An as-of instant as compiled SQL takes it."""
        return Instant(as_of.replace(tzinfo=None), as_of.astimezone(self.settings.zone).date())

    def anchor(self, name: str, as_of: datetime, con: duckdb.DuckDBPyConnection | None = None) -> Instant:
        """The instant as of which a fact is the same as as of `as_of`: that of the latest event that it depends on (store/instants.py).
        `con` is the connection of who asks; without one it is found on one of its own."""
        events = self.events(name)
        if events is None:
            return self.instant(as_of)
        if con is not None:
            return self._latest.anchor(con, events, self.instant(as_of))
        with self._lock:
            if self._asking is None:
                self._asking = self.connection()
            return self._latest.anchor(self._asking, events, self.instant(as_of))

    def close(self) -> None:
        """Ends it, after its sessions."""
        self.forward.close()
        if self._asking is not None:
            self._asking.close()
        self._database.close()


def _after_their_own(names: Iterable[str], fact: Callable[[str], Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The pages of facts and of each that they read, after those that it reads itself."""
    found: dict[str, Mapping[str, Any]] = {}

    def visit(name: str) -> None:
        page = fact(name)
        for other in page["used"]:
            visit(other)
        found.setdefault(name, page)
    for name in names:
        visit(name)
    return found
