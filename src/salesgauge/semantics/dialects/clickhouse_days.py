"""The days that ClickHouse can hold."""

from __future__ import annotations

from datetime import date, datetime, time

# Date32 and DateTime64 hold the years 1900 to 2299; anything else silently becomes the nearest of them. Their first and last day stand for
# the first and last day of the calendar; what is really known lies between.
FIRST_DAY, LAST_DAY = date(1900, 1, 2), date(2299, 12, 30)
_BEFORE_ALL, _AFTER_ALL = date(1900, 1, 1), date(2299, 12, 31)
_EVER, _FOR_EVER = date(1, 1, 1), (date(9999, 12, 30), date(9999, 12, 31))


def held_day(value: date) -> date | None:
    """A day or instant as ClickHouse can hold it; None for one that it cannot, apart from the first and last of the calendar."""
    day = value.date() if isinstance(value, datetime) else value
    if FIRST_DAY <= day <= LAST_DAY:
        return value
    return nearest_day(value) if day == _EVER or day in _FOR_EVER else None


def nearest_day(value: date) -> date:
    """A day or instant to compare with, which lies to everything that is held as the given one does."""
    day = value.date() if isinstance(value, datetime) else value
    if FIRST_DAY <= day <= LAST_DAY:
        return value
    held = _BEFORE_ALL if day < FIRST_DAY else _AFTER_ALL
    return datetime.combine(held, time()) if isinstance(value, datetime) else held
