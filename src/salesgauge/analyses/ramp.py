"""The ramp curve: what reps book in the months after their hire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RampPoint:
    """The months [first, last] since hire together: money booked, rep-months worked, money per rep-month (None without any)."""

    first: int
    last: int
    booked: float
    rep_months: int

    @property
    def value(self) -> float | None:
        """Booked per rep-month."""
        return self.booked / self.rep_months if self.rep_months else None


def ramp(rows: Iterable[Mapping[str, Any]], step: int = 3, until: int = 36) -> tuple[RampPoint, ...]:
    """The points of an answer of ramp_curve by tenure_month, `step` months to a point, of the first `until` months: numerators and
    denominators are added, since one month of a few reps says little. Reps whose hire is unknown are on no point."""
    booked, worked = [0.0] * until, [0] * until
    for row in rows:
        month = row["by"]["tenure_month"]
        if month is not None and int(month) < until:
            booked[int(month)] += row["numerator"]
            worked[int(month)] += int(row["denominator"])
    points = [RampPoint(first, min(first + step, until) - 1, sum(booked[first:first + step]), sum(worked[first:first + step]))
              for first in range(0, until, step)]
    while points and not points[-1].rep_months and not points[-1].booked:
        points.pop()
    return tuple(points)
