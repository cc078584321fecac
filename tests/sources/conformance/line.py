"""The line between a connector and a simulated system, on which things go wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

Fault = Callable[[httpx.Response], httpx.Response]
PATIENCE = 3  # of requests that fail in a row the next is answered: the wire gives up after more


def busy(answer: httpx.Response) -> httpx.Response:
    """The system has too much to do, and says for how long."""
    return httpx.Response(429, headers={"Retry-After": "7"}, json={"message": "too many requests"})


def broken(status: int) -> Fault:
    """The system fails."""
    return lambda answer: httpx.Response(status, text="<html>gateway</html>")


def lost(answer: httpx.Response) -> httpx.Response:
    """The network is gone after the request was heard."""
    raise httpx.ReadError("the connection was reset")


def cut(answer: httpx.Response) -> httpx.Response:
    """The answer ends in the middle of its body."""
    body = answer.read()
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-encoding")}
    return httpx.Response(answer.status_code, headers=kept, content=body[:len(body) * 2 // 3])


STORM: tuple[Fault, ...] = (busy, broken(500), broken(502), broken(503), broken(504), lost, cut)


@dataclass
class Line:
    """Carries each request to `handle`. `fault` chooses what becomes of an answer (None: it arrives as it is), `after` is called when
    one has arrived, with how many did."""

    handle: Callable[[httpx.Request], httpx.Response]
    fault: Callable[[httpx.Request], Fault | None] = lambda request: None
    after: Callable[[int], None] = lambda count: None
    count: int = 0
    waited: list[float] = field(default_factory=list)

    def carry(self, request: httpx.Request) -> httpx.Response:
        """The answer, or what is left of it."""
        found = self.handle(request)
        chosen = self.fault(request)
        if chosen is not None:
            return chosen(found)
        self.count += 1
        self.after(self.count)
        return found


def storm(seed: int, share: float) -> Callable[[httpx.Request], Fault | None]:
    """Faults of every sort in that share of the requests, by chance but the same each time; never more than PATIENCE in a row."""
    chance, row = random.Random(seed), 0

    def fault(request: httpx.Request) -> Fault | None:
        nonlocal row
        row = row + 1 if chance.random() < share and row < PATIENCE else 0
        return chance.choice(STORM) if row else None
    return fault
