"""One KPI of Explore: its answer as lines, bars or a table, and the question as programs ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from salesgauge.charts import Line, lines
from salesgauge.charts.scale import scale, within_reach
from salesgauge.semantics.answer import largest
from salesgauge.semantics.kpi import Kpi
from salesgauge.units import DURATIONS
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.cards import reason
from salesgauge.web.explore.choice import Chosen
from salesgauge.web.kpis.trend import scale_label, span_of
from salesgauge.web.page import Page
from salesgauge.web.view import period_text

LINES = 6     # groups that are drawn
ROWS = 200    # rows that a page shows; the file has all

Group = tuple[str | None, ...]


@dataclass(frozen=True)
class Written:
    """A row of the table: period and groups in words, the value with its interval, the width of its bar, its records."""

    labels: tuple[str, ...]
    value: str
    number: float | None
    low: float | None
    high: float | None
    interval: str | None
    cases: str
    records: str


@dataclass(frozen=True)
class Drawing:
    """A chart of lines: the labels of its scale from the top down, those below it, the names of the lines in the order of their colours,
    and how many groups are not drawn."""

    chart: Markup
    marks: tuple[str, ...]
    ends: tuple[str, ...]
    series: tuple[str, ...]
    missing: int


@dataclass(frozen=True)
class Panel:
    """A KPI as Explore shows it. `why`: why there is nothing to show; `drawing` where lines are shown and there are several periods;
    `rest` counts rows not shown; `most` is the full width of a bar."""

    kpi: str
    name: str
    address: str
    why: str | None
    drawing: Drawing | None
    rows: tuple[Written, ...]
    rest: int
    most: float
    ranged: bool
    dated: bool
    question: str


class PanelQuestion:
    """The question of one KPI in a batch."""

    def __init__(self, page: Page, batch: Batch, kpi: Kpi, chosen: Chosen) -> None:
        self._page, self._kpi, self._chosen = page, kpi, chosen
        self.query: Mapping[str, Any] = page.query(kpi.id, page.view.span, grain=chosen.grain, by=chosen.by)
        self.reply: Reply = batch.ask({**self.query, "first": ROWS} if chosen.grain == "total" and chosen.by else self.query)

    def panel(self) -> Panel:
        """What it shows, once the batch was asked."""
        page, kpi, chosen = self._page, self._kpi, self._chosen
        rows = [row for row in self.reply.rows if date.fromisoformat(row["start"]) <= page.view.today]
        for dimension in chosen.by:
            page.learn(dimension, [row["by"][dimension] for row in rows])
        drawn = self._drawn(rows) if chosen.show == "lines" else None
        listed = rows if chosen.grain != "total" else largest(rows, ROWS)
        written = tuple(self._written(row) for row in listed[:ROWS])
        return Panel(
            kpi.id, page.words.kpi_name(kpi.id, kpi.id), page.address(f"/kpis/{kpi.id}"),
            None if any(row["value"] is not None for row in rows) else reason(page, kpi, self.reply),
            drawn, written, len(rows) - len(written) + self.reply.answer.get("left_out", 0),
            max((max(row.high or 0, row.number or 0) for row in written), default=0), any(row.interval for row in written),
            chosen.grain != "total", json.dumps(self.query, ensure_ascii=False))

    def _drawn(self, rows: Sequence[Row]) -> Drawing | None:
        """The groups with most cases as lines; None where there is a single period."""
        page, kpi, by = self._page, self._kpi, self._chosen.by
        starts = sorted({row["start"] for row in rows})
        if len(starts) < 2:
            return None
        groups: dict[Group, dict[str, Row]] = {}
        for row in rows:
            groups.setdefault(tuple(row["by"][dimension] for dimension in by), {})[row["start"]] = row
        ordered = sorted(groups.items(), key=lambda item: -sum(row["n"] or 0 for row in item[1].values()))
        # in an order of their own, so that a group has one colour in every panel
        shown = sorted(ordered[:LINES], key=lambda item: tuple((key is None, key or "") for key in item[0]))
        values = [[found[start]["value"] if start in found else None for start in starts] for _group, found in shown]
        single = shown[0][1] if len(shown) == 1 else {}
        lows, highs = ([single[start][part] if start in single else None for start in starts] for part in ("low", "high"))
        flat = [v for line in values for v in line]
        lows, highs = (within_reach(ends, flat, duration=kpi.unit in DURATIONS) for ends in (lows, highs))
        foot, middle, top = scale([v for line in (*values, lows, highs) for v in line], from_zero=kpi.kind in ("sum", "count"))
        chart = lines([Line(line, f"series s{place}", *((lows, highs) if single else ())) for place, line in enumerate(values, start=1)],
                      len(starts), foot, top, grid=(foot, middle, top))
        spans = {row["start"]: span_of(row) for row in rows}
        ends = tuple(dict.fromkeys(page.period(spans[starts[i]]) for i in (0, len(starts) // 2, -1)))
        names = tuple(self._group(group) or page.words.kpi_name(kpi.id, kpi.id) for group, _found in shown)
        return Drawing(chart, tuple(scale_label(page, kpi, mark) for mark in (top, middle, foot)), ends, names, len(ordered) - len(shown))

    def _group(self, group: Group) -> str:
        return " · ".join(self._page.label(dimension, key) for dimension, key in zip(self._chosen.by, group, strict=True))

    def _written(self, row: Row) -> Written:
        page, kpi, chosen = self._page, self._kpi, self._chosen
        span = span_of(row)
        view = page.view.over(span)
        for dimension in chosen.by:
            view = view.filtered(dimension, row["by"][dimension])
        labels = tuple(page.label(dimension, row["by"][dimension]) for dimension in chosen.by)
        return Written(
            (page.period(span), *labels) if chosen.grain != "total" else labels or (page.period(span),),
            page.words.value(row["value"], kpi.unit, page.currency), row["value"], row["low"], row["high"],
            None if row["low"] is None else page.words.interval(row["low"], row["high"], kpi.unit, page.currency),
            page.words.number(row["n"]),
            page.address(f"/kpis/{kpi.id}/records", view, side="numerator", period=period_text(span, view.kind, view.fiscal)))
