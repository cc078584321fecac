"""What a formula is added up from: parts, each of which is read from one fact in one pass."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

import ibis.expr.types as ir

from salesgauge.semantics.measure import Formula, Measure


@dataclass(frozen=True)
class Part:
    """What one pass over a fact gives: the numerator, the denominator, or both; `counted`: the measures whose rows set aside are counted
    here; `also`: the name of a measure that only the formula reads. Without a side the rows set aside are counted alone."""

    num: Measure | None = None
    den: Measure | None = None
    counted: tuple[Measure, ...] = ()
    also: str = ""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that are read, the one first that says which rows."""
        return tuple(self.sides.values()) or self.counted

    @property
    def sides(self) -> dict[str, Measure]:
        """The measures whose numbers are wanted, by the names of their columns."""
        named = {self.also or "num": self.num, "den": self.den}
        return {name: measure for name, measure in named.items() if measure is not None}

    @property
    def per(self) -> str | None:
        """The column of the entities whose rows are added up first, where there is one: such a part has one side, and may count the same
        entities for the other."""
        return next((measure.per for measure in self.sides.values()), None)

    def conditions(self, t: ir.Table) -> list[ir.BooleanValue | None]:
        """The conditions of which a row fulfils one to belong to the part (None: every row does)."""
        if self.num is None and self.den is None:
            return [t[m.set_aside].notnull() for m in self.counted]
        # where the rows set aside are counted elsewhere, they make no group here
        return [(holding if self.counted else counting)(t, m) for m in self.measures]


def parts_of(formula: Formula) -> tuple[list[Part], list[Part]]:
    """The parts of the numerator and the denominator (one, where both are read in one pass), and what only the formula reads or whose
    rows set aside alone are counted."""
    num, den = formula.numerator, formula.denominator
    if den is None:
        return [Part(num=num, counted=(num,))], []
    further = [*(Part(counted=(m,)) for m in formula.watched), *(Part(num=m, also=f"also_{name}") for name, m in formula.also.items())]
    if num.same_rows(den):
        return [Part(num=num, den=den, counted=(num, den))], further
    shared = num.fact == den.fact and num.set_aside == den.set_aside  # the same rows set aside count once: in the denominator
    return [Part(num=num, counted=() if shared else (num,)), Part(den=den, counted=(den,))], further


def holding(t: ir.Table, measure: Measure) -> ir.BooleanValue | None:
    """Whether a measure's condition holds for a row; None where it has no condition."""
    return measure.where(t) if measure.where else None


def counting(t: ir.Table, measure: Measure) -> ir.BooleanValue | None:
    """Whether a row counts in a measure: its condition holds and nothing sets it aside; None where every row does."""
    holds, kept = holding(t, measure), t[measure.set_aside].isnull() if measure.set_aside else None
    return kept if holds is None else holds if kept is None else holds & kept


def any_of(conditions: list[ir.BooleanValue | None]) -> ir.BooleanValue | None:
    """Whether one of the conditions holds (None always does); None where that is so for every row."""
    given = [c for c in conditions if c is not None]
    if len(given) < len(conditions) or not given:
        return None
    return functools.reduce(operator.or_, given)


def filtered(t: ir.Table, conditions: list[ir.BooleanValue | None]) -> ir.Table:
    """The rows for which one of the conditions holds."""
    condition = any_of(conditions)
    return t if condition is None else t.filter(condition)
