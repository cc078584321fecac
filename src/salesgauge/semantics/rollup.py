"""Which rollup: its name, and what a question needs of one. Reading them needs no expression library."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

SUMS = ""                              # what can be added up
VALUES, BUCKETS = "values", "buckets"  # the two forms of a distribution (semantics/distribution.py)
COUNT = "count__"                      # its column that says how many values a row counts


def single(entity: str) -> str:
    """The column of a rollup, the same in all its rows (of a period), that says whether each has another entity (1, else 0; by the
    statistics of truth values DuckDB leaves nothing out): the value of the column `entity`. Nothing need be grouped then."""
    return f"single_{entity}"


class Rollup(NamedTuple):
    """A rollup: of which fact, by which date anchor, its months or its days, and by which of its columns (sorted). Of a fact of a period
    there is no anchor: it is by the period itself. `held`: SUMS, or the form and number of a distribution."""

    fact: str
    on: str
    months: bool
    columns: tuple[str, ...]
    held: str = SUMS

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
    def spread(self) -> bool:
        """Whether it is a distribution: without one the facts answer, for putting one together from their rows takes longer."""
        return self.held != (SUMS,)
