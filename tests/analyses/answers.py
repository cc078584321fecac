"""Rows as answers have them, in a line."""

from typing import Any

from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.semantics.intervals import student, wilson
from salesgauge.semantics.kpi import Kpi

KPIS = figures().beside(built_in())
START, END = "2025-01-01", "2025-02-01"


def row(value: float | None, n: int = 1, start: str = START, end: str = END, **by: str | None) -> dict[str, Any]:
    """A row of a sum or count."""
    return {"start": start, "end": end, "by": by, "value": value, "numerator": value or 0, "denominator": None, "n": n, "low": None,
            "high": None, "excluded": {}}


def proportion(yes: int, of: int, start: str = START, end: str = END, **by: str | None) -> dict[str, Any]:
    """A row of a proportion."""
    low, high = wilson(yes, of) or (None, None)
    return {"start": start, "end": end, "by": by, "value": yes / of if of else None, "numerator": yes, "denominator": of, "n": of,
            "low": low, "high": high, "excluded": {}}


def mean(values: list[float], **by: str | None) -> dict[str, Any]:
    """A row of a mean over these values."""
    n, middle = len(values), sum(values) / len(values)
    low, high = student(n, middle, sum((v - middle) ** 2 for v in values)) or (None, None)
    return {"start": START, "end": END, "by": by, "value": middle, "numerator": sum(values), "denominator": n, "n": n, "low": low,
            "high": high, "excluded": {}}


def kpi(name: str) -> Kpi:
    """A KPI or figure by its id."""
    return KPIS[name]
