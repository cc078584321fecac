"""What becomes of an error: a page that says what is wrong and what would be right, or problem+json for a program; never a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from salesgauge.errors import SalesgaugeError, UnknownKpi, WorkspaceError
from salesgauge.language import language
from salesgauge.web.page import SignInNeeded, spoken
from salesgauge.web.templates import environment

API = "/api/"
_log = logging.getLogger("salesgauge.web")


def status_of(problem: SalesgaugeError) -> int:
    """The status of an error that a person can mend."""
    if isinstance(problem, UnknownKpi):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.SERVICE_UNAVAILABLE if isinstance(problem, WorkspaceError) else HTTPStatus.BAD_REQUEST


def answer_problem(request: Request, status: int, detail: str, code: str = "") -> Response:
    """An error as the request wants it: as a page, or (RFC 9457) as problem+json."""
    if request.url.path.startswith(API):
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        return JSONResponse(content | ({"code": code} if code else {}), status, media_type="application/problem+json")
    words = language(spoken(request, None))
    text = environment().get_template("problem.html").render(words=words, message=words.message, heading=words.heading, status=status,
                                                             detail=detail)
    return HTMLResponse(text, status)


def handle_problems(app: FastAPI) -> None:
    """Makes every error of the application a designed answer."""
    @app.exception_handler(SalesgaugeError)
    def mendable(request: Request, problem: SalesgaugeError) -> Response:
        return answer_problem(request, status_of(problem), problem.message, problem.code)

    @app.exception_handler(SignInNeeded)
    def stranger(request: Request, problem: SignInNeeded) -> Response:
        if request.url.path.startswith(API):
            detail = "sign in, or send a token: Authorization: Bearer sg_..."
            return answer_problem(request, HTTPStatus.UNAUTHORIZED, detail, "unauthorized")
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}" if request.method == "GET" else "/sign-in", 303)

    @app.exception_handler(HTTPException)
    def refused(request: Request, problem: HTTPException) -> Response:
        answer = answer_problem(request, problem.status_code, str(problem.detail))
        for name, value in (problem.headers or {}).items():
            answer.headers[name] = value
        return answer

    @app.exception_handler(Exception)
    def unforeseen(request: Request, problem: Exception) -> Response:
        _log.error("unforeseen error at %s", request.url.path, exc_info=problem)
        return answer_problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "an error that should not be; the server's log tells more")
