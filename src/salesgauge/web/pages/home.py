"""The page that a person starts on: what their role needs to see. Others may look at a team's, or at a person's, as far as they see
its rows. A meeting lays it out in the order in which it is gone through."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from salesgauge.errors import BadQuery
from salesgauge.web.page import Page, page
from salesgauge.web.pages.homes import blocks, headlines
from salesgauge.web.pages.homes.access import must_see
from salesgauge.web.pages.homes.roles import EXECUTIVE, HOMES, MANAGER, OF_REPS, REP, Role
from salesgauge.web.panels.plan import PlanQuestions
from salesgauge.web.tagging import last_tag
from salesgauge.web.view import elapsed

router = APIRouter()


@router.get("/")
def home(page: Annotated[Page, Depends(page)], meeting: str = "") -> Response:
    """The home of whoever is signed in."""
    role = HOMES.get(page.visitor.home, EXECUTIVE)
    return show(page, page, role, page.words.message(f"home_title_{role.name}"), meeting)


@router.get("/teams/{team}")
def team_home(team: str, page: Annotated[Page, Depends(page)], meeting: str = "") -> Response:
    """A team as its manager sees it; 404 where the visitor sees none of its rows, or sees their own alone."""
    if page.visitor.role == "rep":
        raise HTTPException(HTTPStatus.NOT_FOUND, page.words.message("home_nobody_here"))
    must_see(page, "team", team)
    return show(page, page.of(page.view.filtered("team", team)), MANAGER, page.words.message("home_title_team", team=team), meeting)


@router.get("/reps/{rep}/home")
def rep_home(rep: str, page: Annotated[Page, Depends(page)], meeting: str = "") -> Response:
    """A rep's home as they see it, of the rows that the visitor sees; 404 where there are none."""
    must_see(page, "rep", rep)
    role = OF_REPS.get(page.site.of_rep(rep, "role") or "", REP)
    return show(page, page.of(page.view.filtered("rep", rep), rep), role, page.label("rep", rep), meeting)


def show(whole: Page, page: Page, role: Role, title: str, meeting: str) -> Response:
    """A home: `page` has the view of the team or person, `whole` that of the address."""
    if meeting and meeting not in role.meetings:
        raise BadQuery(f"there is no meeting {meeting!r} of this page: there are {', '.join(role.meetings)}", "no_meeting",
                       meeting=meeting)
    tags = last_tag(whole) if "replies" in role.shown(meeting or None) else 0
    return whole.remembered(lambda: written(whole, page, role, title, meeting), tags)


def written(whole: Page, page: Page, role: Role, title: str, meeting: str) -> Response:
    """The home, asked and written."""
    trends, once, daily = page.batch(), page.batch(), page.batch()
    plan = PlanQuestions(page, once, daily)
    asking = blocks.Asking(page, whole, role, trends, once, plan)
    builds = [blocks.ask(asking, name) for name in role.shown(meeting or None)]
    say = headlines.ask(page, once, role.headline, plan)
    for batch in (trends, once, daily):
        batch.run()
    over, days = elapsed(page.view)
    days_over = page.words.message("home_days_over", count=over, whole=days) if page.view.running else None
    return whole.render("home.html", active="home", title=title, headline=say(), panels=[build() for build in builds], role=role,
                        meeting=meeting, days_over=days_over)
