"""What a period is compared with: as many days of the one before while it runs, the same days of last year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from salesgauge.periods import Span, add_months, previous

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Comparable:
    """Two spans that may be set side by side. `to_date`: both are cut to the days of the running period that are over; `shorter`: the
    earlier period ends before it has as many days (February beside March), so that it has fewer."""

    now: Span
    before: Span
    to_date: bool
    shorter: bool


def with_previous(span: Span, on: date) -> Comparable | None:
    """A period and the one before it. While it runs on the day `on`: its days that are over, and as many of the one before. None on
    its first day and before it: nothing is over yet."""
    return _to_date(span, previous(span), on)


def with_last_year(span: Span, on: date) -> Comparable | None:
    """A period and the same one of the year before; of a week that of 52 weeks before, so that the days of the week agree. A month's
    end stays a month's end, and 29 February is compared with 28 February."""
    return _to_date(span, last_year(span), on)


def with_chosen(span: Span, other: Span, on: date) -> Comparable | None:
    """A period and a chosen one, like for like while the first runs."""
    return _to_date(span, other, on)


def last_year(span: Span) -> Span:
    """The same period of the year before."""
    if span.end - span.start == WEEK and span.start.weekday() == 0:
        return Span(span.start - 52 * WEEK, span.end - 52 * WEEK)
    start, last = add_months(span.start, -12), span.end - timedelta(days=1)
    month_end = span.end.day == 1
    end = add_months(span.end, -12) if month_end else add_months(last, -12) + timedelta(days=1)
    return Span(start, end)


def _to_date(span: Span, before: Span, on: date) -> Comparable | None:
    if on >= span.end:
        return Comparable(span, before, False, False)
    if on <= span.start:
        return None
    cut = before.start + (on - span.start)
    return Comparable(Span(span.start, on), Span(before.start, min(cut, before.end)), True, cut > before.end)


def period(span: Span) -> str:
    """The span as a question's `period`."""
    return f"{span.start}..{span.end}"
