"""Facts: derived tables with a stated row grain, pure functions of the model (and, for period facts, of the spans asked for)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import ibis.expr.types as ir

from salesgauge.errors import CatalogueError
from salesgauge.semantics.looking_back import Hindsight, LookBack, Rows
from salesgauge.semantics.model import Model
from salesgauge.semantics.reach import Reach

Build = Callable[[Model], ir.Table]


@dataclass(frozen=True)
class Fact:
    """A derived table. `grain` says what one row is; `period`: it has one set of rows for each span (a column `span`);
    `timeless`: it is the same as of every instant; `shared`: its rows belong to no rep and are for everyone to see (any other fact
    without an owner is for those who see everything). `key` is the column by which its rows fall into groups, and `reach` by which paths
    a row of each relation that it reads reaches them (semantics/reach.py); a fact without a key is always built whole. `in_time`: the
    column of days by which its rows are looked for most; many are kept in files by its quarters (store/quarters.py). `back`: how its rows
    as of an instant follow from those as of nothing."""

    name: str
    grain: str
    build: Build
    period: bool = False
    timeless: bool = False
    shared: bool = False
    key: str | None = None
    reach: Reach = field(default_factory=dict)
    in_time: str | None = None
    back: LookBack | None = None


class Facts(Mapping[str, Fact]):
    """A registry of facts, by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Fact] = {}

    def __getitem__(self, name: str) -> Fact:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def declare(self, grain: str, *, period: bool = False, timeless: bool = False, shared: bool = False, key: str | None = None,
                reach: Reach | None = None, in_time: str | None = None) -> Callable[[Build], Build]:
        """Declares the decorated function as the fact of its name."""
        def declared(build: Build) -> Build:
            name = build.__name__
            if name in self._by_name:
                raise CatalogueError(f"the fact {name} is declared twice")
            self._by_name[name] = Fact(name, grain, build, period, timeless, shared, key, reach or {}, in_time)
            return build
        return declared

    def look_back(self, *names: str, again: Rows | None = None, instead: Rows | None = None,
                  unless: Callable[[Hindsight], ir.Table | None] | None = None) -> Callable[[Rows], Rows]:
        """Declares the decorated function as what tells the rows of these facts as of an instant from those as of nothing."""
        def declared(rows: Rows) -> Rows:
            for name in names:
                self._by_name[name] = replace(self._by_name[name], back=LookBack(rows, again, instead, unless))
            return rows
        return declared
