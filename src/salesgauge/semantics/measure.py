"""Measures: one aggregation of one fact, with its own date anchor. Declaring them needs no expression library, so that a
question whose SQL is cached is answered without one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from salesgauge.semantics.scan import Scan

Where = Callable[["ir.Table"], "ir.BooleanValue"]


class Transform(Protocol):
    """A last step on rows: the columns that it reads, and what it does."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the fact that it reads."""
        ...

    @property
    def factor(self) -> Factor | None:
        """What it multiplies a column by, where it does nothing else: then sums can be multiplied as well as their rows."""
        ...

    def __call__(self, scan: Scan, t: ir.Table, /) -> ir.Table:
        """The rows after the step."""
        ...


class Factor(Protocol):
    """A number beside each row, the same for all that are equal in some columns; rows without one go."""

    @property
    def number(self) -> str:
        """The name of its column."""
        ...

    @property
    def of(self) -> str:
        """The column of the fact that is multiplied by it."""
        ...

    @property
    def made(self) -> str:
        """The column of what comes of that."""
        ...

    def meeting(self, scan: Scan, /) -> tuple[str, ...]:
        """The columns in which rows of the same number are equal."""
        ...

    def beside(self, scan: Scan, t: ir.Table, /) -> ir.Table:
        """Rows of the fact, or sums of them, with the number."""
        ...


# What a KPI may need, apart from a table's plain name: the tables of which any one will do, by workspace.
PURCHASE, CUSTOMER = "purchase", "customer"


@dataclass(frozen=True)
class Measure:
    """One aggregation of one fact.

    fact        the name of the fact whose rows it reads
    on          the date anchor: a row is in P when its column `<on>_on` is; empty for a period fact, whose rows name their span
    where       which rows count (None: all)
    value       the column that is summed; None: the rows are counted
    set_aside   a text column that gives the reason why a row cannot count (null: it counts)
    reasons     the reasons that the column can give
    per         the entity over which the mean is taken, where a row is only a part of it; with `value` None: entities are counted
    dimensions  dimension -> column, where it is not `<on>_<dimension>` or `<dimension>`; empty: the measure stays whole (†)
    transform   a last step on the rows that passed the filters (the largest accounts; a comparison with prices)
    records     the table and the column of ids of the records behind its rows; (None, column): the column `record_table` names it
    because     columns that say how a contribution came about
    needs       the tables without which it cannot be told
    """

    name: str
    fact: str
    on: str = ""
    where: Where | None = None
    value: str | None = None
    set_aside: str | None = None
    reasons: tuple[str, ...] = ("no_exchange_rate",)
    per: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    transform: Transform | None = None
    records: tuple[str | None, str] = ("", "")
    because: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def __truediv__(self, other: Measure) -> Formula:
        return Formula(self, other)

    @property
    def factor(self) -> Factor | None:
        """The number by which its last step multiplies; None where it has no such step."""
        return self.transform.factor if self.transform else None

    def columns_for(self, dimension: str) -> tuple[str, ...]:
        """The columns that may carry a dimension, the first that the fact has does."""
        if dimension in self.dimensions:
            return (self.dimensions[dimension],)
        return (f"{self.on}_{dimension}", dimension)

    def same_rows(self, other: Measure) -> bool:
        """Whether both can be read in one pass over the fact: of entities, those that the other counts."""
        alike = (self.fact, self.on, self.set_aside, self.dimensions, self.transform, self.per) == (
            other.fact, other.on, other.set_aside, other.dimensions, other.transform, other.per)
        return alike and (self.per is None or (self.where == other.where and other.value is None))


def factor_of(measure: Measure) -> Factor | None:
    """What a measure's value is made by; None where it is a column of the fact, or no factor makes it."""
    factor = measure.factor
    return factor if factor and factor.made == measure.value else None


def owner(measure: Measure, columns: Collection[str]) -> str | None:
    """The column of a measure's fact that says whose a row is; None where none does."""
    return next((c for c in (*measure.columns_for("rep"), "owner") if c in columns), None)


@dataclass(frozen=True)
class Source:
    """A fact as measures are declared on it: `deals.count("won", where=..., on="closed")`."""

    fact: str
    records: tuple[str | None, str]
    needs: tuple[str, ...] = ()
    dimensions: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ("no_exchange_rate",)

    def count(self, name: str, **more: Any) -> Measure:
        """The number of rows (with `per`: of entities)."""
        return self._measure(name, None, more)

    def sum(self, name: str, value: str, **more: Any) -> Measure:
        """The sum of a column."""
        return self._measure(name, value, more)

    def _measure(self, name: str, value: str | None, more: dict[str, Any]) -> Measure:
        settled = {"records": self.records, "needs": self.needs, "dimensions": self.dimensions, "reasons": self.reasons} | more
        return Measure(name, self.fact, value=value, **settled)


Value = Callable[[Mapping[str, Any]], float | None]


@dataclass(frozen=True)
class Formula:
    """Numerator and denominator of a KPI; `denominator` None: the KPI is one measure.

    `value` replaces numerator / denominator: it gets the row's numbers (num, num_n, den, den_n and the sums of the `also` measures,
    each under its key) and gives the value or None. `watched` measures count only by the rows that they set aside.
    """

    numerator: Measure
    denominator: Measure | None = None
    also: Mapping[str, Measure] = field(default_factory=dict)
    value: Value | None = None
    watched: tuple[Measure, ...] = ()

    def by(self, value: Value, **also: Measure) -> Formula:
        """The same two measures with another formula, and the further measures that it reads."""
        return replace(self, value=value, also=also)

    def watching(self, *measures: Measure) -> Formula:
        """The same formula; the rows that these measures set aside are counted with its own."""
        return replace(self, watched=measures)

    def measures(self) -> tuple[Measure, ...]:
        """Each measure of the formula, the numerator first."""
        return (self.numerator, *((self.denominator,) if self.denominator else ()), *self.also.values())
