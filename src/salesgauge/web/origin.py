"""Refuses what another site makes a signed-in browser send (CSRF): by Sec-Fetch-Site, else by Origin."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from salesgauge.web.problems import answer_problem

SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


def foreign(headers: Headers) -> bool:
    """Whether a request that changes something was made by a page of another site. Programs without a browser send neither header."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and (origin == "null" or urlsplit(origin).netloc.casefold() != headers.get("host", "").casefold())


class SameOrigin:
    """Lets a request that changes something through only where it comes from a page of this site (or from no page)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        if scope["type"] == "http" and scope["method"] not in SAFE and foreign(Headers(scope=scope)):
            answer = answer_problem(Request(scope), 403, "this request was made by another site", "cross_site", key="cross_site")
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)
