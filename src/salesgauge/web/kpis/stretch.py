"""Which periods a trend shows: so many of a grain, the last the one in which the page's period ends; and those it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from salesgauge.periods import Span, add_months, month_on, read_period
from salesgauge.web.view import View, around

_COUNT = {"day": 31, "week": 26, "month": 13, "quarter": 9, "year": 5}    # periods shown at least
_MOST = {"day": 92, "week": 53, "month": 24, "quarter": 12, "year": 8}    # and at most, where the page's own period is longer
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_PLAIN = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Stretch:
    """The span of a trend at a grain; `earlier` the span of the grey line beside it, period by period; None where there is none."""

    grain: str
    span: Span
    earlier: Span | None


def grains(fiscal: int) -> tuple[str, ...]:
    """The grains that a trend can have; the fiscal ones where the fiscal year is not the calendar's."""
    return _PLAIN + (("fiscal_quarter", "fiscal_year") if fiscal > 1 else ())


def usual_grain(view: View) -> str:
    """The grain of a trend where the address names none: the kind of the page's period."""
    if view.kind == "other":
        days = (view.span.end - view.span.start).days
        return "day" if days <= _COUNT["day"] else "week" if days <= 7 * _COUNT["week"] else "month"
    return f"fiscal_{view.kind}" if view.fiscal > 1 and view.kind in ("quarter", "year") else view.kind


def stretch(view: View, grain: str) -> Stretch:
    """The trend of a view at a grain."""
    kind, last = grain.removeprefix("fiscal_"), view.span.end - timedelta(days=1)
    piece = _around(last, grain, view.fiscal)
    count, start = _COUNT[kind], piece.start
    first = _around(view.span.start, grain, view.fiscal).start
    while count < _MOST[kind] and _back(start, kind, count - 1) > first:
        count += 1
    whole = Span(_back(start, kind, count - 1), piece.end)
    return Stretch(grain, whole, _earlier(view, whole, kind, grain, count))


def _earlier(view: View, whole: Span, kind: str, grain: str, count: int) -> Span | None:
    if view.compare == "none":
        return None
    if view.compare == "previous":
        if grain == usual_grain(view):
            return None  # the period before is a point of the line itself
        return Span(_back(whole.start, kind, count), whole.start)
    if view.compare == "year":
        if kind == "week":
            return Span(_back(whole.start, kind, 52), _back(whole.end, kind, 52))
        return Span(add_months(whole.start, -12), add_months(whole.end, -12))
    chosen = read_period(view.compare, view.fiscal)
    piece = _around(chosen.end - timedelta(days=1), grain, view.fiscal)
    return Span(_back(piece.start, kind, count - 1), piece.end)


def _around(day: date, grain: str, fiscal: int) -> Span:
    if grain == "day":
        return Span(day, day + timedelta(days=1))
    return around(day, grain.removeprefix("fiscal_"), fiscal if grain.startswith("fiscal_") else 1)


def _back(start: date, kind: str, count: int) -> date:
    if kind in _MONTHS:
        return month_on(start, -count * _MONTHS[kind])
    return start - timedelta(days=count * (7 if kind == "week" else 1))
