"""Answers questions from one generation: builds each fact once per as-of instant, runs compiled SQL, keeps what can be used again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from salesgauge.periods import Span
from salesgauge.semantics.dialects.marks import readable
from salesgauge.semantics.question import QuestionShape
from salesgauge.semantics.shape import Shape
from salesgauge.staging import bound, ident
from salesgauge.store.drawn import Drawn
from salesgauge.store.fetching import fetched
from salesgauge.store.instants import Instant
from salesgauge.store.kept import Held
from salesgauge.store.looked_back import LookedBack
from salesgauge.store.moment import Moment
from salesgauge.store.opened import Opened
from salesgauge.store.quarters import write_rows
from salesgauge.store.rolled import Rolled, Table, reading
from salesgauge.store.spanned import HeldSpans, Spanned
from salesgauge.store.spans import SpanTables, add_viewer, create_calendar_days, create_local_days, create_oversight

if TYPE_CHECKING:
    import pyarrow as pa

    from salesgauge.store.engines.remote import Remote


class _Made(NamedTuple):
    """A fact as it stands in a session: a TABLE or VIEW, as of which instant (None: everything known, or of every instant), the files that
    it reads. `passing`: it is made for the spans of a moment alone; `told`: from the fact as of nothing, and not built."""

    kind: str
    as_of: Instant | None
    held: Held | None
    of_spans: HeldSpans | None = None
    passing: bool = False
    told: bool = False

    def release(self) -> None:
        """Lets go of the files that it reads."""
        for files in (self.held, self.of_spans):
            if files:
                files.release()


class Session:
    """One consistent generation, open for the questions of one thread at a time."""

    def __init__(self, opened: Opened) -> None:
        self.opened, self.settings, self.generation = opened, opened.settings, opened.generation
        self.builds = Counter[str]()  # how often each fact was built: a batch builds each once per as-of instant
        self.forwarded = Counter[str]()  # how often each was brought forward from an earlier generation instead
        self.con = opened.connection()
        self._remote: Remote | None = None
        self._as_of: datetime | None = None
        self._lasting: set[str] = set()      # made once for the session: what is the same as of every instant
        self._made: dict[str, _Made] = {}    # what was made for an instant, and stays while the next moment needs the same
        self._viewers: set[str] = set()      # who is in the table of who sees whose rows
        self._ready: set[str] = set()        # of those: what is right for the present moment
        self._looked_back = LookedBack(self)
        self.rolled, self._spanned = Rolled(self), Spanned(self)
        self.drawn = Drawn(self.con, opened.generation.tables, opened.forward.stood)
        self._span_tables = SpanTables(self.con, opened.settings)
        self.spans: list[Span] = []          # the periods of the present moment, numbered from 0
        self.passing: dict[str, str] = {}    # further tables and views that end with the moment: TABLE or VIEW, by name

    def shape(self, dated: bool) -> Shape:
        """The shape of the workspace, with or without an as-of instant."""
        return self.opened.shape(dated)

    def close(self) -> None:
        """Ends the session."""
        for made in self._made.values():
            made.release()
        self._made.clear()
        self.rolled.close()
        self.con.close()
        if self._remote:
            self._remote.close()

    def beside(self) -> Session:
        """Another session on the same generation."""
        return Session(self.opened)

    def count(self, other: Session) -> None:
        """Counts what another session built for this one."""
        self.builds.update(other.builds)
        self.forwarded.update(other.forwarded)

    def at(self, spans: Sequence[Span], as_of: datetime | None) -> Moment:
        """The facts as of an instant, for these spans. Ends the moment before it."""
        self.end()
        self.spans = list(spans)
        self._span_tables.at(spans, as_of)
        self._as_of = as_of
        if self._remote:
            self._remote.at(self.con, as_of, self.calendar)
        return Moment(self, as_of)

    @property
    def remote(self) -> Remote | None:
        """Where facts are built and questions asked, if not here: only who asks something needs the engine."""
        if self._remote is None and self.opened.engine:
            self._remote = self.opened.remote()
            self._remote.at(self.con, self._as_of, self.calendar)
        return self._remote

    def end(self) -> None:
        """Ends the present moment: what belongs to its spans is removed."""
        self._ready.clear()
        for name, kind in self.passing.items():
            self.con.execute(f"DROP {kind} {ident(name)}")
        self.passing.clear()
        for name in [name for name, made in self._made.items() if made.passing]:
            self._drop(name)
        self.rolled.of_spans.end()

    def build(self, name: str, as_of: datetime | None) -> None:
        """Makes the table fact_<name>, after those that it reads."""
        if name in self._lasting or name in self._ready:
            return
        page, instant = self.opened.fact(name, as_of is not None), self.stamp(name, as_of)
        made = self._made.get(name)
        if made is None or made.as_of != instant:
            if made is not None:
                self._drop(name)
            self._make(name, page, as_of, instant)
        elif made.told and instant is not None:
            self._keep_told(name, instant)
        if page["timeless"]:
            self._lasting.add(name)
        self._ready.add(name)

    def is_told(self, name: str) -> bool:
        """Whether a fact that is there was told from that as of nothing, and not built."""
        return name in self._made and self._made[name].told

    def stamp(self, name: str, as_of: datetime | None) -> Instant | None:
        """The instant as of which a fact is made; None where it is the same as of every instant, or as of nothing."""
        page = self.opened.fact(name, as_of is not None)
        if as_of is None or page["timeless"]:
            return None
        return self.opened.instant(as_of) if page["period"] else self.opened.anchor(name, as_of, self.con)

    def _make(self, name: str, page: Mapping[str, Any], as_of: datetime | None, instant: Instant | None) -> None:
        if as_of is not None and instant is not None and not page["period"] and not self.opened.kept.has(name, str(instant)):
            told = self._looked_back.make(name, page, as_of, instant)
            if told is not None:
                self._made[name] = _Made("VIEW", instant, told.held, told=True)
                self._keep_told(name, instant)
                return
        values = bound(page["sql"], {"as_of_at": instant.at, "as_of_on": instant.on} if instant else {})
        if page["period"] and self.opened.is_large:
            files = self._spanned.make(name, page, self.spans, as_of, values)
            self._made[name] = _Made("VIEW", instant, None, files, passing=True)
            return
        for other in page["used"]:
            self.build(other, as_of)
        self.calendar(page["sql"])

        def write(folder: Path) -> None:
            used = {other: self._made[other].held for other in page["used"]}
            if self.opened.forward.bring(self.con, self.drawn, name, page, instant, used, folder):
                self.forwarded[name] += 1
                return
            self.builds[name] += 1
            write_rows(self.con, page["sql"], folder, page["in_time"], self.drawn.longest, values)
            self.opened.forward.compare(self.con, name, instant, folder)
        held = None if page["period"] else self.opened.kept.held(name, str(instant) if instant else None, write)
        if held:
            self.con.execute(f"CREATE TEMP VIEW fact_{name} AS SELECT * FROM {held.relation}")
        else:
            self.builds[name] += 1
            self.con.execute(f"CREATE TEMP TABLE fact_{name} AS {page['sql']}", values)
        self._made[name] = _Made("VIEW" if held else "TABLE", instant, held, passing=page["period"])

    def _keep_told(self, name: str, instant: Instant) -> None:
        """Keeps a fact that was told, once it is asked for again: it then is the same fact as one that was built."""
        if not self._looked_back.is_worth_keeping(name, instant):
            return

        def write(folder: Path) -> None:
            write_rows(self.con, f"FROM fact_{name}", folder, self.opened.fact(name, True)["in_time"], self.drawn.longest)
        held = self.opened.kept.held(name, str(instant), write)
        if held:
            self.con.execute(f"CREATE OR REPLACE TEMP VIEW fact_{name} AS SELECT * FROM {held.relation}")
            self._made[name].release()
            self._made[name] = _Made("VIEW", instant, held)

    def holds(self, name: str, as_of: datetime | None) -> bool:
        """Whether a fact is there, or all that it is made of for the spans of a moment."""
        if name in self._lasting or name in self._ready:
            return True
        page = self.opened.fact(name, as_of is not None)
        if page["period"]:
            return all(self.holds(other, as_of) for other in page["used"])
        if as_of is not None and self._looked_back.tells(name, as_of):
            return True
        stamp = self.stamp(name, as_of)
        return self.opened.kept.has(name, str(stamp) if stamp else None)

    def once(self, facts: Sequence[str], as_of: datetime | None, *, note: bool = True) -> bool:
        """Whether what reads these facts is better answered straight from the tables: they are not there, and nobody asked for them
        before, so that they may not be worth making. Who asks again gets them made, and kept: it is noted, unless nobody asks really."""
        if all(self.holds(name, as_of) for name in facts):
            return False
        stamps = {name: self.stamp(name, as_of) for name, page in self.opened.facts_under(facts, as_of is not None).items()
                  if not page["period"]}
        look = self.opened.kept.asked_before if note else self.opened.kept.was_asked
        asked = [look(name, str(stamp) if stamp else None) for name, stamp in stamps.items()]  # of each, so that all are noted
        return not all(asked)

    def doubt(self) -> bool:
        """Removes what is kept of the periods that the present moment reads, since some of it may be damaged; says whether there was any.
        What asks for it next makes it anew."""
        self.opened.forget_files()
        rolled = self.rolled.of_spans.doubt()
        doubted = [name for name, made in self._made.items() if made.of_spans and made.of_spans.remove()]
        for name in doubted:
            self._drop(name)
            self._ready.discard(name)
        return rolled or bool(doubted)

    def calendar(self, sql: str) -> None:
        """Makes the tables of periods and those of days, where SQL reads them."""
        self._span_tables.make(sql)
        if '"local_days"' in sql and "local_days" not in self._lasting:
            create_local_days(self.con, self.settings)
            self._lasting.add("local_days")
        if '"calendar_days"' in sql and "calendar_days" not in self._lasting:
            create_calendar_days(self.con)
            self._lasting.add("calendar_days")

    def receive(self, rows: pa.Table, statement: str) -> None:
        """Runs a statement that reads rows from an engine, which are `fetched` in it."""
        self.con.register("fetched", rows)
        try:
            self.con.execute(statement)
        finally:
            self.con.unregister("fetched")

    def _drop(self, name: str) -> None:
        made = self._made.pop(name)
        self.con.execute(f"DROP {made.kind} fact_{name}")
        made.release()

    def sql(self, question: QuestionShape, spans: Sequence[Span], as_of: datetime | None, *, alone: bool = False) -> dict[str, str]:
        """The SQL that answers questions of this shape, as it is run: `fact_<name>` of each fact that it reads, after those that this
        one reads itself; or the rollups that are there to read instead; and `question` last. Where there is an engine, its own, and of each
        where it is run. Asked `alone` it may be answered by one statement, `straight` from the tables, which then is the first: the others
        are what answers it when it is asked again."""
        page: Mapping[str, Any] = {}
        tables: Mapping[str, Table] = {}
        dated, engine = as_of is not None, self.opened.engine
        for page in self.opened.from_rollups(question) if self.rolled.any else ():
            tables = self.rolled.find(page, spans, as_of, question.viewer == "reports")
            if tables:
                break
        if not tables:
            page = self.opened.remote_question(question) if engine else self.opened.question(question)
        used = [*page["used"], *(fact for table in tables.values() for fact in table.reads)]
        told = {**self.opened.facts_sql(used, dated), **{table.name: table.sql for table in tables.values()}}
        asked = reading(page["sql"], {name: table.name for name, table in tables.items()})
        if engine is None:
            straight = alone and not tables and self.once(page["used"], as_of, note=False)
            first = {"straight": str(self.opened.straight(question, dated)["sql"])} if straight else {}
            return {**first, **told, "question": asked}
        there = f"-- on {engine.name}\n"
        return {name: there + readable(sql) for name, sql in told.items()} | {
            "question": f"-- here, from what {engine.name} computed\n{asked}" if tables else there + readable(asked)}

    def stages(self) -> list[dict[str, Any]]:
        """The rows of the table of stages, each pipeline's in their order; stages without a position last."""
        return fetched(self.con.execute(
            "SELECT pipeline, stage, position, coalesce(is_closed, false) AS is_closed, coalesce(is_won, false) AS is_won, probability "
            "FROM stages ORDER BY pipeline, position NULLS LAST, stage")).dicts()

    def oversight(self, viewer: str, as_of: datetime | None) -> None:
        """Makes the table of who sees whose rows; who is no rep that is known sees their own rows all the same."""
        if "oversight" not in self._lasting:
            self.build("rep_history", as_of)
            create_oversight(self.con)
            self._lasting.add("oversight")
        if viewer not in self._viewers:
            add_viewer(self.con, viewer)
            self._viewers.add(viewer)
