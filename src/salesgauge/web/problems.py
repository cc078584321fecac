"""What becomes of an error: a page that says what is wrong and what would be right, or problem+json for a program; never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesgauge.errors import Confidential, EngineError, SalesgaugeError, UnknownKpi, WorkspaceError
from salesgauge.language import ENGLISH, Language, language
from salesgauge.web.faults import Fault
from salesgauge.web.page import SignInNeeded, spoken
from salesgauge.web.templates import environment

API = "/api/"
_log = logging.getLogger("salesgauge.web")


_STATUS = {UnknownKpi.code: HTTPStatus.NOT_FOUND, Confidential.code: HTTPStatus.FORBIDDEN,
           WorkspaceError.code: HTTPStatus.SERVICE_UNAVAILABLE, EngineError.code: HTTPStatus.SERVICE_UNAVAILABLE}


def status_of(code: str) -> int:
    """The status of an error that a person can mend."""
    return _STATUS.get(code, HTTPStatus.BAD_REQUEST)


def language_of(request: Request) -> Language:
    """The language of who asked, as far as that is known when something went wrong: that of the session, else as the browser says."""
    person = getattr(getattr(request.state, "session", None), "person", None)
    return language(getattr(person, "language", None) or spoken(request, None))


def answer_problem(request: Request, status: int, detail: str, code: str = "", errors: Sequence[Mapping[str, str]] = (), *, key: str = "",
                   values: Mapping[str, str | int] | None = None) -> Response:
    """An error as the request wants it: as a page, or (RFC 9457) as problem+json, in English; `errors` name the parts that are wrong. A
    page in another language tells it as the message `error_<key>` with these values, where there is one, else as it is."""
    if request.url.path.startswith(API):
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        more = {name: value for name, value in (("code", code), ("errors", list(errors))) if value}
        return JSONResponse(content | more, status, media_type="application/problem+json")
    words = language_of(request)
    if key and words.code != ENGLISH and words.has_message(f"error_{key}"):
        detail = words.message(f"error_{key}", **(values or {}))
    text = environment().get_template("problem.html").render(words=words, message=words.message, heading=words.heading, status=status,
                                                             detail=detail)
    return HTMLResponse(text, status)


def _said(request: Request, problem: HTTPException) -> Fault:
    """What the framework itself refuses, with what would be right."""
    if problem.detail != HTTPStatus(problem.status_code).phrase:  # said by a page, in the words of who asked
        return Fault(problem.status_code, "not_found" if problem.status_code == HTTPStatus.NOT_FOUND else "", str(problem.detail))
    if problem.status_code == HTTPStatus.NOT_FOUND:
        return Fault(404, "not_found", f"there is nothing at {request.url.path}", path=request.url.path)
    if problem.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (problem.headers or {}).get("Allow", "another method")
        return Fault(405, "method", f"{request.method} does not work at {request.url.path}; what does: {allowed}",
                     method=request.method, path=request.url.path, allowed=allowed)
    return Fault(problem.status_code, "", str(problem.detail))


def handle_problems(app: FastAPI) -> None:
    """Makes every error of the application a designed answer."""
    @app.exception_handler(SalesgaugeError)
    def mendable(request: Request, problem: SalesgaugeError) -> Response:
        return answer_problem(request, status_of(problem.code), problem.message, problem.code, key=problem.key, values=problem.values)

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, problem: RequestValidationError) -> Response:
        found = [{"field": ".".join(str(part) for part in each["loc"]), "detail": each["msg"]} for each in problem.errors()]
        detail = "; ".join(f"{each['field']}: {each['detail']}" for each in found)
        return answer_problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, "unreadable", found, key="unreadable",
                              values={"detail": detail})

    @app.exception_handler(SignInNeeded)
    def stranger(request: Request, problem: SignInNeeded) -> Response:
        if request.url.path.startswith(API):
            detail = "sign in, or send a token: Authorization: Bearer sg_..."
            answer = answer_problem(request, HTTPStatus.UNAUTHORIZED, detail, "unauthorized")
            answer.headers["www-authenticate"] = "Bearer"
            return answer
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}" if request.method == "GET" else "/sign-in", 303)

    @app.exception_handler(HTTPException)
    def refused(request: Request, problem: HTTPException) -> Response:
        fault = problem if isinstance(problem, Fault) else _said(request, problem)
        told = fault.code if fault is problem or fault.values else ""
        answer = answer_problem(request, fault.status_code, fault.detail, fault.code, key=told, values=fault.values)
        for name, value in (problem.headers or {}).items():
            answer.headers[name] = value
        return answer


class Unforeseen:
    """Answers what nobody foresaw, without a word of the inside; the log tells. It stands within what adds the headers of every answer,
    where the framework's own handler of such errors would not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)
        try:
            await self._app(scope, receive, noting)
        except Exception as problem:
            if scope["type"] != "http" or begun:  # what has begun can only be broken off
                raise
            _log.error("unforeseen error at %s", scope["path"], exc_info=problem)
            answer = answer_problem(Request(scope), HTTPStatus.INTERNAL_SERVER_ERROR,
                                    "an error that should not be; the server's log tells more", key="unforeseen")
            await answer(scope, receive, send)
