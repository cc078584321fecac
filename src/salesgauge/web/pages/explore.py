"""Explore: what anybody wants to see of the KPIs, built by a form, kept in the address, saved under a name."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from salesgauge.state.views import is_local
from salesgauge.web.api.people import actor_of, state_of
from salesgauge.web.explore.choice import MOST_BY, MOST_KPIS, SHOWS, dimensions_offered, read_choice
from salesgauge.web.explore.panel import PanelQuestion
from salesgauge.web.exports.tabulated import tabulated
from salesgauge.web.exports.written import FileKind, send
from salesgauge.web.faults import Fault
from salesgauge.web.kpis.stretch import grains
from salesgauge.web.page import Page, page

router = APIRouter()
Asked = Annotated[Page, Depends(page)]
CHOICES = ("kpi", "by", "grain", "show")  # the parameters that the form sets


@router.get("/explore")
def explore(page: Asked) -> Response:
    """The KPIs that the address names, as it wants them shown; without any the form alone."""
    chosen = read_choice(page)
    batch = page.batch()
    questions = [PanelQuestion(page, batch, kpi, chosen) for kpi in chosen.kpis]
    batch.run()
    catalogue = page.site.desk.catalogue.values()
    kept = [(name, value) for name, value in page.request.query_params.multi_items() if name in CHOICES]
    state = state_of(page)
    saved = []
    if state is not None and page.visitor.person_id is not None:
        with state.look() as unit:
            saved = [(view.slug, view.name, view.address, view.person_id == page.visitor.person_id, view.owner)
                     for view in unit.views.open_to(page.visitor.person_id)]
    return page.render(
        "explore.html", active="explore", chosen=chosen, panels=[question.panel() for question in questions],
        areas=[(area, list(several)) for area, several in groupby(catalogue, key=lambda kpi: kpi.area)],
        offered=dimensions_offered(page, chosen), grains=("total", *grains(page.view.fiscal)), shows=SHOWS, most=MOST_KPIS, slots=MOST_BY,
        choices=CHOICES, kept=kept, can_save=state is not None, saved=saved)


@router.get("/explore/answers.{kind}")
def explore_file(kind: FileKind, page: Asked) -> Response:
    """The answers as one file: every row, with all digits."""
    chosen = read_choice(page)
    batch = page.batch()
    questions = [PanelQuestion(page, batch, kpi, chosen) for kpi in chosen.kpis]
    batch.run()
    answers = [(kpi, question.reply) for kpi, question in zip(chosen.kpis, questions, strict=True)]
    return send(kind, (*(kpi.id for kpi in chosen.kpis), *chosen.by, page.view.period), tabulated(page, answers, chosen.by))


@router.post("/explore/views")
def save_view(page: Asked, name: Annotated[str, Form()], address: Annotated[str, Form()],
              shared: Annotated[bool, Form()] = False) -> Response:
    """Saves an address of these pages under a name, and goes back to it."""
    state, person = state_of(page), page.visitor.person_id
    if state is None or person is None:
        raise Fault(403, "no_account", "views are kept for people with an account, and you have none here")
    with state.change() as unit:
        unit.views.save(person, name, address, shared, actor_of(page))
    return RedirectResponse(address if is_local(address) else "/explore", 303)


@router.post("/explore/views/{slug}/delete")
def delete_view(page: Asked, slug: str) -> Response:
    """Deletes a view of one's own."""
    state, person = state_of(page), page.visitor.person_id
    if state is None or person is None:
        raise Fault(403, "no_account", "views are kept for people with an account, and you have none here")
    with state.change() as unit:
        unit.views.delete(slug, person, actor_of(page))
    return RedirectResponse("/explore", 303)
