"""/catalogue, /kpis and /figures: what can be asked, in the caller's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from salesgauge.goals import Target
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.api.caller import CATALOGUE, caller
from salesgauge.web.api.models import Definition, Definitions, Figures, Text
from salesgauge.web.api.tags import tag, tagged
from salesgauge.web.page import Page

router = APIRouter(tags=["catalogue"])
Reader = Annotated[Page, Depends(caller(CATALOGUE))]


def defined(page: Page, kpi: Kpi) -> dict[str, Any]:
    """A KPI or figure with its words."""
    words, formula = page.words, kpi.formula
    reasons = dict.fromkeys(reason for m in (*formula.measures(), *formula.watched) if m.set_aside for reason in m.reasons)
    return {
        "id": kpi.id, "name": words.kpi_name(kpi.id, kpi.id), "meaning": words.kpi_meaning(kpi.id, " ".join(kpi.meaning.split())),
        "area": kpi.area, "area_name": words.area(kpi.area), "unit": kpi.unit, "kind": kpi.kind, "better": kpi.better or None,
        "interval": kpi.interval, "median": kpi.median,
        "dimensions": [{"id": d, "name": words.dimension(d), "one_sided": d in kpi.one_sided} for d in kpi.all_dimensions(page.shape)],
        "required": list(kpi.required), "numerator": formula.numerator.name,
        "denominator": formula.denominator.name if formula.denominator else None,
        "sets_aside": [{"id": reason, "name": words.reason(reason)} for reason in reasons],
        "watch": kpi.watch, "source": kpi.source, "built_in": kpi.built_in, "lacks": kpi.missing(page.shape, ()),
        "target": _target(page.site.desk.targets.get(kpi.id))}


def _target(target: Target | None) -> dict[str, Any] | None:
    if target is None:
        return None
    company, rep = (None if wanted is None else wanted._asdict() for wanted in (target.company, target.rep))
    return {"per": target.per, "company": company, "rep": rep, "teams": {name: wanted._asdict() for name, wanted in target.teams.items()}}


def _all(page: Page, kpis: Iterable[Kpi]) -> list[dict[str, Any]]:
    return [defined(page, kpi) for kpi in kpis]


@router.get("/catalogue", response_model=Definitions)
def catalogue(page: Reader) -> Response:
    """Every KPI with its definition and dimensions, the company's own last. Accept-Language chooses the language."""
    return tagged(page, tag(page), lambda: {"language": page.words.code, "kpis": _all(page, page.site.desk.catalogue.values())})


@router.get("/kpis/{kpi}", response_model=Definition)
def one(page: Reader, kpi: Annotated[Text, Path(description="The id of a KPI.", examples=["win_rate"])]) -> Response:
    """The definition of one KPI; 404, with the nearest ids, where there is none."""
    found = page.kpi(kpi)
    return tagged(page, tag(page), lambda: defined(page, found))


@router.get("/figures", response_model=Figures)
def figures(page: Reader) -> Response:
    """The figures that the pages show beside the KPIs: bookings, open pipeline, its movement. They are asked like KPIs."""
    return tagged(page, tag(page), lambda: {"language": page.words.code, "figures": _all(page, page.site.desk.figures.values())})
