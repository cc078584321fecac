"""What all pages of a running server share: the workspace, the clock, who is signed in, how fresh the data are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any

from salesgauge.semantics.question import Viewer
from salesgauge.state.runs import Told
from salesgauge.store.generation import Generation
from salesgauge.store.names import names_of
from salesgauge.store.recency import last_day
from salesgauge.store.records import RecordsPage
from salesgauge.store.remembered import Remembered
from salesgauge.web.desk import Desk
from salesgauge.web.visitor import Remember, Who

LISTS_BYTES = 16 * 1024**2  # of the first records of figures that are remembered
PAGES_BYTES = 32 * 1024**2  # what whole pages may take together


@dataclass(frozen=True)
class Freshness:
    """How far the data reach: the generation in force, when it was loaded (UTC), and the last local day on which anything happened."""

    generation: Generation
    loaded_at: datetime
    last_day: date | None
    stages: list[Mapping[str, Any]] = field(default_factory=list)
    values: dict[tuple[Any, ...], tuple[str | None, ...]] = field(default_factory=dict)  # of dimensions, as far as they were asked for
    names: dict[tuple[str, str], dict[str, str | None]] = field(default_factory=dict)    # of a table's column by id, likewise


@dataclass
class Site:
    """One server. `desk` is the workspace as pages ask it; `clock` gives the present instant with its zone; `remember` keeps what
    a person chose for themselves; `noted` is told when a reply was tagged; `runs` says how each connected system was read last;
    `pages` are those that were written lately (Page.remembered)."""

    desk: Desk
    clock: Callable[[], datetime]
    who: Who
    remember: Remember = lambda request, language, theme: None
    noted: Callable[[], None] = lambda: None
    runs: Callable[[], Mapping[str, Told]] = dict
    _known: dict[tuple[str, str | None], Freshness] = field(default_factory=dict)
    pages: Remembered[Any, bytes] = field(default_factory=lambda: Remembered(PAGES_BYTES))
    _lists: Remembered[Any, RecordsPage] = field(default_factory=lambda: Remembered(LISTS_BYTES))
    _lock: Lock = field(default_factory=Lock)

    def freshness(self) -> Freshness:
        """How fresh the data are; WorkspaceError where nothing was loaded yet."""
        generation = self.desk.generation()
        with self._lock:
            if generation.mark not in self._known:
                with self.desk.workspace.reading() as con:
                    last = last_day(con, generation, self.clock())
                self._known = {generation.mark: Freshness(generation, generation.loaded_at, last)}
            return self._known[generation.mark]

    def names(self, table: str, ids: Iterable[str], fresh: Freshness | None = None, column: str = "name") -> Mapping[str, str | None]:
        """The names of ids of a master table (or another text column), None for one without; each is looked up once per generation.
        `fresh`: how fresh the data are, where that is known already."""
        fresh = fresh or self.freshness()
        known = fresh.names.setdefault((table, column), {})
        missing = {i for i in ids if i not in known}
        if missing:
            with self.desk.workspace.reading() as con:
                found = names_of(con, fresh.generation, table, missing, column)
            known.update({i: found.get(i) for i in missing})
        return known

    def records(self, query: Mapping[str, Any], viewer: Viewer, sort: str, descending: bool, limit: int) -> RecordsPage:
        """The first rows behind a question about a KPI or figure, by one of their columns; worked out once per generation."""
        key = (self.freshness().generation.name, repr(sorted(query.items())), viewer, sort, descending, limit)
        return self._lists.fetch([key], lambda keys: {key: self.desk.records_page(
            query, "numerator", viewer, sort=sort, descending=descending, limit=limit, figures=True)})[key]

    def stages(self) -> Sequence[Mapping[str, Any]]:
        """The stages of every pipeline in their order (pipeline, stage, position, is_closed ...), read once per generation."""
        fresh = self.freshness()
        with self._lock:
            if not fresh.stages:
                fresh.stages.extend(self.desk.stages())
        return fresh.stages

    def of_rep(self, rep: str, column: str) -> str | None:
        """What the table of reps says of one: role, team; None where it is not known."""
        return self.names("reps", [rep], column=column).get(rep)
