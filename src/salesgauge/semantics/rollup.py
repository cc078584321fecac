"""Which rollup: its name, and what a question needs of one. Reading them needs no expression library."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

SUMS = ""                              # what can be added up
VALUES, BUCKETS = "values", "buckets"  # the two forms of a distribution (semantics/distribution.py)
ENTITIES = "entities"                  # what has put entities together (semantics/entity_sums.py)
COUNT = "count__"                      # their column that says of how many values, or rows of entities, a row is made


def single(entity: str) -> str:
    """The column of a rollup, the same in all its rows (of a period), that says whether each has another entity (1, else 0; by the
    statistics of truth values DuckDB leaves nothing out): the value of the column `entity`. Nothing need be grouped then."""
    return f"single_{entity}"


class Rollup(NamedTuple):
    """A rollup: of which fact, by which date anchor, its months or its days, and by which of its columns (sorted). Of a fact of a period
    there is no anchor: it is by the period itself. `held`: SUMS, the form and number of a distribution, or ENTITIES and the column that
    tells them apart."""

    fact: str
    on: str
    months: bool
    columns: tuple[str, ...]
    held: str = SUMS

    @property
    def entity(self) -> str | None:
        """The column of the entities that it has put together."""
        form, _of, entity = self.held.partition("_")
        return entity if form == ENTITIES else None

    @property
    def is_distribution(self) -> bool:
        """Whether it counts values."""
        return self.held.startswith((VALUES, BUCKETS))

    @property
    def name(self) -> str:
        """A name for it, of letters, digits and _."""
        kind = f"{self.on}_by_{'month' if self.months else 'day'}" if self.on else "by_period"
        by = hashlib.sha256("\n".join(self.columns).encode()).hexdigest()[:8] if self.columns else "total"
        return f"rollup_{self.fact}_{kind}_{by}{self.held and f'_{self.held}'}"


class Need(NamedTuple):
    """What a question reads: a rollup of a fact and date anchor (none: of a fact of a period), under a name that stands in its SQL.
    `rungs`: the columns of those that can answer, in the order to look at them; `held`: what they may hold, the exact before the
    approximate; `entities`: whether one of the columns tells entities apart, of which there may be nearly as many as rows."""

    name: str
    fact: str
    on: str
    rungs: tuple[tuple[str, ...], ...]
    held: tuple[str, ...] = (SUMS,)
    entities: bool = False

    @property
    def required(self) -> bool:
        """Whether nothing stands in for it. Without a distribution the facts answer, for putting one together from their rows takes longer;
        without what has put entities together, what has a row of each."""
        return self.held != (SUMS,)
