"""What the address of a page says: period, comparison, filters and as-of, so that a view can be shared, and back and reload work.

    ?period=2026-Q2&compare=year&f.team=North&f.team=South&as_of=2026-05-01

It is compared with the previous period, the same one of last year, none, or one that the address names (compare=2025-Q3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from salesgauge.analyses.like_for_like import Comparable, last_year, with_chosen
from salesgauge.errors import BadPeriod, BadQuery
from salesgauge.language.dates import fiscal as fiscal_of
from salesgauge.periods import Span, month_on, previous, read_instant, read_period
from salesgauge.settings import Settings

FILTER = "f."
COMPARISONS = ("previous", "year", "none")
STEPS = ("month", "quarter", "year")  # the kinds of period that a page offers; any other can be written into the address
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TREND = {"day": 14, "week": 13, "month": 13, "quarter": 9, "year": 4, "other": 1}

Where = tuple[tuple[str, tuple[str | None, ...]], ...]


@dataclass(frozen=True)
class View:
    """A page's question: `span` is what `period` names, `kind` month, quarter, year, week, day or other; `instant` (UTC) what was known
    then, `today` its local day; `as_of` is None where that is the present."""

    period: str
    span: Span
    kind: str
    compare: str
    where: Where
    as_of: str | None
    instant: datetime
    today: date
    fiscal: int = 1

    @property
    def running(self) -> bool:
        """Whether the period has begun and is not over."""
        return self.span.start <= self.today < self.span.end

    @property
    def before(self) -> Span | None:
        """The whole period that it is compared with; None where it is compared with none."""
        if self.compare == "none":
            return None
        if self.compare == "year":
            return last_year(self.span)
        return previous(self.span) if self.compare == "previous" else read_period(self.compare, self.fiscal)

    @property
    def comparable(self) -> Comparable | None:
        """The two spans that may be set side by side: while the period runs its days that are over, and as many of the other one.
        None where it is compared with none, and where none of its days is over."""
        before = self.before
        return None if before is None else with_chosen(self.span, before, self.today)

    @property
    def chosen(self) -> str | None:
        """The period that the address names to compare with; None where it names none."""
        return None if self.compare in COMPARISONS else self.compare

    def earlier(self, count: int) -> list[str]:
        """So many periods of the same kind before this one, the latest first."""
        return [self.step(-n) for n in range(1, count + 1)]

    def step(self, count: int) -> str:
        """The period of the same kind that lies `count` periods later (before where negative)."""
        return period_text(self._moved(count), self.kind, self.fiscal)

    def _moved(self, count: int) -> Span:
        if self.kind in _MONTHS:
            start = month_on(self.span.start, count * _MONTHS[self.kind])
            return Span(start, month_on(start, _MONTHS[self.kind]))
        length = self.span.end - self.span.start
        return Span(self.span.start + count * length, self.span.end + count * length)

    def trend(self) -> tuple[str, str]:
        """The period and grain of the trend that ends with this period, as a question has them."""
        count = _TREND[self.kind]
        first = self._moved(1 - count)
        grain = f"fiscal_{self.kind}" if self.fiscal > 1 and self.kind in ("quarter", "year") else self.kind
        return f"{first.start}..{self.span.end}", "total" if self.kind == "other" else grain

    def containing(self, kind: str) -> str:
        """The period of another kind around this one's first day (of a shorter kind: around today, where that lies within)."""
        day = self.today if self.running else self.span.start
        return period_text(around(day, kind, self.fiscal), kind, self.fiscal)

    def filters(self) -> dict[str, tuple[str | None, ...]]:
        """The filters by dimension."""
        return dict(self.where)

    def query(self, **changes: str | None) -> str:
        """The query of an address with this view, other parameters added or replaced, those that are None left out; "" or "?..."."""
        said: list[tuple[str, str]] = [("period", self.period)]
        if self.compare != COMPARISONS[0]:
            said.append(("compare", self.compare))
        if self.as_of is not None:
            said.append(("as_of", self.as_of))
        said += [(FILTER + d, v or "") for d, values in self.where for v in values]
        kept = [(name, value) for name, value in said if name not in changes]
        pairs = kept + [(name, value) for name, value in changes.items() if value is not None]
        return f"?{urlencode(pairs)}" if pairs else ""

    def filtered(self, dimension: str, *values: str | None) -> View:
        """The same view of one value (or several) of a dimension; without values the filter goes."""
        kept = tuple((d, v) for d, v in self.where if d != dimension)
        return replace(self, where=(*kept, (dimension, values)) if values else kept)

    def unfiltered(self) -> View:
        """The same view of all rows."""
        return replace(self, where=())

    def over(self, span: Span) -> View:
        """The same view of another span."""
        kind = kind_of(span, self.fiscal)
        return replace(self, span=span, kind=kind, period=period_text(span, kind, self.fiscal))


