"""How much one caller may ask in a minute, and the headers that say what is left."""

from __future__ import annotations

import hashlib
import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesgauge.web.faults import Fault
from salesgauge.web.visitor import Visitor

A_MINUTE = 1200           # questions and other requests of one person or token
STRANGERS_A_MINUTE = 60   # refused requests from one address
_STATE = "rate"


class Rates:
    """Counts what each caller asks, over a moving minute. Memory of this process: each server counts for itself."""

    def __init__(self, a_minute: int = A_MINUTE, strangers_a_minute: int = STRANGERS_A_MINUTE) -> None:
        self._known, self._strangers = RateLimitItemPerMinute(a_minute), RateLimitItemPerMinute(strangers_a_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, request: Request, visitor: Visitor, cost: int = 1) -> None:
        """Counts a request that costs so much; Fault (429) where it is too much."""
        self._hit(request, self._known, _caller(request, visitor), cost)

    def count_stranger(self, request: Request) -> None:
        """Counts a request of somebody who is not known; Fault (429) where there were too many from that address."""
        self._hit(request, self._strangers, f"address {request.client.host if request.client else ''}", 1)

    def _hit(self, request: Request, item: RateLimitItemPerMinute, caller: str, cost: int) -> None:
        granted = self._limiter.hit(item, caller, cost=cost)
        window = self._limiter.get_window_stats(item, caller)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        request.state.rate = (item.amount, window.remaining, seconds)
        if not granted:
            raise Fault(429, "too_many", f"too many requests: {item.amount} a minute; wait {seconds} seconds",
                        {"retry-after": str(seconds)})


def _caller(request: Request, visitor: Visitor) -> str:
    token = request.headers.get("authorization")
    if token:
        return f"token {hashlib.sha256(token.encode()).hexdigest()}"
    return f"person {visitor.role} {visitor.rep_id} {visitor.name}"


class RateHeaders:
    """Adds to an answer what is left of its caller's minute, where it was counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and _STATE in state:
                headers = MutableHeaders(scope=message)
                for name, value in zip(("limit", "remaining", "reset"), state[_STATE], strict=True):
                    headers[f"ratelimit-{name}"] = str(value)
            await send(message)
        await self._app(scope, receive, with_headers)
