"""The composition root: a folder with settings, a store and the catalogue; every surface asks through it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from salesgauge import settings as settings_file
from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.catalogue.own import AREA, declare_own
from salesgauge.connected import Connected
from salesgauge.errors import BadQuery, CatalogueError, EngineError, QuestionError, WorkspaceError
from salesgauge.goals import Target, targets
from salesgauge.judgements import state_of, tags_in, verdicts_in
from salesgauge.periods import Span, pieces, read_instant, read_period
from salesgauge.schema import TABLES
from salesgauge.semantics.answer import answer
from salesgauge.semantics.dialects import DUCKDB, writer
from salesgauge.semantics.kpi import Catalogue, Kpi
from salesgauge.semantics.question import EVERYTHING, Question, QuestionShape, Viewer, check_dimensions, find_kpi, read_question
from salesgauge.semantics.shape import Shape
from salesgauge.settings import Settings
from salesgauge.staging import Progress, Stage, Staged, silent
from salesgauge.store.generation import CACHE, FOLDER, Generation, current
from salesgauge.store.lookup import find, look_up
from salesgauge.store.moment import Moment
from salesgauge.store.opened import Opened
from salesgauge.store.quantiles import Quantiles
from salesgauge.store.records import Records, RecordsPage
from salesgauge.store.report import LoadReport
from salesgauge.store.rolled import AS_FOUND, Worth
from salesgauge.store.session import Session
from salesgauge.store.spilling import reading
from salesgauge.store.timeline import Timeline, timeline

if TYPE_CHECKING:
    from salesgauge.semantics.compiler import Compiler
    from salesgauge.state import State
    from salesgauge.store.engines.engine import Engine
    from salesgauge.store.refreshing import Refreshed

_log = logging.getLogger("salesgauge.store")
_COMPILERS: dict[tuple[str, Shape, str], Any] = {}


@cache
def _definitions() -> str:
    """A digest of the definitions as they are installed: what was compiled from other ones is not used."""
    digest = hashlib.sha256(importlib.metadata.version("ibis-framework").encode())
    for part in ("semantics", "facts", "catalogue", "store"):
        for path in sorted((Path(__file__).parent / part).rglob("*.py")):
            digest.update(path.read_bytes())
    digest.update((Path(__file__).parent / "schema.py").read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Asked:
    """A question that was found sound: its KPI, its span and periods, its as-of instant."""

    question: Question
    kpi: Kpi
    spans: tuple[Span, ...]
    as_of: datetime | None


def stage_folder(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress) -> Staged:
    """Stages a folder of canonical files; what reads files is imported only when some are read."""
    from salesgauge.sources import stage
    return stage(folder, con, scratch, progress)


class Workspace(Connected):
    """One workspace: a folder with settings and a store. Only `load` writes to it; a question sees one generation from start to end.
    `worth`: which rollups are made beside the facts."""

    def __init__(self, folder: Path, *, worth: Worth = AS_FOUND) -> None:
        self.folder, self.worth = folder, worth
        self.settings: Settings = settings_file.read(folder)
        self.catalogue: Catalogue = built_in()
        self.figures: Catalogue = figures()
        own = declare_own(folder, self.catalogue)
        self.everything: Catalogue = self.figures.beside(self.catalogue)
        self.code = _definitions() + own
        self.targets: Mapping[str, Target] = targets(self.settings.targets, self.catalogue)
        self._told: str | None = None  # of which damage the log was told
        if own:
            self._check_own()

    @classmethod
    def create(cls, folder: Path, timezone: str, currency: str, chosen: Mapping[str, Any]) -> Workspace:
        """A new workspace in a folder that is absent or holds no workspace yet."""
        if (folder / settings_file.FILE).exists():
            raise WorkspaceError(f"{folder} is a workspace already; its settings are in {folder / settings_file.FILE}")
        made = settings_file.make(timezone, currency, dict(chosen))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            settings_file.write(folder, made)
        except OSError as problem:
            raise WorkspaceError(f"cannot make a workspace in {folder}: {problem.strerror or problem}") from None
        return cls(folder)

    def load(self, source: Path, *, now: datetime, stage: Stage = stage_folder, complete: bool = False,
             progress: Progress = silent) -> LoadReport:
        """Merges what `stage` reads from `source` into the store, all or nothing; `now` is the load's instant. What people said here of
        replies stands where the source says nothing of them (docs/decisions/0018), and what they decided of who is who (0020)."""
        from salesgauge.store import load, writing
        from salesgauge.store.tagging import heed
        with state_of(self.folder) as state, writing(self.folder, memory=self.settings.memory_bytes) as writer:
            staged, brought = heed(writer.con, stage(source, writer.con, writer.scratch, progress), tags_in(state))
            if state is not None and brought:
                with state.change() as unit:
                    unit.tags.hear(brought)
            report = load(self.folder, self.settings, staged, writer.con, now=now, complete=complete, progress=progress,
                          verdicts=verdicts_in(state))
        self.bring()
        return report

    def bring(self) -> None:
        """Brings the generation in force to the engine, where there is one beside the store. EngineError where that cannot be; it is
        tried again with the next question, and what was loaded stays."""
        if self.engine is None:
            return
        generation = self.generation()
        with closing(self.open(generation)) as opened:
            try:
                opened.bring()
            except EngineError as problem:
                raise EngineError(f"{generation.name} is loaded, but not on the engine yet: {problem.message}", "engine_behind",
                                  generation=generation.name, said=problem.message) from problem

    def make_ready(self, now: datetime, *, whole: bool = False, dates: bool = False, progress: Progress = silent) -> Refreshed:
        """Makes the facts of the current generation ready, so that no question waits for them: those that an earlier generation kept, as of
        everything known and of common instants seen from `now` (store/refreshing.py). `whole`: all facts as of everything known; `dates`:
        all facts as of those instants. WorkspaceError where nothing was loaded yet."""
        from salesgauge.facts import FACTS
        from salesgauge.store.refreshing import common_instants, refresh
        names = [name for name, fact in FACTS.items() if not fact.period]
        with self.session() as session:
            return refresh(session, names, common_instants(now, self.settings.zone), whole=whole, dates=dates, progress=progress)

    def settle(self, *, now: datetime, state: State | None = None) -> bool:
        """Brings into the store what people said here that it does not have yet: tags of replies, and decisions of who is who; says whether
        there was any. `state` is where they are kept, by default that of the folder. WorkspaceError where a load goes on."""
        from salesgauge.store import load, writing
        from salesgauge.store.identity.finding import are_held
        from salesgauge.store.tagging import stage_tags
        with state_of(self.folder) if state is None else nullcontext(state) as kept:
            tags, verdicts, generation = tags_in(kept), verdicts_in(kept), current(self.folder)
            if generation is None:
                return False
            if not tags:
                if not verdicts and generation.identity.verdicts is None:
                    return False  # most often: nothing need be read
                with self.reading() as con:
                    if are_held(con, generation.identity, verdicts):
                        return False
            with writing(self.folder, memory=self.settings.memory_bytes) as writer:
                generation = current(self.folder) or generation
                staged = stage_tags(writer.con, generation, tags)
                if staged is None and are_held(writer.con, generation.identity, verdicts):
                    return False
                return load(self.folder, self.settings, staged or Staged("identity", (), partial=True), writer.con, now=now,
                            verdicts=verdicts).changed

    def generation(self) -> Generation:
        """The current generation; WorkspaceError where nothing was loaded yet. Where it stands in for a damaged one, the log is told."""
        generation = self.loaded()
        if generation is None:
            raise WorkspaceError(f"{self.folder} has no data yet; load some with: salesgauge load FOLDER --workspace {self.folder}",
                                 "no_data_yet", command="salesgauge load FOLDER")
        return generation

    def loaded(self) -> Generation | None:
        """The same; None where nothing was loaded yet."""
        generation = current(self.folder)
        if generation is not None and generation.damage is not None and generation.damage != self._told:
            self._told = generation.damage
            _log.warning("the newest load cannot be read: %s. What you see is %s, loaded %s; salesgauge doctor says what to do",
                         generation.damage, generation.name, generation.loaded_at.isoformat(timespec="minutes"))
        return generation

    def reading(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection of one's own to read parts of the store with, whose memory is bounded as the settings say."""
        return reading(self.folder / FOLDER, self.settings.memory_bytes)

    def _compiler(self, shape: Shape, dialect: str = DUCKDB) -> Compiler:
        key = (self.code, shape, dialect)
        if key not in _COMPILERS:
            from salesgauge.facts import FACTS
            from salesgauge.semantics.compiler import Compiler
            _COMPILERS[key] = Compiler(shape, FACTS, self.everything, writer(dialect))
        compiler: Compiler = _COMPILERS[key]
        return compiler

    def _check_own(self) -> None:
        """Compiles each own KPI with each of its dimensions, once per version of the file, so that a mistake shows at once."""
        mark = self.folder / FOLDER / CACHE / f"own-{self.code}"
        if mark.exists():
            return
        compiler = self._compiler(Shape(frozenset(TABLES), (), self.settings.currency))
        for kpi in (k for k in self.catalogue.values() if k.area == AREA):
            for by in [(), *((dimension,) for dimension in kpi.dimensions)]:
                try:
                    compiler.question(QuestionShape(kpi.id, by, (), "everything"))
                except CatalogueError:
                    raise
                except Exception as problem:
                    raise CatalogueError(f"{kpi.declared_at}: KPI {kpi.id}: {type(problem).__name__}: {problem}") from None
        with suppress(OSError):
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()

    def open(self, generation: Generation) -> Opened:
        """A generation, open for sessions."""
        return Opened(self.folder, self.settings, generation, self._compiler, self.code, worth=self.worth, engine=self.engine)

    @cached_property
    def engine(self) -> Engine | None:
        """Where facts are built and questions answered; None: in the local store. SettingError where its address is not to be had."""
        if self.settings.engine.name == DUCKDB:
            return None
        from salesgauge.store.engines.opening import engine_of
        return engine_of(self.settings.engine)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One consistent generation, open for questions."""
        with closing(self.open(self.generation())) as opened, closing(Session(opened)) as session:
            yield session

    def check(self, query: Any, viewer: Viewer, shape: Shape, figures: bool = False) -> Asked:
        """A batch entry, found sound; of several faults the first of compute.md's order is raised. `figures`: it may name a figure too."""
        kpi = find_kpi(query, self.everything if figures else self.catalogue)
        question = read_question(query, viewer)
        if not kpi.median:  # nothing of it is ever approximate
            question = replace(question, approximate=False)
        as_of = None if question.as_of is None else read_instant(question.as_of, self.settings.zone)
        span = read_period(question.period, self.settings.fiscal_year_start)
        check_dimensions(kpi, question, shape)
        return Asked(question, kpi, tuple(pieces(span, question.grain, self.settings.fiscal_year_start)), as_of)

    def answer(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING,
               progress: Callable[[int, int], None] | None = None, *, figures: bool = False) -> list[dict[str, Any]]:
        """The answers to a batch, in its order; a query that cannot be answered gives its error and the others are answered. With
        `figures` the queries may name figures as well as KPIs."""
        done = 0
        quantiles = self.quantiles()
        with self.session() as session:
            answers, by_instant = self.sound(queries, viewer, session.shape(dated=False), figures)
            for as_of, several in by_instant.items():
                spans = sorted({span for _place, asked in several for span in asked.spans})
                number = {span: n for n, span in enumerate(spans)}
                moment = session.at(spans, as_of)
                for place, asked in several:
                    numbers = [number[span] for span in asked.spans]
                    groups = moment.groups(QuestionShape.of(asked.question), numbers, parameters(asked.question), viewer,
                                           alone=len(several) == 1).by_span(numbers)
                    found = [(span, groups[number[span]]) for span in asked.spans]
                    answers[place] = answer(asked.kpi, asked.question, self.settings, found, quantiles.of)
                    done += 1
                    if progress:
                        progress(done, len(queries))
        quantiles.save()
        return answers

    def sound(self, queries: Sequence[Any], viewer: Viewer, shape: Shape,
              figures: bool = False) -> tuple[list[dict[str, Any]], dict[datetime | None, list[tuple[int, Asked]]]]:
        """A batch sorted out: the answers, so far only the errors of queries that cannot be answered; and the others by their as-of
        instant, each with its place in the batch."""
        answers: list[dict[str, Any]] = [{} for _ in queries]
        by_instant: dict[datetime | None, list[tuple[int, Asked]]] = {}
        for place, query in enumerate(queries):
            try:
                asked = self.check(query, viewer, shape, figures)
                by_instant.setdefault(asked.as_of, []).append((place, asked))
            except QuestionError as problem:
                named = query.get("kpi") if isinstance(query, dict) else None
                answers[place] = {"kpi": named, "error": {"code": problem.code, "message": problem.message}}
        return answers, by_instant

    def quantiles(self) -> Quantiles:
        """Student's quantiles, as the workspace keeps them."""
        return Quantiles(self.folder / FOLDER / CACHE / "student.json")

    def stages(self) -> list[dict[str, Any]]:
        """The stages of every pipeline in their order: pipeline, stage, position, is_closed, is_won, probability."""
        with self.session() as session:
            return session.stages()

    def sql(self, query: Any, viewer: Viewer = EVERYTHING, *, figures: bool = False, alone: bool = False) -> dict[str, str]:
        """The SQL that answers a query: of each fact and rollup that it reads, then of the question; its parameters stand there as
        $name. Before them, where one that is asked `alone` is answered `straight` from the tables, that one statement."""
        with self.session() as session:
            asked = self.check(query, viewer, session.shape(False), figures)
            return session.sql(QuestionShape.of(asked.question), asked.spans, asked.as_of, alone=alone)

    def records(self, query: Any, side: str, viewer: Viewer = EVERYTHING, *, figures: bool = False) -> dict[str, Any]:
        """The rows behind a side of a question, each with its contribution; the contributions add up to the side's number."""
        with self.session() as session:
            found = self.open_records(session, query, side, viewer, figures)
            rows = found.all()
            return {"kpi": query["kpi"], "side": side, "total": sum(row["contribution"] for row in rows), "rows": rows}

    def records_page(self, query: Any, side: str, viewer: Viewer = EVERYTHING, *, search: str = "", sort: str | None = None,
                     descending: bool = False, offset: int = 0, limit: int = 50,
                     figures: bool = False) -> RecordsPage:
        """A page of those rows, sorted by one of its `columns`; `search` finds part of an id or text, whatever its case. BadQuery for a
        column that there is not and for a page that cannot be."""
        with self.session() as session:
            return self.open_records(session, query, side, viewer, figures).page(search, sort, descending, offset, limit)

    def records_batches(self, query: Any, side: str, viewer: Viewer = EVERYTHING, *,
                        figures: bool = False) -> Iterator[list[dict[str, Any]]]:
        """All those rows, some thousands at a time: for files that are larger than what should be in memory. The generation stays open
        until the iterator has ended or is closed."""
        with self.own_session() as session:
            yield from self.open_records(session, query, side, viewer, figures).batches()

    def record(self, table: str, name: str, viewer: Viewer = EVERYTHING, as_of: str | None = None) -> dict[str, Any] | None:
        """The row of a canonical table with that id (the parts of its key joined by |) as it was known; None where there is none or the
        viewer may not see it (docs/decisions/0009). MissingTable where the model has no such table, BadQuery for an unreadable as_of."""
        with self.session() as session:
            moment = self._moment(session, as_of)
            return look_up(moment, table, moment.one_of(table, name), viewer)

    def timeline(self, table: str, name: str, viewer: Viewer = EVERYTHING, as_of: str | None = None, *, newest_first: bool = False,
                 offset: int = 0, limit: int = 100) -> Timeline | None:
        """What happened to a deal (`opportunities`), lead or account, or what a rep did, as it was known, a page of it; None where there
        is no such record or the viewer may not see it. BadQuery for another table, page or an unreadable as_of."""
        with self.session() as session:
            moment = self._moment(session, as_of)
            return timeline(moment, table, moment.one_of(table, name), viewer, newest_first=newest_first, offset=offset, limit=limit)

    def find(self, table: str, wanted: str, viewer: Viewer = EVERYTHING, as_of: str | None = None, *, by_name: bool = True,
             limit: int = 20) -> list[tuple[str, str | None]]:
        """Id and name of the reps or accounts whose id or name holds a text, as far as the viewer may see them."""
        with self.session() as session:
            return find(self._moment(session, as_of), table, wanted, viewer, by_name=by_name, limit=limit)

    def contributions(self, queries: Sequence[tuple[Any, str]], table: str, name: str, viewer: Viewer = EVERYTHING) -> list[float | None]:
        """What one record (its table and id) adds to each of these sides of queries, which have one period and as-of instant; None where
        it is not among the rows behind it, or where the query cannot be asked."""
        found: list[float | None] = [None] * len(queries)
        with self.session() as session:
            shape, moment, of = session.shape(False), None, None
            for place, (query, side) in enumerate(queries):
                try:
                    asked = self.check(query, viewer, shape)
                except QuestionError:  # a table that it needs is absent, or a filter that it does not have is set
                    continue
                if moment is None or of != (asked.spans, asked.as_of):
                    moment, of = session.at(asked.spans, asked.as_of), (asked.spans, asked.as_of)
                found[place] = moment.contribution(QuestionShape.of(asked.question), side, range(len(asked.spans)),
                                                   parameters(asked.question), viewer, table, name)
        return found

    def _moment(self, session: Session, as_of: str | None) -> Moment:
        return session.at([], None if as_of is None else read_instant(as_of, self.settings.zone))

    @contextmanager
    def own_session(self) -> Iterator[Session]:
        """A session for something long, which keeps nobody from theirs."""
        with self.session() as session:
            yield session

    def open_records(self, session: Session, query: Any, side: str, viewer: Viewer = EVERYTHING, figures: bool = False) -> Records:
        """Those rows in a session, for several looks at them."""
        asked = self.check(query, viewer, session.shape(False), figures)
        if side not in ("numerator", "denominator"):
            raise BadQuery(f"a value has the sides numerator and denominator, not {side!r}", "no_side", side=side)
        measure = asked.kpi.formula.numerator if side == "numerator" else asked.kpi.formula.denominator
        if measure is None:
            raise BadQuery(f"{asked.kpi.id} is one measure: it has no denominator; ask for the side numerator", "no_denominator",
                           kpi=asked.kpi.id)
        return Records(session, asked.question, side, measure, asked.spans, asked.as_of, parameters(asked.question))


def parameters(question: Question) -> dict[str, Any]:
    """The values of each filter and how many groups are wanted, by the names of their placeholders."""
    where = {f"where{place}": [v for v in values if v is not None] for place, (_dimension, values) in enumerate(question.where)}
    return where | {"first": question.first}
