"""The application with its people: every page asks who it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from salesgauge.language import language
from salesgauge.state import Refusal, State
from salesgauge.state.runs import Told
from salesgauge.web.access import account, entering, importing, log, people, signing
from salesgauge.web.access.guard import Guard
from salesgauge.web.access.provider import read_provider
from salesgauge.web.access.screen import status_of
from salesgauge.web.app import create_app
from salesgauge.web.page import spoken
from salesgauge.web.problems import answer_problem
from salesgauge.workspace import Workspace

ROUTES = (entering, account, people, log, signing, importing)


def with_access(workspace: Workspace, state: State, *, clock: Callable[[], datetime], hosts: Sequence[str] = (), **more: Any) -> FastAPI:
    """The application over a workspace for the people of its state. `hosts`: the names under which it is reached (none: any name);
    a request for another one is refused. `more` is handed on to create_app. SettingError where [oidc] of salesgauge.toml cannot be used."""
    provider = read_provider(workspace.folder)
    guard = Guard(state, workspace)
    app = create_app(workspace, who=guard.who, clock=clock, **more)
    app.state.guard, app.state.provider = guard, provider
    app.state.site.remember = guard.remember
    app.state.site.runs = lambda: _runs(state)
    for module in ROUTES:
        app.include_router(module.router)
    app.add_exception_handler(Refusal, _refused)
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    return app


def _runs(state: State) -> dict[str, Told]:
    with state.look() as unit:
        return unit.runs.told()


def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Refusal)
    if problem.reason == "no_business" and request.url.path == "/":
        return RedirectResponse("/administration/people", 303)
    return answer_problem(request, status_of(problem), problem.said(language(spoken(request, None))), problem.reason)
