"""The course of bookings over a period: running totals beside the steady pace to the quota, the commits and the period compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from salesgauge import charts
from salesgauge.analyses.pace import cumulative, pace
from salesgauge.charts import Line
from salesgauge.periods import Span
from salesgauge.web.batch import Row
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import money

DAY = timedelta(days=1)
LONGEST = 400  # days that are drawn: a longer period has no course


@dataclass(frozen=True)
class Key:
    """An entry of the legend: how its line looks, what it is, its latest value."""

    kind: str
    name: str
    value: str


@dataclass(frozen=True)
class Course:
    """The chart: its drawing, the scale's labels from top to bottom, the days below it, the legend, and the same as a table (day, booked,
    steady pace, the period compared with)."""

    drawing: Markup
    scale: tuple[str, ...]
    first: str
    today: str | None
    last: str
    keys: tuple[Key, ...]
    compared: str | None
    table: tuple[tuple[str, str, str, str], ...]


def course(page: Page, days: Sequence[Row], before: Sequence[Row], quota: float | None, committed: float | None,
           compared: Span | None) -> Course | None:
    """The course of a period from its bookings by day; None before it begins and where it is too long to be drawn by day."""
    view = page.view
    whole = (view.span.end - view.span.start).days
    if view.today < view.span.start or whole > LONGEST:
        return None
    over = min((view.today - view.span.start).days + 1, whole)  # today counts: what is booked today is in
    booked = _totals(days)[:over + 1]
    earlier = _totals(before)[:whole + 1] if before else []
    steady = [] if quota is None else [_steady(quota, view.span, view.span.start + n * DAY) for n in range(whole + 1)]
    step, count = scale(max([*booked, *earlier, quota or 0.0, committed or 0.0]))
    lines = [Line(earlier, "previous")] if earlier else []
    lines += [Line(steady, "target")] if steady else []
    lines += [Line([*[None] * whole, committed], "forecast")] if committed is not None else []
    lines.append(Line(booked, "actual"))
    running = over < whole
    drawing = charts.lines(lines, whole + 1, min(0.0, *booked), step * count, rule_at=over if running else None,
                           grid=[step * n for n in range(1, count + 1)])
    return Course(drawing, tuple(money(page, step * n) for n in range(count, -1, -1)), page.words.date(view.span.start, year=False),
                  page.words.heading("today") if running else None, page.words.date(view.span.end - DAY, year=False),
                  _keys(page, booked, quota, committed, earlier, compared), None if compared is None else page.period(compared),
                  _table(page, booked, steady, earlier))


def scale(most: float) -> tuple[float, int]:
    """A round step and how many of them reach `most`: at most three, so that a chart has at most three grid lines."""
    if most <= 0:
        return 1.0, 1
    power = 10.0 ** math.floor(math.log10(most / 3))
    step = next(each * power for each in (1, 2, 2.5, 5, 10, 20) if math.ceil(most / (each * power) - 1e-9) <= 3)
    return step, max(1, math.ceil(most / step - 1e-9))


def _totals(rows: Sequence[Row]) -> list[float]:
    """0 at the start, then the running total at the end of each day."""
    return [0.0, *(total for _day, total in cumulative((date.fromisoformat(row["start"]), row["value"]) for row in rows))]


def _steady(quota: float, span: Span, on: date) -> float:
    """What a steady pace has booked before the day `on`."""
    return pace(0.0, quota, span, on).steady or 0.0


def _keys(page: Page, booked: Sequence[float], quota: float | None, committed: float | None, earlier: Sequence[float],
          compared: Span | None) -> tuple[Key, ...]:
    words = page.words
    keys = [Key("actual", words.kpi_name("bookings"), money(page, booked[-1]))]
    if quota is not None:
        keys.append(Key("target", words.message("home_steady_to_quota"), money(page, quota)))
    if committed is not None:
        keys.append(Key("forecast", words.kpi_name("commit"), money(page, committed)))
    if earlier and compared is not None:
        keys.append(Key("previous", page.period(compared), money(page, earlier[-1])))
    return tuple(keys)


def _table(page: Page, booked: Sequence[float], steady: Sequence[float], earlier: Sequence[float]) -> tuple[tuple[str, str, str, str], ...]:
    """The end of each seventh day, and the last one that is over."""
    places = sorted({*range(7, len(booked), 7), len(booked) - 1} - {0})
    start = page.view.span.start

    def said(line: Sequence[float], place: int) -> str:
        return money(page, line[place]) if place < len(line) else page.words.empty()
    return tuple((page.words.date(start + (place - 1) * DAY, year=False), said(booked, place), said(steady, place), said(earlier, place))
                 for place in places)
