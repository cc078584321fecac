"""/views: the saved views that the caller may open, and their own to save and delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response

from salesgauge.state import State
from salesgauge.state.views import View as Saved
from salesgauge.web.api import models
from salesgauge.web.api.caller import VIEWS, caller
from salesgauge.web.api.models import NewView, Text, Views
from salesgauge.web.api.people import actor_of, state_of
from salesgauge.web.api.tags import by_content
from salesgauge.web.faults import Fault
from salesgauge.web.page import Page
from salesgauge.web.view import instant_text

router = APIRouter(tags=["views"])
Owner = Annotated[Page, Depends(caller(VIEWS))]


def _told(page: Page, view: Saved) -> dict[str, Any]:
    own = view.person_id == page.visitor.person_id
    return {"id": view.slug, "name": view.name, "address": view.address, "shared": view.shared, "own": own,
            "owner": view.owner if own or not page.visitor.nameless else None, "changed": instant_text(view.changed)}


def _account(page: Page) -> tuple[State, int]:
    state, person = state_of(page), page.visitor.person_id
    if state is None or person is None:
        raise Fault(403, "no_account", "views are kept for people with an account, and you have none here")
    return state, person


@router.get("/views", response_model=Views)
def views(page: Owner) -> Response:
    """The caller's saved views, then those that others share."""
    state, person = _account(page)
    with state.look() as unit:
        found = unit.views.open_to(person)
    return by_content(page, {"views": [_told(page, view) for view in found]})


@router.post("/views", status_code=201, response_model=models.View)
def save(page: Owner, body: NewView) -> Response:
    """Saves a page under a name, for the caller or (shared) for everybody."""
    state, person = _account(page)
    with state.change() as unit:
        view = unit.views.save(person, body.name, body.address, body.shared, actor_of(page))
    return JSONResponse(_told(page, view), 201, {"location": f"{page.request.url.path}/{view.slug}"})


@router.get("/views/{view}", response_model=models.View)
def one(page: Owner, view: Annotated[Text, Path(description="The id of a view.")]) -> Response:
    """A view that the caller may open; 404 for any other, whether it exists or not."""
    state, person = _account(page)
    with state.look() as unit:
        found = unit.views.find(view, person)
    return by_content(page, _told(page, found))


@router.delete("/views/{view}", status_code=204)
def delete(page: Owner, view: Annotated[Text, Path(description="The id of one of the caller's views.")]) -> Response:
    """Deletes a view of the caller's own; 404 for any other."""
    state, person = _account(page)
    with state.change() as unit:
        unit.views.delete(view, person, actor_of(page))
    return Response(status_code=204)
