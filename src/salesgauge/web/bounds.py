"""Refuses requests that are too long before anything of them is read or kept."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesgauge.web.faults import Fault
from salesgauge.web.problems import answer_problem

MOST_BODY = 256 * 1024     # bytes: a batch of a hundred questions is a tenth of that
UPLOAD = "/data/import"    # where files are sent; who sends them is known before they are read
MOST_UPLOAD = 64 * 1024 * 1024  # bytes of files
MOST_ADDRESS = 16 * 1024   # bytes of path and query


class Bounded:
    """Answers 414 to an address that is too long, 413 to a body that is, whether or not its length was told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["query_string"]) + len(scope.get("raw_path") or scope["path"].encode()) > MOST_ADDRESS:
            refused = Fault(414, "address_too_long", f"an address has {MOST_ADDRESS} bytes at most; send a long question by POST",
                            most=MOST_ADDRESS)
            await answer_problem(Request(scope), refused.status_code, refused.detail, refused.code, key=refused.code,
                                 values=refused.values)(scope, receive, send)
            return
        most = MOST_UPLOAD if scope["path"] == UPLOAD else MOST_BODY
        if _told(Headers(scope=scope)) > most:
            refused = _too_large(most)
            await answer_problem(Request(scope), refused.status_code, refused.detail, refused.code, key=refused.code,
                                 values=refused.values)(scope, receive, send)
            return
        met = 0

        async def counted() -> Message:
            nonlocal met
            message = await receive()
            met += len(message.get("body", b""))
            if met > most:
                raise _too_large(most)
            return message
        await self._app(scope, counted, send)


def _told(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(most: int) -> Fault:
    what = "questions" if most == MOST_BODY else "files"
    return Fault(413, "too_large", f"a request has {most} bytes at most; send fewer {what} at a time", most=most)
