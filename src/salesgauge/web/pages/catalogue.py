"""The catalogue: every KPI with its definition, searchable, in its area; the figures that the pages show beside them last."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.catalogue.own import AREA as OWN
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.page import Page, page

router = APIRouter()
BEYOND = "+"          # the source of a KPI that no document names
FIGURES = "figures"  # the area that all figures share here
DIRECTIONS = {"up": "higher_is_better", "down": "lower_is_better", "band": "within_band"}


@dataclass(frozen=True)
class Definition:
    """A KPI or figure as the catalogue shows it. `address` is None where it can only be asked by a dimension of its own; `watch` is the
    name and address of the KPI to read it with; `measured` its kind and unit; `why` says which table it lacks."""

    id: str
    name: str
    meaning: str
    address: str | None
    measured: str
    direction: str
    watch: tuple[str, str] | None
    dimensions: str
    source: str
    own: bool
    why: str | None


@router.get("/kpis")
def catalogue(page: Annotated[Page, Depends(page)], q: str = "", area: str = "") -> Response:
    """The KPIs and figures of an area (or all) whose name, id or definition holds what was searched for, in their areas."""
    words, wanted = page.words, q.strip().casefold()
    workspace = page.site.desk
    everything = [*((kpi.area, kpi) for kpi in workspace.catalogue.values()), *((FIGURES, figure) for figure in workspace.figures.values())]
    areas = list(dict.fromkeys(name for name, _kpi in everything))
    found = [(name, kpi) for name, kpi in everything if (area not in areas or name == area)
             and wanted in f"{kpi.id} {words.kpi_name(kpi.id, kpi.id)} {words.kpi_meaning(kpi.id, kpi.meaning)}".casefold()]
    return page.render(
        "catalogue.html", active="catalogue", q=q, chosen=area if area in areas else "",
        links=[("", page.here(area=None)), *((name, page.here(area=name)) for name in areas)], called=lambda name: area_name(page, name),
        areas=[(name, [_definition(page, kpi) for _name, kpi in several]) for name, several in groupby(found, key=lambda pair: pair[0])])


def area_name(page: Page, area: str) -> str:
    """What an area of the catalogue is called; "" is all of them."""
    if not area:
        return page.words.message("board_all_areas")
    return page.words.message("board_figures") if area == FIGURES else page.words.area(area)


def _definition(page: Page, kpi: Kpi) -> Definition:
    words = page.words
    lack = kpi.missing(page.shape, ())
    kind, unit = words.term(f"kind_{kpi.kind}"), words.unit(kpi.unit)
    watch = (words.kpi_name(kpi.watch, kpi.watch), page.opened(kpi.watch)) if kpi.watch else None
    return Definition(
        kpi.id, words.kpi_name(kpi.id, kpi.id), words.kpi_meaning(kpi.id, kpi.meaning), None if kpi.required else page.opened(kpi.id),
        kind if kind == unit else f"{kind} · {unit}", words.term(DIRECTIONS[kpi.better]) if kpi.better in DIRECTIONS else "", watch,
        ", ".join(words.dimension(d) for d in kpi.all_dimensions(page.shape)), "" if kpi.source == BEYOND else kpi.source,
        kpi.area == OWN, None if lack is None else words.message("needs_table", table=lack))
