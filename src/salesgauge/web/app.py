"""The application: its routes, what wraps every request, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from salesgauge.web.api import description
from salesgauge.web.api.rates import RateHeaders, Rates
from salesgauge.web.bounds import Bounded
from salesgauge.web.desk import Desk
from salesgauge.web.head import HeadAsGet
from salesgauge.web.headers import SafeHeaders
from salesgauge.web.origin import SameOrigin
from salesgauge.web.pages import (
    catalogue,
    customers,
    data_quality,
    explore,
    find,
    home,
    identity,
    kpi,
    leaderboards,
    market,
    opened,
    people,
    pipeline,
    preferences,
    record,
    tag,
)
from salesgauge.web.problems import Unforeseen, handle_problems
from salesgauge.web.site import Site
from salesgauge.web.templates import STATIC
from salesgauge.web.visitor import Who
from salesgauge.workspace import Workspace

PAGES = (home, pipeline, leaderboards, customers, people, market, data_quality, identity, kpi, opened, tag, record, find, explore,
         catalogue, preferences)


def create_app(workspace: Workspace, *, who: Who, clock: Callable[[], datetime], rates: Rates | None = None) -> FastAPI:
    """The application over a workspace. `who` says who is signed in; `rates` how much a program may ask."""
    app = FastAPI(title="salesgauge", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = Site(Desk(workspace, clock), clock, who)
    app.state.rates = rates or Rates()
    app.add_middleware(GZipMiddleware, minimum_size=600)
    app.add_middleware(SameOrigin)
    app.add_middleware(Bounded)
    app.add_middleware(Unforeseen)
    app.add_middleware(RateHeaders)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SafeHeaders)
    handle_problems(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for module in PAGES:
        app.include_router(module.router)
    app.include_router(description.router)
    return app
