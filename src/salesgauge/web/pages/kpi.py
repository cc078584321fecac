"""A KPI's own page: the value beside its watch KPI, its trend, its breakdown, its definition; each figure opens into its records."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.semantics.kpi import Kpi
from salesgauge.web.cards import CardQuestions
from salesgauge.web.exports.tabulated import tabulated
from salesgauge.web.exports.written import FileKind, send
from salesgauge.web.kpis import definition
from salesgauge.web.kpis.breakdown import BY, BreakdownQuestions
from salesgauge.web.kpis.crossing import ACROSS, CrossingQuestions
from salesgauge.web.kpis.trend import TrendQuestions
from salesgauge.web.page import Page, page

router = APIRouter()


@router.get("/kpis/{kpi}")
def kpi_page(kpi: str, page: Annotated[Page, Depends(page)], sql: str = "") -> Response:
    """The page of a KPI; 404 where there is none of that id."""
    found = page.kpi(kpi)
    by, across = _dimensions(page, found)
    batch = page.batch()
    card = CardQuestions(page, batch, kpi)
    watch = CardQuestions(page, batch, found.watch) if found.watch else None
    trend = TrendQuestions(page, batch, found)
    parts = BreakdownQuestions(page, batch, found, by, whole=bool(across)) if by else None
    crossed = CrossingQuestions(page, batch, found, by, across) if across else None
    batch.run()
    return page.render(
        "kpi.html", active="catalogue", kpi=found, card=card.card(), watch=watch.card() if watch else None, alike=_alike(page, card),
        median=_median(page, found, card), trend=trend.trend(), dimensions=found.all_dimensions(page.shape), by=by, across=across,
        breakdown=parts.breakdown() if parts else None, crossing=crossed.crossing(parts.keys()) if parts and crossed else None,
        sides=_sides(page, found, card), facts=definition.facts(page, found, card.now.row),
        sql=definition.sql(page, page.query(kpi, by=(by,) if by else ())) if sql else None)


@router.get("/kpis/{kpi}/breakdown.{kind}")
def breakdown_file(kpi: str, kind: FileKind, page: Annotated[Page, Depends(page)]) -> Response:
    """The breakdown as a file: every slice, with all digits."""
    found = page.kpi(kpi)
    by = [each for each in _dimensions(page, found) if each]
    batch = page.batch()
    reply = batch.ask(page.query(kpi, by=by))
    batch.run()
    return send(kind, (kpi, *by, page.view.period), tabulated(page, [(found, reply)], by))


def _dimensions(page: Page, kpi: Kpi) -> tuple[str, str]:
    """The dimension that the page breaks down by and the one across, as the address says; "" for none."""
    known, asked = kpi.all_dimensions(page.shape), page.request.query_params
    by = asked.get(BY, "")
    by = by if by in known else next(iter(known), "")
    across = asked.get(ACROSS, "")
    return by, across if across in known and across != by else ""


def _alike(page: Page, card: CardQuestions) -> str | None:
    """The two values that are compared like for like while the period runs, in a sentence."""
    alike, found = card.alike, card.comparison
    if alike is None or found is None or not (alike.to_date or alike.shorter):
        return None
    words, unit = page.words, card.kpi.unit
    return words.message(
        "kpis_like_for_like", period=page.period(alike.now), now=words.value(found.now["value"], unit, page.currency),
        earlier=page.period(alike.before), before=words.value(found.before["value"], unit, page.currency))


def _median(page: Page, kpi: Kpi, card: CardQuestions) -> tuple[tuple[str, str], ...]:
    """Median and 90th percentile, with what they are called, where the KPI has them."""
    row = card.now.row
    if not kpi.median or row is None or row["median"] is None:
        return ()
    return tuple((page.words.heading(part), page.words.value(row[part], kpi.unit, page.currency)) for part in ("median", "p90"))


def _sides(page: Page, kpi: Kpi, card: CardQuestions) -> tuple[tuple[str, str, str], ...]:
    """The sides of the formula: what each is called, its number, and the address of its records; none where there is no answer."""
    row = card.now.row
    if row is None:
        return ()
    sides = ("numerator", "denominator") if kpi.formula.denominator else ("numerator",)
    return tuple((side, page.words.number(row[side]), page.address(f"/kpis/{kpi.id}/records", side=side)) for side in sides)
