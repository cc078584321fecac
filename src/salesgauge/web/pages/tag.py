"""Tagging a reply: `POST /records/activities/{name}/tag`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from salesgauge.state import Refusal
from salesgauge.state.views import is_local
from salesgauge.web.api.people import actor_of, state_of
from salesgauge.web.faults import Fault
from salesgauge.web.page import Page, page
from salesgauge.web.tagging import is_reply, may_tag, taggings
from salesgauge.web.templates import environment
from salesgauge.web.view import instant_text, page_instant

router = APIRouter()


@router.post("/records/activities/{name:path}/tag")
def tag(name: str, page: Annotated[Page, Depends(page)], sentiment: Annotated[str, Form()] = "",
        back: Annotated[str, Form(alias="next")] = "/") -> Response:
    """Says of a reply that the visitor may see what it is (nothing takes it back), and goes back to the page; a script gets the form as
    it is then. 404 for an activity that there is not or that is not theirs to see, 409 for one that is no reply or that its source
    judges itself."""
    site, state, person = page.site, state_of(page), page.visitor.person_id
    if state is None or person is None:
        raise Fault(HTTPStatus.FORBIDDEN, "no_account", "replies are tagged by people with an account, and you have none here")
    now = instant_text(page_instant(site.clock(), page.freshness.loaded_at))
    row = site.desk.record("activities", name, page.visitor.viewer, now)
    if row is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, page.words.message("record_absent"))
    with state.change() as unit:
        if not is_reply(row) or not may_tag(page, row, unit.tags.of([name]).get(name)):
            raise Refusal("tagged_by_source" if is_reply(row) else "no_reply")
        unit.tags.give(name, sentiment or None, person, actor_of(page))
    site.noted()
    address = back if is_local(back) else "/"
    if page.request.headers.get("hx-request-type") != "partial":
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)
    form = taggings(page, [row])[name]
    text = environment().get_template("tagged.html").render(it=form, words=page.words, back=address)
    return HTMLResponse(text, headers={"cache-control": "no-store"})