def around(day: date, kind: str, fiscal: int = 1) -> Span:
    """The period of a kind (month, quarter, year, week) in which a day lies; quarters and years begin with the fiscal year."""
    if kind == "week":
        start = day - timedelta(days=day.weekday())
        return Span(start, start + timedelta(days=7))
    start = month_on(day, -((day.month - fiscal) % _MONTHS[kind]) if kind != "month" else 0)
    return Span(start, month_on(start, _MONTHS[kind]))


def kind_of(span: Span, fiscal: int = 1) -> str:
    """Which kind of period a span is: month, quarter, year (these two as the fiscal year divides it), week, day, or other."""
    for kind, length in _MONTHS.items():
        if span.whole_months == length and (span.start.month - fiscal) % length == 0:
            return kind
    days = (span.end - span.start).days
    return "day" if days == 1 else "week" if days == 7 and span.start.weekday() == 0 else "other"


def period_text(span: Span, kind: str, fiscal: int = 1) -> str:
    """A period as an address names it: 2026-Q2, 2026-05, 2026, FY2026-Q1, 2026-W07, else the two dates."""
    start = span.start
    if kind == "week":
        iso = start.isocalendar()
        return f"{iso.year}-W{iso.week:02d}"
    if fiscal > 1 and kind in ("quarter", "year"):
        year, quarter = fiscal_of(start, fiscal)
        return f"FY{year}" + (f"-Q{quarter}" if kind == "quarter" else "")
    named = {"month": f"{start:%Y-%m}", "quarter": f"{start.year}-Q{(start.month + 2) // 3}", "year": f"{start.year}", "day": f"{start}"}
    return named.get(kind, f"{start}..{span.end}")


def read_view(parameters: QueryParams, settings: Settings, now: datetime, last_day: date | None) -> View:
    """The view that an address names; without a period the quarter of the last day that anything happened on.

    `now`: the instant that pages ask as of where the address says nothing. Raises QuestionError where a part cannot be read.
    """
    as_of = parameters.get("as_of") or None
    instant = now if as_of is None else min(read_instant(as_of, settings.zone), now)
    today = instant.astimezone(settings.zone).date()
    fiscal = settings.fiscal_year_start
    period = parameters.get("period") or period_text(around(min(last_day or today, today), "quarter", fiscal), "quarter", fiscal)
    span = read_period(period, fiscal)
    compare = parameters.get("compare") or COMPARISONS[0]
    if compare not in COMPARISONS:
        try:
            read_period(compare, fiscal)
        except BadPeriod:
            raise BadQuery(f"cannot compare with {compare!r}: there are {', '.join(COMPARISONS)}, or a period: 2025-Q3", "no_comparison",
                           compare=compare) from None
    return View(period, span, kind_of(span, fiscal), compare, read_filters(parameters.multi_items()), as_of, instant, today, fiscal)


def read_filters(parameters: Iterable[tuple[str, str]]) -> Where:
    """The filters of an address: f.team=North; an empty value is the empty one."""
    found: dict[str, list[str | None]] = {}
    for name, value in parameters:
        if name.startswith(FILTER) and len(name) > len(FILTER):
            values = found.setdefault(name.removeprefix(FILTER), [])
            if (value or None) not in values:
                values.append(value or None)
    return tuple((dimension, tuple(values)) for dimension, values in found.items())


def instant_text(instant: datetime) -> str:
    """An instant as a question has it."""
    return instant.isoformat().replace("+00:00", "Z")


def page_instant(now: datetime, loaded_at: datetime) -> datetime:
    """The present as pages ask for it: the last full five minutes, so that equal questions are equal, but never before what was
    loaded last."""
    floored = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    return max(floored, min(loaded_at, now))


def elapsed(view: View) -> tuple[int, int]:
    """How many days of the period are over at the view's instant (today counts), and how many it has."""
    whole = (view.span.end - view.span.start).days
    return max(0, min((view.today - view.span.start + timedelta(days=1)).days, whole)), whole

