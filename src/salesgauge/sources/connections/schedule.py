"""When a connected system is read: every so often, at a time of days, or as cron says it; in the workspace's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from salesgauge.errors import SourceError, did_you_mean

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

FORMS = '"every 15 minutes", "every 2 hours", "daily 06:00", "weekdays 07:30", "monday 06:00", or five fields of cron: "0 6 * * 1-5"'
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_DAYS = {"daily": "*", "weekdays": "mon-fri", "sunday": "sun", "monday": "mon", "tuesday": "tue", "wednesday": "wed", "thursday": "thu",
         "friday": "fri", "saturday": "sat"}
_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # cron counts from Sunday, and calls that 7 as well
_EVERY = re.compile(r"every (?:([1-9][0-9]{0,4}) )?(minute|hour|day)s?")
_TIME = re.compile(r"([a-z]+) ([01]?[0-9]|2[0-3]):([0-5][0-9])")
_PART = re.compile(r"(\*|[0-7a-z]+(?:-[0-7a-z]+)?)(?:/([1-7]))?")


@dataclass(frozen=True)
class Schedule:
    """When a system is read. `every`: so long after it was read last; else by `calendar`, on the clock of `zone`."""

    zone: ZoneInfo
    every: timedelta | None = None
    calendar: CronTrigger | None = None

    def after(self, instant: datetime) -> datetime:
        """The first time after an instant (UTC). A time that the clock shows twice is the first of the two, and one that it leaves out as
        much later as the clock is put forward: whatever the clock does, a time of the day comes once a day."""
        if self.calendar is None:
            assert self.every is not None
            return instant.astimezone(UTC) + self.every
        # The calendar counts on a clock that is never put forward or back: beside one that is, it repeats times and leaves days out.
        shown = instant.astimezone(self.zone).replace(tzinfo=UTC, fold=0)
        while True:
            following: datetime | None = self.calendar.get_next_fire_time(None, shown + timedelta(microseconds=1))
            assert following is not None  # `read_schedule` has refused a calendar without a day
            shown = following
            found = shown.replace(tzinfo=self.zone).astimezone(UTC)
            if found > instant:
                return found


def read_schedule(text: str, zone: ZoneInfo) -> Schedule:
    """The schedule that a text says; SourceError where it says none."""
    said = " ".join(text.lower().split())
    if found := _EVERY.fullmatch(said):
        return Schedule(zone, every=int(found[1] or 1) * _UNITS[found[2]])
    if found := _TIME.fullmatch(said):
        if found[1] not in _DAYS:
            raise SourceError(f"cannot read the schedule {text!r}: there is no {found[1]!r}{did_you_mean(found[1], _DAYS)}; write {FORMS}")
        return _calendar(text, zone, found[3], found[2], "*", "*", _DAYS[found[1]])
    fields = said.split(" ")
    if len(fields) != 5:
        raise SourceError(f"cannot read the schedule {text!r}; write {FORMS}")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise SourceError(f"the schedule {text!r} names days of the month and of the week, which is read in two ways; name one of them")
    return _calendar(text, zone, minute, hour, day, month, _weekdays(text, weekday))


def _calendar(text: str, zone: ZoneInfo, minute: str, hour: str, day: str, month: str, weekday: str) -> Schedule:
    from apscheduler.triggers.cron import CronTrigger
    try:
        made = CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=UTC)
    except ValueError as problem:
        raise SourceError(f"cannot read the schedule {text!r}: {problem}; write {FORMS}") from None
    if made.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise SourceError(f"the schedule {text!r} never comes: there is no such day")
    return Schedule(zone, calendar=made)


def _weekdays(text: str, field: str) -> str:
    """Days of the week as cron counts them (0 or 7 is Sunday), by their names: the library counts from Monday."""
    days = set()
    for part in field.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise SourceError(f"cannot read the schedule {text!r}: {part!r} is no day of the week; write {FORMS}")
        first, dash, last = found[1].partition("-")
        start, end = (0, 6) if first == "*" else (_weekday(text, first), _weekday(text, last) if dash else None)
        if end is None:
            end = 6 if found[2] else start
        if start == 7 and end == 7:
            start = end = 0
        if end < start:
            raise SourceError(f"cannot read the schedule {text!r}: {part!r} ends before it begins; write {FORMS}")
        days |= {day % 7 for day in range(start, end + 1, int(found[2] or 1))}
    return "*" if len(days) == len(_NAMES) else ",".join(_NAMES[day] for day in sorted(days))


def _weekday(text: str, word: str) -> int:
    if word in _NAMES:
        return _NAMES.index(word)
    if not word.isdecimal() or int(word) > 7:
        raise SourceError(f"cannot read the schedule {text!r}: {word!r} is no day of the week{did_you_mean(word, _NAMES)}; write {FORMS}")
    return int(word)
