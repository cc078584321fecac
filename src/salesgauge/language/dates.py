"""Dates, instants and periods as a language writes them (CLDR, through Babel). A period's `end` is the first day after it.

Babel is imported inside the functions, as in numbers.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import Enum

from salesgauge.language.numbers import locale_of


class Span(Enum):
    """What stretch of the calendar two dates bound; the names of the fiscal ones are those of compute's grains."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"
    RANGE = "range"


def span_of(start: date, end: date, fiscal_year_start: int | None = None) -> Span:
    """Which whole day, ISO week, month, quarter or year `[start, end)` is; RANGE where it is none of them, as a cut one is.

    With `fiscal_year_start` (a month, 1 to 12) quarters and years are those of the fiscal year, and no others.
    """
    months = (end.year - start.year) * 12 + end.month - start.month if start.day == end.day == 1 else 0
    since = (start.month - (fiscal_year_start or 1)) % 12  # months of the year that lie before
    if months == 12 and since == 0:
        return Span.FISCAL_YEAR if fiscal_year_start else Span.YEAR
    if months == 3 and since % 3 == 0:
        return Span.FISCAL_QUARTER if fiscal_year_start else Span.QUARTER
    if months == 1:
        return Span.MONTH
    days = (end - start).days
    return Span.DAY if days == 1 else Span.WEEK if days == 7 and start.weekday() == 0 else Span.RANGE


def fiscal(start: date, fiscal_year_start: int) -> tuple[int, int]:
    """The fiscal year (named by the calendar year it ends in) and the quarter of it, 1 to 4, in which `start` lies."""
    year = start.year + (fiscal_year_start > 1 and start.month >= fiscal_year_start)
    return year, (start.month - fiscal_year_start) % 12 // 3 + 1


def day(on: date, locale: str, year: bool = True) -> str:
    """14 Feb 2025, or without its year 14 Feb."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMd" if year else "MMMd", on, locale=locale_of(locale))


def clock(at: datetime, locale: str) -> str:
    """08:05, by the 24-hour clock in every language; `at` is already the local time."""
    from babel.dates import format_skeleton

    return format_skeleton("Hm", at, locale=locale_of(locale))


def day_and_clock(at: datetime, locale: str) -> str:
    """A local instant to the minute: 14 Feb 2025, 08:05."""
    pattern = locale_of(locale).datetime_formats["medium"]
    return str(pattern).replace("{1}", day(at.date(), locale)).replace("{0}", clock(at, locale))


def month(start: date, locale: str, long: bool = False) -> str:
    """Feb 2025, or long: February 2025. By skeleton: the month names of CLDR alone come out wrong in Chinese."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM" if long else "yMMM", start, locale=locale_of(locale))


def quarter(start: date, locale: str, long: bool = False) -> str:
    """Q1 2025, or long: 1st quarter 2025."""
    from babel.dates import format_skeleton

    return format_skeleton("yQQQQ" if long else "yQQQ", start, locale=locale_of(locale))


def year(start: date, locale: str) -> str:
    """2025, in Chinese 2025年."""
    from babel.dates import format_skeleton

    return format_skeleton("y", start, locale=locale_of(locale))


def between(start: date, end: date, locale: str) -> str:
    """From `start` to the last day before `end`, both shown: 1 Jan – 31 Mar 2025."""
    from babel.dates import format_interval

    last = end - timedelta(days=1)
    return format_interval(start, last, "yMMMd", locale=locale_of(locale))
