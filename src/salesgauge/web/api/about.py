"""/me and /freshness: who asks, and how far the data reach."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.web.api.caller import caller
from salesgauge.web.api.models import Fresh, Me
from salesgauge.web.api.tags import by_content
from salesgauge.web.page import Page
from salesgauge.web.view import instant_text

router = APIRouter(tags=["about"])
Anybody = Annotated[Page, Depends(caller())]


@router.get("/me", response_model=Me)
def me(page: Anybody) -> Response:
    """Who the caller is here, whose rows they see, and what their token is for."""
    visitor = page.visitor
    return by_content(page, {
        "name": visitor.name, "role": visitor.role, "home": visitor.home, "language": page.words.code, "rep_id": visitor.rep_id,
        "sees": visitor.viewer.shape, "persons_named": not visitor.nameless,
        "scopes": None if visitor.scopes is None else sorted(visitor.scopes)})


@router.get("/freshness", response_model=Fresh)
def freshness(page: Anybody) -> Response:
    """When the data were loaded, the last day on which anything happened, and which tables there are."""
    fresh, settings = page.freshness, page.site.desk.settings
    return by_content(page, {
        "generation": fresh.generation.name, "loaded_at": instant_text(fresh.loaded_at),
        "last_day": fresh.last_day.isoformat() if fresh.last_day else None, "stale": page.stale, "timezone": settings.timezone,
        "currency": settings.currency, "tables": sorted(fresh.generation.tables)})
