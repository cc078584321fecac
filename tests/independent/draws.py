"""Cells drawn by a seeded generator: instants that coincide or lie at a clock change, the first days of months, a window apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

Row = dict[str, str]


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The instants in a year and the next at which the clocks change."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(2 * 366 * 24)]
    return [b for a, b in pairwise(hours) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]


class Draw:
    """Cells, drawn by a seeded generator."""

    def __init__(self, random: Random, zone: str, year: int, dense: bool) -> None:
        self.random, self.dense, self.year = random, dense, year
        place = ZoneInfo(zone)
        around = [change.astimezone(place).replace(tzinfo=None) for change in changes(place, year)]
        self.edges = [(moment + timedelta(minutes=m)) for moment in around for m in (-90, -60, -30, -1, 0, 15, 30, 59)]
        self.days = sorted(
            {
                *(moment.date() for moment in around),
                *(date(year, m, 1) for m in (1, 2, 4, 7, 12)),
                date(year + 1, 1, 1),
                date(year + 1, 2, 28),
                date(year + 1, 1, 15),
                date(year + 1, 4, 1),
                date(year - 1, 6, 30),
                date(year, 12, 31),
            }
        )
        self.pool = [self._moment() for _ in range(16 if dense else 400)]
        self.pool += [self._later(self.random.choice(self.pool)) for _ in range(8)]

    def _moment(self) -> str:
        chance = self.random.random()
        if chance < 0.3 and self.edges:
            return self._written(self.random.choice(self.edges))
        if chance < 0.5:
            return self.random.choice(self.days).isoformat() + self.random.choice(("", "T00:00:00", "T00:00:00Z", "T23:59:59.999999"))
        moment = datetime(self.year, 2, 1) + timedelta(seconds=self.random.randrange(340 * 86400))
        return self._written(moment)

    def _later(self, moment: str) -> str:
        """The same time after as many days as a KPI's window has, or before them."""
        return (datetime.fromisoformat(moment) + timedelta(days=self.random.choice((30, 60, 180, 365, -365)))).isoformat()

    def _written(self, moment: datetime) -> str:
        return moment.isoformat() + self.random.choice(("", "", "", "Z", "+05:45", "-03:30", "+01:00"))

    def one(self, among: Sequence[str], empty: float = 0.0) -> str:
        """One of these, or nothing."""
        return "" if self.random.random() < empty else self.random.choice(among)

    def at(self, empty: float = 0.0) -> str:
        """An instant; often one on which something else happens."""
        return "" if self.random.random() < empty else self.random.choice(self.pool)

    def on(self, empty: float = 0.0) -> str:
        """A day."""
        return "" if self.random.random() < empty else self.random.choice(self.days).isoformat()

    def span(self) -> tuple[str, str]:
        """A first day and one at which it is over, now and then before it."""
        start = self.random.choice(self.days)
        return start.isoformat(), (start + timedelta(days=self.random.choice((1, 28, 31, 90, 365, 366, 400, 730, 0, -5)))).isoformat()

    def rows(self, most: int, make: Callable[[int], Row]) -> list[Row]:
        """Up to so many rows."""
        return [make(n) for n in range(self.random.randint(max(1, most // 2), most))]
