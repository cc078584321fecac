"""What an address of Explore asks for: which KPIs, by what, at which grain, shown how."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.errors import BadQuery
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.kpis.stretch import grains
from salesgauge.web.page import Page

MOST_KPIS, MOST_BY = 6, 2
SHOWS = ("lines", "bars", "table")


@dataclass(frozen=True)
class Chosen:
    """The choice: KPIs in the order of the address, dimensions, the grain of the questions (total: none), and the look."""

    kpis: tuple[Kpi, ...]
    by: tuple[str, ...]
    grain: str
    show: str


def read_choice(page: Page) -> Chosen:
    """The choice of an address; UnknownKpi for a KPI that there is not, BadQuery for anything else that cannot be."""
    asked = page.request.query_params
    kpis = tuple(page.kpi(name) for name in dict.fromkeys(name for name in asked.getlist("kpi") if name))
    by = tuple(dict.fromkeys(name for name in asked.getlist("by") if name))
    if len(kpis) > MOST_KPIS or len(by) > MOST_BY:
        raise BadQuery(f"at most {MOST_KPIS} KPIs by {MOST_BY} dimensions can be explored at a time, not {len(kpis)} by {len(by)}",
                       "explore_most", kpis=MOST_KPIS, dimensions=MOST_BY)
    grain, offered = asked.get("grain") or "total", ("total", *grains(page.view.fiscal))
    if grain not in offered:
        raise BadQuery(f"there is no grain {grain!r}; there are: {', '.join(offered)}", "no_grain", grain=grain)
    show = asked.get("show") or ("lines" if grain != "total" else "bars")
    if show not in SHOWS:
        raise BadQuery(f"cannot show as {show!r}; there are: {', '.join(SHOWS)}", "no_show", show=show)
    return Chosen(kpis, by, grain, show if grain != "total" or show != "lines" else "bars")


def dimensions_offered(page: Page, chosen: Chosen) -> tuple[str, ...]:
    """The dimensions that any of the chosen KPIs has (of all, where none is chosen), as people call them in order."""
    kpis = chosen.kpis or tuple(page.site.desk.catalogue.values())
    found = {dimension for kpi in kpis for dimension in kpi.all_dimensions(page.shape)} | set(chosen.by)
    return tuple(sorted(found, key=lambda dimension: page.words.dimension(dimension).casefold()))
