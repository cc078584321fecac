"""Facts as of an instant, read off the same facts as of nothing instead of being built anew (docs/decisions/0025).

What becomes known later mostly adds rows, or fills cells that were empty: a row of a fact as of an instant is then its row as of nothing,
where it was known by then, without what happened later. How that is told of a fact is declared beside it; the build stays its definition,
and a law holds both equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from salesgauge.semantics.model import Model
from salesgauge.semantics.reach import AGAIN
from salesgauge.semantics.shape import Shape

LATEST = "latest_"  # what the name of a fact as of nothing begins with, where it is read beside facts as of an instant

Rows = Callable[["Hindsight", ir.Table], ir.Table | None]


@dataclass(frozen=True)
class LookBack:
    """How the rows of a fact as of an instant follow from those as of nothing.

    `rows` gives them from the fact as of nothing (None: not in a workspace of this shape). `again`: the keys of the fact (its column `key`)
    of which `rows` may be wrong at the instant. Their rows are built; or `instead` gives them from those as of nothing, at a greater cost.
    `unless`: where it has any row, none of it holds at the instant.
    """

    rows: Rows
    again: Rows | None = None
    instead: Rows | None = None
    unless: Callable[[Hindsight], ir.Table | None] | None = None


class Hindsight(Model):
    """A model as of an instant that also knows the facts as of nothing: `model.latest("deals")`. Each that is asked for is noted in
    `looked_at`."""

    def __init__(self, shape: Shape, fact_schema: Callable[[str], dict[str, str]], latest_schema: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(shape, fact_schema)
        self.looked_at: set[str] = set()
        self._latest_schema = latest_schema

    def latest(self, name: str) -> ir.Table:
        """A fact as of nothing, with what it tells beyond its columns as of an instant (`Model.hindsight`)."""
        self.looked_at.add(name)
        return ibis.table(self._latest_schema(name), name=LATEST + name)

    def of_keys(self, t: ir.Table, column: str) -> ir.Table:
        """The rows of a fact of which `again` gave the keys."""
        return t.semi_join(ibis.table({"key": "string"}, name=AGAIN), [(column, "key")])

    def is_known(self, at: ir.TimestampColumn) -> ir.BooleanColumn:
        """Whether an instant has come; false where it is empty."""
        return (at <= self.as_of_at).fill_null(False)


def where(condition: ir.BooleanValue, t: ir.Table, *columns: str) -> dict[str, ir.Value]:
    """These columns of `t`, empty unless a condition holds."""
    return {column: condition.ifelse(t[column], ibis.null(t[column].type())) for column in columns}


def known_by(column: str) -> Rows:
    """The rows of a fact of which one stored day or instant decides whether they are known, and nothing else depends on the instant."""
    def rows(m: Hindsight, t: ir.Table) -> ir.Table:
        return t.filter(t[column] <= (m.as_of_on if column.endswith("_on") else m.as_of_at))
    return rows
