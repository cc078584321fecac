"""The workspace as the pages and the interface for programs ask it: all of them through here, so that what is given in confidence
(web/confidence.py) is kept on each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from salesgauge.connected import Key, Origin
from salesgauge.errors import Confidential, QuestionError
from salesgauge.goals import Target
from salesgauge.semantics.answer import cut
from salesgauge.semantics.kpi import Catalogue, Kpi
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.semantics.shape import Shape
from salesgauge.settings import Settings
from salesgauge.store.generation import Generation
from salesgauge.store.opened import shape_of
from salesgauge.store.records import Records, RecordsPage
from salesgauge.store.session import Session
from salesgauge.store.timeline import Timeline
from salesgauge.web.confidence import Rule, is_confidential, partition
from salesgauge.web.view import page_instant
from salesgauge.workspace import Workspace


class Desk:
    """What pages may ask a workspace. Its methods are those of the workspace; QuestionError `confidential` where something is asked that
    would tell on somebody."""

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        self.workspace, self._clock = workspace, clock

    @property
    def settings(self) -> Settings:
        """The workspace's settings."""
        return self.workspace.settings

    @property
    def folder(self) -> Path:
        """The workspace's folder."""
        return self.workspace.folder

    @property
    def catalogue(self) -> Catalogue:
        """The KPIs."""
        return self.workspace.catalogue

    @property
    def figures(self) -> Catalogue:
        """The figures beside the KPIs."""
        return self.workspace.figures

    @property
    def everything(self) -> Catalogue:
        """Both."""
        return self.workspace.everything

    @property
    def targets(self) -> Mapping[str, Target]:
        """What the company wants of its KPIs."""
        return self.workspace.targets

    @property
    def code(self) -> str:
        """The version of the definitions."""
        return self.workspace.code

    def generation(self) -> Generation:
        """The generation in force."""
        return self.workspace.generation()

    def stages(self) -> list[dict[str, Any]]:
        """The stages of every pipeline in their order."""
        return self.workspace.stages()

    def sql(self, query: Any, viewer: Viewer = EVERYTHING, *, figures: bool = False) -> dict[str, str]:
        """The SQL that answers a query."""
        return self.workspace.sql(query, viewer, figures=figures)

    def find(self, table: str, wanted: str, viewer: Viewer = EVERYTHING, as_of: str | None = None, *, by_name: bool = True,
             limit: int = 20) -> list[tuple[str, str | None]]:
        """Id and name of the reps or accounts whose id or name holds a text."""
        return self.workspace.find(table, wanted, viewer, as_of, by_name=by_name, limit=limit)

    # Answers

    def answer(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING, *, figures: bool = False) -> list[dict[str, Any]]:
        """The answers to a batch; what would tell on somebody is withheld."""
        refused: dict[int, Confidential] = {}
        rules: dict[int, Rule] = {}
        for place, query in enumerate(queries):
            if self._is_confidential(query, figures):
                try:
                    rules[place] = self._rule(query, viewer, figures)
                except Confidential as problem:
                    refused[place] = problem
                except QuestionError:  # the workspace says what is wrong with it
                    continue
        needed = {place: list(rule.needed()) for place, rule in rules.items()}
        more = [query for several in needed.values() for _span, query in several]
        whole = [{**query, "first": None} if place in rules else query for place, query in enumerate(queries)]  # no order tells of anybody
        found = self.workspace.answer([*whole, *more], viewer, figures=figures)
        answers, counts = found[:len(queries)], iter(found[len(queries):])
        for place, rule in rules.items():
            known = {span: partition(next(counts).get("rows", ())) for span, _query in needed[place]}
            if "rows" in answers[place]:
                told = {**answers[place], "rows": rule.told(answers[place]["rows"], known)}
                answers[place] = told if queries[place].get("first") is None else cut(told, queries[place]["first"])
        for place, why in refused.items():
            answers[place] = {"kpi": queries[place]["kpi"], "error": {"code": why.code, "message": why.message}}
        return answers

    def _is_confidential(self, query: Any, figures: bool) -> bool:
        named = query.get("kpi") if isinstance(query, Mapping) else None
        catalogue = self.everything if figures else self.catalogue
        return isinstance(named, str) and named in catalogue and is_confidential(catalogue[named])

    def _rule(self, query: Mapping[str, Any], viewer: Viewer, figures: bool) -> Rule:
        generation = self.generation()
        shape = shape_of(generation, self.settings, dated=False)
        asked = self.workspace.check(dict(query), viewer, shape, figures)
        rule = Rule(asked, query, self.settings.zone, self.settings.fiscal_year_start, page_instant(self._clock(), generation.loaded_at),
                    _has_teams(asked.kpi, shape))
        rule.check()
        return rule

    # Records

    def open_records(self, session: Session, query: Any, side: str, viewer: Viewer = EVERYTHING, figures: bool = False) -> Records:
        """The rows behind a side of a question."""
        self._must_be_open(query, figures)
        return self.workspace.open_records(session, query, side, viewer, figures)

    def records(self, query: Any, side: str, viewer: Viewer = EVERYTHING, *, figures: bool = False) -> dict[str, Any]:
        """The rows behind a side of a question, each with its contribution."""
        self._must_be_open(query, figures)
        return self.workspace.records(query, side, viewer, figures=figures)

    def records_page(self, query: Any, side: str, viewer: Viewer = EVERYTHING, **chosen: Any) -> RecordsPage:
        """A page of those rows, sorted by one of its columns, as far as a search finds them."""
        self._must_be_open(query, bool(chosen.get("figures")))
        return self.workspace.records_page(query, side, viewer, **chosen)

    def _must_be_open(self, query: Any, figures: bool) -> None:
        if self._is_confidential(query, figures):
            raise Confidential(f"the answers behind {query['kpi']} were given in confidence; no single one is shown to anybody",
                               "in_confidence")

    def origins(self, rows: Iterable[Key]) -> dict[Key, Origin]:
        """Where rows came from, for who sees them already."""
        return self.workspace.origins(rows)

    def connections_mark(self) -> str:
        """A text that changes when a connection does."""
        return self.workspace.connections_mark()

    def contributions(self, queries: Sequence[tuple[Any, str]], table: str, name: str, viewer: Viewer = EVERYTHING) -> list[float | None]:
        """What one record adds to each of these sides; nothing to those that are made of answers in confidence."""
        found = self.workspace.contributions(queries, table, name, viewer)
        return [None if self._is_confidential(query, False) else number for (query, _side), number in zip(queries, found, strict=True)]

    def own_session(self) -> AbstractContextManager[Session]:
        """A session for something long, which keeps nobody from theirs."""
        return self.workspace.own_session()

    def record(self, table: str, name: str, viewer: Viewer = EVERYTHING, as_of: str | None = None) -> dict[str, Any] | None:
        """A row by its id, None where there is none for the viewer to see: nobody sees an answer that was given in confidence."""
        row = self.workspace.record(table, name, viewer, as_of)
        return None if row is not None and table == "survey_responses" and row.get("survey") == "employee" else row

    def timeline(self, table: str, name: str, viewer: Viewer = EVERYTHING, as_of: str | None = None, *, newest_first: bool = False,
                 offset: int = 0, limit: int = 100) -> Timeline | None:
        """What happened to a deal, lead or account, or what a rep did; answers in confidence are no events of it (store/timeline.py)."""
        return self.workspace.timeline(table, name, viewer, as_of, newest_first=newest_first, offset=offset, limit=limit)


def _has_teams(kpi: Kpi, shape: Shape) -> bool:
    return "team" in kpi.dimensions and shape.has("reps", "rep_assignments")
