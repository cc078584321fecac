"""Pace: where bookings stand beside a quota that is reached in even steps, and what is left to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from salesgauge.periods import Span

SATURDAY = 5


@dataclass(frozen=True)
class Pace:
    """Bookings beside a quota on a day of the period. Money in the workspace's currency.

    days, elapsed  the workdays of the period, and those of them that are over; the day itself still counts as left. Of a period
                   without any workday all days count
    share          elapsed / days: how much of the period is over
    """

    booked: float
    quota: float | None
    days: int
    elapsed: int

    @property
    def left(self) -> int:
        """The workdays left, the present one among them."""
        return self.days - self.elapsed

    @property
    def share(self) -> float:
        """The share of the period's workdays that is over."""
        return self.elapsed / self.days

    @property
    def attainment(self) -> float | None:
        """Booked / quota; None without a quota above 0."""
        return self.booked / self.quota if self.quota is not None and self.quota > 0 else None

    @property
    def steady(self) -> float | None:
        """What would be booked by now at a steady pace: quota x share."""
        return self.quota * self.share if self.quota is not None else None

    @property
    def ahead(self) -> float | None:
        """How far bookings are ahead of the steady pace; below 0: behind."""
        steady = self.steady
        return None if steady is None else self.booked - steady

    @property
    def gap(self) -> float | None:
        """What is still missing to the quota; 0 where it is reached."""
        return None if self.quota is None else max(0.0, self.quota - self.booked)

    @property
    def needed_per_day(self) -> float | None:
        """What must be booked on each workday left to reach the quota; None where no day or no quota is left."""
        return None if self.gap is None or not self.left else self.gap / self.left

    @property
    def booked_per_day(self) -> float | None:
        """What was booked on each workday that is over; None on the first."""
        return self.booked / self.elapsed if self.elapsed else None

    def coverage(self, pipeline: float) -> float | None:
        """How often the pipeline (due by the period's end) covers the gap; None where there is none."""
        return pipeline / self.gap if self.gap else None

    def line(self) -> list[tuple[int, float]]:
        """The line of the steady pace: (workdays over, money) at the period's start and end; empty without a quota."""
        return [] if self.quota is None else [(0, 0.0), (self.days, self.quota)]


def workdays(days: Iterable[date], holidays: Collection[date] = frozenset()) -> int:
    """How many of the days are Monday to Friday and no holiday."""
    return sum(day.weekday() < SATURDAY and day not in holidays for day in days)


def pace(booked: float, quota: float | None, span: Span, on: date, holidays: Collection[date] = frozenset()) -> Pace:
    """The pace of a period on a local day `on`: before the period nothing of it is over, after it everything."""
    over = Span(span.start, min(max(on, span.start), span.end))
    total = workdays(span.days(), holidays)
    if total:
        return Pace(booked, quota, total, workdays(over.days(), holidays))
    return Pace(booked, quota, (span.end - span.start).days, (over.end - over.start).days)


def cumulative(rows: Iterable[tuple[date, float]]) -> list[tuple[date, float]]:
    """Running totals of what was booked per day or week, in time order: the line that is drawn beside the steady pace."""
    made, total = [], 0.0
    for day, value in sorted(rows):
        total += value
        made.append((day, total))
    return made
