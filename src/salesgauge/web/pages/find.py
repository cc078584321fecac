"""What is found by name: pages, KPIs, teams, reps and accounts; as a page, and as the part of it that the palette shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.store.lookup import NAMED
from salesgauge.web.page import Page, page
from salesgauge.web.view import instant_text

router = APIRouter()

MOST = 8  # of each kind


@dataclass(frozen=True)
class Found:
    """Something found: its name, what it is, and its page."""

    name: str
    kind: str
    address: str


@router.get("/find")
def find(page: Annotated[Page, Depends(page)], q: str = "", part: str = "") -> Response:
    """What has the wanted text in its name; without one the pages."""
    wanted = q.strip()
    found = [*_places(page, wanted), *(_kpis(page, wanted) if wanted else ()), *(_teams(page, wanted) if wanted else ()),
             *(_records(page, wanted) if wanted else ())]
    return page.render("found.html" if part else "find.html", active="", q=q, found=found)


def _matches(wanted: str, *texts: str) -> bool:
    return any(wanted.casefold() in text.casefold() for text in texts)


def _places(page: Page, wanted: str) -> list[Found]:
    words = page.words
    named = [(words.message(f"place_{name}"), path) for name, path in page.places]
    return [Found(name, words.message("find_page"), page.address(path)) for name, path in named if _matches(wanted, name)]


def _kpis(page: Page, wanted: str) -> list[Found]:
    words = page.words
    named = [(words.kpi_name(kpi.id, kpi.id), kpi.id) for kpi in page.site.desk.catalogue.values()]
    return [Found(name, words.heading("kpi"), page.address(f"/kpis/{kpi}")) for name, kpi in named if _matches(wanted, name, kpi)][:MOST]


def _teams(page: Page, wanted: str) -> list[Found]:
    """The teams in which this visitor has rows in the view's period, for those who may look at a team."""
    if page.visitor.role not in ("executive", "manager", "analyst"):
        return []
    batch = page.batch()
    reply = batch.ask(page.query("new_opportunities", by=("team",)))
    batch.run()
    teams = [row["by"]["team"] for row in reply.rows if row["by"]["team"] is not None]
    return [Found(team, page.words.heading("team"), page.address(f"/teams/{quote(team, safe='')}"))
            for team in teams if _matches(wanted, team)][:MOST]


def _records(page: Page, wanted: str) -> list[Found]:
    found = []
    for table, kind in zip(NAMED, ("rep", "account"), strict=True):
        names = table != "reps" or not page.visitor.nameless
        for key, name in page.site.desk.find(table, wanted, page.visitor.viewer, instant_text(page.view.instant), by_name=names,
                                                  limit=MOST):
            found.append(Found((name if names else None) or key, page.words.heading(kind),
                               page.address(f"/records/{table}/{quote(key, safe='')}")))
    return found
