"""The company's clock: days, weeks, working time, and local time to UTC.

Inside the simulation an instant is an int64: seconds since 1970-01-01 00:00 of *local* time. A day is days since 1970-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from salesgauge.demo.draws import Array
from salesgauge.demo.sizes import TIMEZONE

DAY = 86_400
OPENS = 9 * 3_600
SHIFT = 9 * 3_600  # seconds worked in a working day
HOUR_WORKED = 3_600
NEVER = np.int64(2**62)  # an instant or day that does not come
NONE = np.int64(-(2**62))  # an instant or day that is not known
_EPOCH = date(1970, 1, 1)
_HOLIDAYS = ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31))


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def as_date(number: int) -> date:
    """The date of a day number."""
    return _EPOCH + timedelta(days=int(number))


@dataclass(frozen=True)
class Clock:
    """The company's calendar from its first day to its last, with a margin on both sides for what began before or would end after."""

    first: int
    last: int
    weeks: int
    workdays: Array  # day numbers of all working days
    worked_before: Array  # per day from `origin`: how many working days lie before it
    is_workday: Array
    origin: int
    changes: Array  # local seconds of each clock change
    offsets: Array  # seconds east of UTC before the first, between each two, after the last change
    jumps: Array  # per change: the seconds of local time that it skips (negative: that it repeats)

    @property
    def end(self) -> int:
        """The first instant after the last day."""
        return (self.last + 1) * DAY

    def week(self, at: Array) -> Array:
        """The week (0, 1, ...) of each instant, cut to the simulated ones."""
        return np.asarray(np.clip((at // DAY - self.first) // 7, 0, self.weeks - 1))

    def week_start(self, week: int) -> int:
        """The first day of a week."""
        return self.first + 7 * week

    def worked(self, at: Array) -> Array:
        """The working time, in seconds, that passed before each instant."""
        day = at // DAY
        place = (day - self.origin).clip(0, len(self.worked_before) - 1)
        within = np.where(self.is_workday[place], (at - day * DAY - OPENS).clip(0, SHIFT), 0)
        return np.asarray(self.worked_before[place] * SHIFT + within)

    def at_work(self, worked: Array) -> Array:
        """The instant at which that much working time has passed: the inverse of `worked`, always within working hours."""
        worked = worked.astype(np.int64)
        place = (worked // SHIFT).clip(0, len(self.workdays) - 1)
        return np.asarray(self.workdays[place] * DAY + OPENS + worked % SHIFT)

    def later(self, at: Array, seconds: Array) -> Array:
        """The instant after that many seconds of working time."""
        return self.at_work(self.worked(at) + seconds)

    def utc(self, at: Array) -> Array:
        """UTC seconds of local instants; a local time that occurs twice is the first, one that is skipped the moment of the change."""
        step = np.searchsorted(self.changes, at, side="right")
        skipped = (step > 0) & (at < self.changes[step - 1] + self.jumps[step - 1])
        return np.where(skipped, self.changes[step - 1] - self.offsets[step - 1], at - self.offsets[step])


def clock(last_day: date, years: int = 3) -> Clock:
    """The clock of a company that has been selling for `years` up to `last_day`."""
    last = day_number(last_day)
    after = last_day + timedelta(days=1)
    first = day_number(after.replace(year=after.year - years, day=28 if (after.month, after.day) == (2, 29) else after.day))
    origin, until = first - 800, last + 1_600
    days = np.arange(origin, until)
    off = (days + 3) % 7 >= 5
    holidays = [day_number(date(year, m, d)) for year in range(as_date(origin).year, as_date(until).year + 1) for m, d in _HOLIDAYS]
    off |= np.isin(days, holidays)
    changes, offsets, jumps = _clock_changes(as_date(origin), as_date(until))
    return Clock(first, last, (last - first) // 7 + 1, days[~off], np.cumsum(~off) - ~off, ~off, origin, changes, offsets, jumps)


def _clock_changes(start: date, until: date) -> tuple[Array, Array, Array]:
    """The clock changes of the zone, found by halving: local seconds at which each begins, the offsets around them, and the jumps."""
    zone = ZoneInfo(TIMEZONE)

    def offset(utc: int) -> int:
        east = datetime.fromtimestamp(utc, UTC).astimezone(zone).utcoffset()
        return int(east.total_seconds()) if east is not None else 0

    low, high = day_number(start) * DAY, day_number(until) * DAY
    offsets, changes, jumps = [offset(low)], [], []
    for day in range(low, high, DAY):
        if offset(day + DAY) == offset(day):
            continue
        before, after = day, day + DAY
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if offset(middle) == offset(day) else (before, middle)
        changes.append(after + offset(day))  # read on the old clock, so that a repeated hour is the first of the two
        jumps.append(offset(after) - offset(day))
        offsets.append(offset(after))
    return np.array(changes), np.array(offsets), np.array(jumps)
