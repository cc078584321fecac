"""Periods, grains, fiscal years and horizons (spec/compute.md, "PERIOD"; spec/model.md, "Time")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from salesgauge.errors import BadPeriod, BadQuery

FORMS = "2025, 2025-Q1, 2025-03, 2025-W07, 2025-03-14 or 2025-01-01..2025-04-01 (end exclusive)"
FISCAL_FORMS = "FY2026 or FY2026-Q1 (the fiscal year that ends in 2026)"
GRAINS = ("total", "year", "quarter", "month", "week", "day", "fiscal_year", "fiscal_quarter")

FIRST_YEAR, LAST_YEAR = 1800, 2200  # what lies outside cannot be read: there is no local time to tell it by

_MONTHS = {"year": 12, "quarter": 3, "month": 1, "fiscal_year": 12, "fiscal_quarter": 3}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)


@dataclass(frozen=True, order=True)
class Span:
    """Local dates from `start` to `end`, the end exclusive."""

    start: date
    end: date

    def days(self) -> Iterator[date]:
        """Each day of the span, in order."""
        for n in range((self.end - self.start).days):
            yield self.start + timedelta(days=n)

    @property
    def whole_months(self) -> int:
        """How many calendar months it consists of; 0 where it cuts one."""
        cuts = not self.start.day == self.end.day == 1
        return 0 if cuts else (self.end.year - self.start.year) * 12 + self.end.month - self.start.month


def month_on(day: date, months: int) -> date:
    """The first of the month that lies `months` after the month of `day` (before it where negative)."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day (29 February + 12 = 28 February)."""
    first = month_on(day, months)
    last = month_on(first, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _year(text: str, fiscal_start: int) -> Span:
    return Span(date(int(text), 1, 1), date(int(text) + 1, 1, 1))


def _quarter(text: str, fiscal_start: int) -> Span:
    start = date(int(text[:4]), 3 * int(text[-1]) - 2, 1)
    return Span(start, month_on(start, 3))


def _month(text: str, fiscal_start: int) -> Span:
    start = date(int(text[:4]), int(text[5:]), 1)
    return Span(start, month_on(start, 1))


def _week(text: str, fiscal_start: int) -> Span:
    start = date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    return Span(start, start + timedelta(days=7))


def _day(text: str, fiscal_start: int) -> Span:
    start = date.fromisoformat(text)
    return Span(start, start + timedelta(days=1))


def _range(text: str, fiscal_start: int) -> Span:
    start, end = text.split("..")
    return Span(date.fromisoformat(start), date.fromisoformat(end))


def _fiscal_year(text: str, fiscal_start: int) -> Span:
    start = date(int(text[2:6]) - (fiscal_start > 1), fiscal_start, 1)
    return Span(start, month_on(start, 12))


def _fiscal_quarter(text: str, fiscal_start: int) -> Span:
    start = month_on(_fiscal_year(text, fiscal_start).start, 3 * int(text[-1]) - 3)
    return Span(start, month_on(start, 3))


_READERS: tuple[tuple[re.Pattern[str], Callable[[str, int], Span]], ...] = tuple(
    (re.compile(form, re.ASCII), reader) for form, reader in (
        (r"\d{4}", _year), (r"\d{4}-Q[1-4]", _quarter), (r"\d{4}-\d{2}", _month), (r"\d{4}-W\d{2}", _week),
        (r"\d{4}-\d{2}-\d{2}", _day), (r"\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}", _range),
        (r"FY\d{4}", _fiscal_year), (r"FY\d{4}-Q[1-4]", _fiscal_quarter)))


def read_period(text: str, fiscal_start: int = 1) -> Span:
    """The span that `text` names; BadPeriod, with the forms, where it names none or an empty one."""
    for form, reader in _READERS:
        if form.fullmatch(text):
            try:
                span = reader(text, fiscal_start)
            except (ValueError, OverflowError):
                break
            if span.start >= span.end:
                break
            if span.start.year < FIRST_YEAR or span.end.year > LAST_YEAR:
                raise BadPeriod(f"cannot read period {text!r}: it lies within the years {FIRST_YEAR} to {LAST_YEAR}", "period_years",
                                text=text, first=str(FIRST_YEAR), last=str(LAST_YEAR))
            return span
    raise BadPeriod(f"cannot read period {text!r}: write {FORMS}; or {FISCAL_FORMS}", "period", text=text)


def pieces(span: Span, grain: str, fiscal_start: int = 1) -> list[Span]:
    """Each period of the grain that overlaps `span`, cut to it, in time order."""
    if grain not in GRAINS:
        raise BadQuery(f"unknown grain {grain!r}; there are: {', '.join(GRAINS)}", "no_grain", grain=str(grain))
    if grain == "total":
        return [span]
    made, start = [], _floor(span.start, grain, fiscal_start)
    while start < span.end:
        end = _next(start, grain)
        made.append(Span(max(start, span.start), min(end, span.end)))
        start = end
    return made


def previous(span: Span) -> Span:
    """The period before: as many calendar months where `span` consists of whole ones (a quarter after a quarter), else as many days.

    Raises BadPeriod where the calendar has no such dates.
    """
    try:
        if months := span.whole_months:
            return Span(month_on(span.start, -months), span.start)
        return Span(span.start - (span.end - span.start), span.start)
    except (ValueError, OverflowError):
        raise BadPeriod(f"the calendar has no period before {span.start}..{span.end}", "no_period_before") from None


def _floor(day: date, grain: str, fiscal_start: int) -> date:
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[grain]
    offset = fiscal_start - 1 if grain.startswith("fiscal") else 0
    return month_on(day, -((day.month - 1 - offset) % months))


def _next(start: date, grain: str) -> date:
    if grain in _MONTHS:
        return month_on(start, _MONTHS[grain])
    return start + timedelta(days=7 if grain == "week" else 1)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the local day begins; of a time that occurs twice the first, of one that a clock change
    skips that of the offset in force before it (PEP 495, fold=0)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, that `text` names: ISO 8601 with offset, naive in `zone`, or a date (the start of that local day)."""
    if not _INSTANT.fullmatch(text):
        raise BadQuery(f"cannot read as_of {text!r}: write 2025-03-31, 2025-03-31T18:00:00 or 2025-03-31T18:00:00+02:00", "as_of",
                       text=text)
    try:
        moment = datetime.fromisoformat(text)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError(f"it lies within the years {FIRST_YEAR} to {LAST_YEAR}")
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise BadQuery(f"cannot read as_of {text!r}: {problem}", "as_of", text=text) from None


@dataclass(frozen=True)
class Horizon:
    """A span with its instants (UTC), seen as of an instant.

    `at` is H: the span's end, or as_of where that is earlier; `on` its local day (at the span's end, the end date); `last_on` the
    last day of the horizon. `started` is false for a span that starts after as_of: such a span has no rows.
    """

    span: Span
    start_at: datetime
    end_at: datetime
    at: datetime
    on: date
    last_on: date
    started: bool

    @classmethod
    def of(cls, span: Span, zone: ZoneInfo, as_of: datetime | None) -> Horizon:
        """The horizon of `span`; `as_of` None means everything known."""
        start_at, end_at = day_start(span.start, zone), day_start(span.end, zone)
        if as_of is None or as_of >= end_at:
            return cls(span, start_at, end_at, end_at, span.end, span.end - timedelta(days=1), True)
        on = as_of.astimezone(zone).date()
        return cls(span, start_at, end_at, as_of, on, on, start_at <= as_of)

    def months(self) -> list[Span]:
        """The calendar months that lie wholly in the span and are over by H."""
        first = self.span.start if self.span.start.day == 1 else month_on(self.span.start, 1)
        whole = []
        while (end := month_on(first, 1)) <= min(self.span.end, self.on):
            whole.append(Span(first, end))
            first = end
        return whole


def days_before(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The instant `days` earlier on the local calendar: the same wall-clock time (model.md: windows of days); at the earliest the first
    of the calendar."""
    try:
        local = moment.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
