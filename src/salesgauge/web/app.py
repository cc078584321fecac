"""The application: its routes, what wraps every request, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from salesgauge.web.batch import Answering
from salesgauge.web.headers import SafeHeaders
from salesgauge.web.origin import SameOrigin
from salesgauge.web.pages import (
    catalogue,
    customers,
    data_quality,
    home,
    kpi,
    leaderboards,
    market,
    people,
    pipeline,
    preferences,
)
from salesgauge.web.problems import handle_problems
from salesgauge.web.site import Site
from salesgauge.web.templates import STATIC
from salesgauge.web.visitor import Who
from salesgauge.workspace import Workspace

PAGES = (home, pipeline, leaderboards, customers, people, market, data_quality, kpi, catalogue, preferences)


def create_app(workspace: Workspace, *, who: Who, clock: Callable[[], datetime], desk: Answering | None = None) -> FastAPI:
    """The application over a workspace. `who` says who is signed in; `desk` answers questions (default: the workspace itself)."""
    app = FastAPI(title="salesgauge", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = Site(workspace, desk or workspace, clock, who)
    app.add_middleware(GZipMiddleware, minimum_size=600)
    app.add_middleware(SameOrigin)
    app.add_middleware(SafeHeaders)
    handle_problems(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for module in PAGES:
        app.include_router(module.router)
    return app
