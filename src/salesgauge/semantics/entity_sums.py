"""The additive columns of a rollup that has put entities together: how many there are, the sum of what each is worth, and the squared
deviations of that from its mean. It is made from one with a row of each (semantics/additions.py), and is right where none has two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ibis.expr.types as ir

from salesgauge.semantics.added import Added
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.parts import Part
from salesgauge.semantics.rollup import COUNT

_NUMBER, _SUM, _PRESENT, _DEV, _ALL = "entities", "sum", "present", "dev", "all"


class _Column(NamedTuple):
    """What is told of the entities that have rows in the column `counting`, by the column of what each is worth (None: 1); of _ALL the sum
    of a column over all rows."""

    kind: str
    counting: str
    worth: str | None = None


@dataclass
class EntitySums:
    """Those about one kind of entity, in the order in which the catalogue needs them."""

    _names: dict[_Column, str] = field(default_factory=dict)

    def of(self, part: Part, added: Added, kpi: Kpi) -> Added:
        """The columns that a part needs, which are where `added` says in the rollup with a row of each entity."""
        numbers, told = dict[str, str](), dict[str, str]()
        for side, measure in part.sides.items():
            counting, worth = added.numbers[f"{side}_n"], added.numbers[side] if measure.value else None
            number = self._name(_NUMBER, counting)
            numbers[side] = self._name(_SUM, counting, worth) if worth else number
            if not part.also:
                numbers[f"{side}_n"] = number
            if side == "num" and kpi.interval == "student":
                present = self._name(_PRESENT, counting, worth) if worth else number
                told = {"dev": self._name(_DEV, counting, worth), "present": present, "total": numbers[side]}
        numbers |= {name: self._name(_ALL, column) for name, column in added.asides.items()}
        return Added(self._name(_ALL, added.rows), numbers, **told)

    def _name(self, kind: str, counting: str, worth: str | None = None) -> str:
        return self._names.setdefault(_Column(kind, counting, worth), f"{kind}_{len(self._names)}")

    def schema(self, names: Iterable[str]) -> dict[str, str]:
        """The types of some of the columns."""
        kinds = {name: column.kind for column, name in self._names.items()}
        return {name: "float64" if kinds[name] in (_SUM, _DEV) else "int64" for name in names}

    def aggregated(self, each: ir.Table, entity: str) -> dict[str, ir.Scalar]:
        """Each column as an aggregation of rows of entities, and as COUNT how many rows there are."""
        return {name: self._aggregated(each, entity, *column) for column, name in self._names.items()} | {COUNT: each.count()}

    def _aggregated(self, each: ir.Table, entity: str, kind: str, counting: str, worth: str | None) -> ir.Scalar:
        if kind == _ALL:
            return each[counting].sum()
        counts: Any = each[entity].notnull() & (each[counting] > 0)
        value: Any = each[worth] if worth else None
        if kind == _NUMBER:
            return counts.sum()
        if kind == _SUM:
            return value.sum(where=counts)
        if kind == _PRESENT:
            return value.count(where=counts)
        return value.var(where=counts, how="pop") * value.count(where=counts) if worth else counts.sum() * 0.0
