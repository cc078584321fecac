"""The catalogue: every KPI with its definition, searchable."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.web.page import Page, page

router = APIRouter()


@router.get("/kpis")
def catalogue(page: Annotated[Page, Depends(page)], q: str = "") -> Response:
    """The KPIs whose name, id or definition holds what was searched for, in their areas."""
    words, wanted = page.words, q.strip().casefold()
    found = [kpi for kpi in page.site.workspace.catalogue.values()
             if wanted in f"{kpi.id} {words.kpi_name(kpi.id, kpi.id)} {words.kpi_meaning(kpi.id, kpi.meaning)}".casefold()]
    return page.render("catalogue.html", active="catalogue", q=q,
                       areas=[(area, list(several)) for area, several in groupby(found, key=lambda kpi: kpi.area)])
