"""A KPI's own page: the value, its trend, its breakdown by one dimension, its definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.web.batch import Reply, Row
from salesgauge.web.cards import CardQuestions, notes
from salesgauge.web.page import Page, page

router = APIRouter()


@dataclass(frozen=True)
class Slice:
    """One row of the breakdown: what it is, its value, interval, cases, and the address of the same page for it alone."""

    label: str
    value: str
    number: float | None
    low: float | None
    high: float | None
    interval: str | None
    cases: str
    few: bool
    address: str
    notes: tuple[str, ...]


@router.get("/kpis/{kpi}")
def kpi_page(kpi: str, page: Annotated[Page, Depends(page)], by: str = "") -> Response:
    """The page of a KPI; 404 where there is none of that id."""
    found = page.kpi(kpi)
    dimensions = found.all_dimensions(page.shape)
    by = by if by in dimensions else next(iter(dimensions), "")
    batch = page.batch()
    questions = CardQuestions(page, batch, kpi)
    parts: Reply | None = batch.ask(page.query(kpi, by=(by,))) if by else None
    batch.run()
    if parts:
        page.learn(by, [row["by"][by] for row in parts.rows])
    slices = [_slice(page, kpi, by, row) for row in parts.rows] if parts else []
    return page.render("kpi.html", active="catalogue", kpi=found, card=questions.card(), by=by, dimensions=dimensions, slices=slices,
                       most=max((s.high or s.number or 0 for s in slices), default=0))


def _slice(page: Page, kpi: str, by: str, row: Row) -> Slice:
    words, found, key = page.words, page.kpi(kpi), row["by"][by]
    few = found.kind in ("proportion", "mean", "ratio") and row["n"] < 30
    return Slice(
        page.label(by, key), words.value(row["value"], found.unit, page.currency), row["value"],
        row["low"], row["high"], None if row["low"] is None else words.interval(row["low"], row["high"], found.unit, page.currency),
        words.number(row["n"]), few, page.address(f"/kpis/{kpi}", page.view.filtered(by, key), by=by), notes(page, row, few))
