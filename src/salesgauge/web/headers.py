"""What every answer carries: a strict content policy, and that nobody else may frame, sniff or keep it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
ALWAYS = {
    "content-security-policy": POLICY, "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()"}
KEPT = "public, max-age=31536000, immutable"


class SafeHeaders:
    """Adds the headers to every answer; files of static/ with the mark of their content may be kept, nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lasting = scope["path"].startswith("/static/") and bool(scope["query_string"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                if lasting and message["status"] == 200:
                    headers["cache-control"] = KEPT
                elif not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "private, no-cache")
                    headers.add_vary_header("Cookie")
                    headers.add_vary_header("HX-Request")
            await send(message)
        await self._app(scope, receive, with_headers)
