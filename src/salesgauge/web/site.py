"""What all pages of a running server share: the workspace, the clock, who is signed in, how fresh the data are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any

from salesgauge.store.generation import Generation
from salesgauge.store.names import names_of
from salesgauge.store.recency import last_day
from salesgauge.web.batch import Answering
from salesgauge.web.visitor import Remember, Who
from salesgauge.workspace import Workspace


@dataclass(frozen=True)
class Freshness:
    """How far the data reach: the generation in force, when it was loaded (UTC), and the last local day on which anything happened."""

    generation: Generation
    loaded_at: datetime
    last_day: date | None
    names: dict[str, dict[str, str | None]] = field(default_factory=dict)  # table -> id -> name, as far as they were asked for
    values: dict[tuple[Any, ...], tuple[str | None, ...]] = field(default_factory=dict)  # of dimensions, as far as they were asked for


@dataclass
class Site:
    """One server. `desk` answers questions; `clock` gives the present instant with its zone; `remember` keeps what
    a person chose for themselves."""

    workspace: Workspace
    desk: Answering
    clock: Callable[[], datetime]
    who: Who
    remember: Remember = lambda request, language, theme: None
    _known: dict[str, Freshness] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def freshness(self) -> Freshness:
        """How fresh the data are; WorkspaceError where nothing was loaded yet."""
        generation = self.workspace.generation()
        with self._lock:
            if generation.name not in self._known:
                self._known = {generation.name: Freshness(generation, generation.loaded_at, last_day(generation, self.clock()))}
            return self._known[generation.name]

    def names(self, table: str, ids: Iterable[str]) -> Mapping[str, str | None]:
        """The names of ids of a master table, None for one without; each is looked up once per generation."""
        fresh = self.freshness()
        known = fresh.names.setdefault(table, {})
        missing = {i for i in ids if i not in known}
        if missing:
            found = names_of(fresh.generation, table, missing)
            known.update({i: found.get(i) for i in missing})
        return known

    def of_rep(self, rep: str, column: str) -> str | None:
        """What the table of reps says of one: role, team; None where it is not known."""
        return names_of(self.freshness().generation, "reps", [rep], column).get(rep)
