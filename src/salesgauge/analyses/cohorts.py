"""Cohorts as a matrix: one row per period in which customers were gained, one column per quarter since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Cell:
    """Of `size` customers `active` were still active, with the 95 % Wilson interval of that share."""

    active: int
    size: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Cohort:
    """The customers gained in [start, end); a cell per age, None where that quarter is not over yet."""

    start: date
    end: date
    size: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Cohorts:
    """Cohorts in time order, all with the same ages; `together`: each age over all cohorts that have reached it."""

    ages: tuple[int, ...]
    cohorts: tuple[Cohort, ...]
    together: tuple[float | None, ...]


def cohorts(rows: Iterable[Mapping[str, Any]]) -> Cohorts:
    """The matrix of an answer of cohort_retention by age, at any grain."""
    by_span: dict[tuple[str, str], dict[int, Cell]] = {}
    for row in rows:
        if row["denominator"]:
            cell = Cell(row["numerator"], row["denominator"], row["value"], row["low"], row["high"])
            by_span.setdefault((row["start"], row["end"]), {})[int(row["by"]["age"])] = cell
    ages = tuple(range(max((age for cells in by_span.values() for age in cells), default=-1) + 1))
    made = tuple(Cohort(date.fromisoformat(start), date.fromisoformat(end), max(cell.size for cell in cells.values()),
                        tuple(cells.get(age) for age in ages)) for (start, end), cells in sorted(by_span.items()))
    return Cohorts(ages, made, tuple(_share([c.cells[age] for c in made]) for age in ages))


def _share(cells: Iterable[Cell | None]) -> float | None:
    reached = [cell for cell in cells if cell is not None]
    size = sum(cell.size for cell in reached)
    return sum(cell.active for cell in reached) / size if size else None
