"""A KPI over time: a chart with its interval and the earlier line, and the same as a table whose values open into records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from salesgauge.charts import Line, lines
from salesgauge.charts.scale import scale, within_reach
from salesgauge.periods import Span
from salesgauge.semantics.kpi import Kpi
from salesgauge.units import DURATIONS
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.cards import reason
from salesgauge.web.kpis.stretch import Stretch, grains, stretch, usual_grain
from salesgauge.web.page import Page
from salesgauge.web.view import period_text

GRAIN = "grain"  # the parameter of the address


@dataclass(frozen=True)
class Point:
    """One period of a trend. `records` opens it, `address` is the same page for this period; `running`: it is not over yet."""

    label: str
    value: str
    interval: str | None
    median: str | None
    p90: str | None
    cases: str
    earlier: str | None
    earlier_label: str | None
    address: str
    records: str
    running: bool


@dataclass(frozen=True)
class Trend:
    """A trend as a page shows it. `chart` is None where there is nothing to draw, and `why` says the reason then; `marks` are the labels
    of the scale from the top down, `ends` those below the chart."""

    grain: str
    grains: tuple[str, ...]
    chart: Markup | None
    why: str | None
    marks: tuple[str, ...]
    ends: tuple[str, ...]
    points: tuple[Point, ...]
    earlier: str | None
    ranged: bool
    middle: bool


class TrendQuestions:
    """The questions of a trend in a batch."""

    def __init__(self, page: Page, batch: Batch, kpi: Kpi) -> None:
        self._page, self._kpi = page, kpi
        self._grains = grains(page.view.fiscal)
        asked = page.request.query_params.get(GRAIN, "")
        self._stretch: Stretch = stretch(page.view, asked if asked in self._grains else usual_grain(page.view))
        self._now: Reply = batch.ask(page.query(kpi.id, self._stretch.span, grain=self._stretch.grain))
        earlier = self._stretch.earlier
        self._earlier: Reply | None = None if earlier is None else batch.ask(page.query(kpi.id, earlier, grain=self._stretch.grain))

    def trend(self) -> Trend:
        """The trend, once the batch was asked."""
        page, kpi = self._page, self._kpi
        rows = [row for row in self._now.rows if date.fromisoformat(row["start"]) <= page.view.today]
        skipped = next((i for i, row in enumerate(rows) if row["n"] or row["value"]), len(rows))  # before the first record
        rows = rows[skipped:]
        before: list[Row | None] = [row if date.fromisoformat(row["start"]) <= page.view.today else None
                                    for row in (self._earlier.rows if self._earlier else ())][skipped:skipped + len(rows)]
        before += [None] * (len(rows) - len(before))
        known = [row for row in rows if row["value"] is not None]
        draws = len(known) > 0 and len(rows) > 1
        running = bool(rows) and span_of(rows[-1]).end > page.view.today
        chart, marks = self._drawn(rows, before, running) if draws else (None, ())
        earlier = self._stretch.earlier
        return Trend(
            self._stretch.grain, self._grains, chart, None if known else reason(page, kpi, self._now), marks,
            tuple(dict.fromkeys(page.period(span_of(rows[i])) for i in (0, len(rows) // 2, -1))) if draws else (),
            tuple(self._point(row, other) for row, other in zip(rows, before, strict=True)),
            page.period(earlier) if earlier and any(row and row["value"] is not None for row in before) else None,
            any(row["low"] is not None for row in rows), kpi.median)

    def _drawn(self, rows: Sequence[Row], before: Sequence[Row | None], running: bool) -> tuple[Markup, tuple[str, ...]]:
        values, lows, highs = ([row[part] for row in rows] for part in ("value", "low", "high"))
        old = [row["value"] if row else None for row in before]
        lows, highs = (within_reach(ends, [*values, *old], duration=self._kpi.unit in DURATIONS) for ends in (lows, highs))
        foot, middle, top = scale([*values, *lows, *highs, *old], from_zero=self._kpi.kind in ("sum", "count"))
        tail = running and values[-1] is not None and values[-2] is not None
        solid = [*values[:-1], None] if tail else values
        drawn = [Line(old, "previous"), Line(solid, "actual", lows, highs)]
        if tail:
            drawn.append(Line([*[None] * (len(values) - 2), *values[-2:]], "forecast"))
        return lines(drawn, len(rows), foot, top, grid=(foot, middle, top)), tuple(
            scale_label(self._page, self._kpi, value) for value in (top, middle, foot))

    def _point(self, row: Row, before: Row | None) -> Point:
        page, kpi, words = self._page, self._kpi, self._page.words
        span = span_of(row)
        view = page.view.over(span)
        text = period_text(span, view.kind, view.fiscal)

        def written(part: str) -> str:
            return words.value(row.get(part), kpi.unit, page.currency)
        return Point(
            page.period(span), written("value"),
            None if row["low"] is None else words.interval(row["low"], row["high"], kpi.unit, page.currency),
            written("median") if kpi.median else None, written("p90") if kpi.median else None, words.number(row["n"]),
            None if before is None else words.value(before["value"], kpi.unit, page.currency),
            None if before is None else page.period(span_of(before)), page.here(period=text),
            page.address(f"/kpis/{kpi.id}/records", view, side="numerator"), span.end > page.view.today)


def span_of(row: Row) -> Span:
    """The period of a row of an answer."""
    return Span(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]))


def scale_label(page: Page, kpi: Kpi, value: float) -> str:
    """A number of a scale, in short."""
    if kpi.unit == "money":
        return page.words.compact(value, page.currency)
    if kpi.unit == "count" and abs(value) >= 1000:
        return page.words.compact(value)
    return page.words.value(value, kpi.unit, page.currency, digits=None if value else 0)
