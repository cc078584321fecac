"""Requests to a system over HTTP: tried again where that helps, in the time that the system asks for, and refused in words."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from salesgauge.errors import SourceError

ATTEMPTS = 6
LONGEST_WAIT = 300.0  # seconds; a system that asks for more is given up, and the next sync goes on
PASSING = (408, 425, 429, 500, 502, 503, 504)


Reader = Callable[[httpx.Response], Any]  # reads a whole body; ValueError where it was cut off, or is not what it should be


class Answer(NamedTuple):
    """What an answer held, as it was read, and its headers."""

    content: Any
    headers: Mapping[str, str]


class _Passing(Exception):
    """A failure that may pass: what was said of it, and how long the system asks to wait (seconds, None: nothing)."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


@dataclass(frozen=True)
class Network:
    """What a wire needs from outside: how requests travel (None: over the network), how it waits (seconds), a number from 0 to 1 by
    chance, the time, and the seconds after which a silent system is given up."""

    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: float = 60.0


class Wire:
    """One system over HTTP. `sign` gives the headers that let requests in; where the system refuses them (401) it is asked once for fresh
    ones (its argument is then True), without it headers never change. `heed` sees every answer first: what a system says in a way of its
    own, it may raise as an error in words.

    What it asks is repeated after a failure of the network, an overload (429 and the 5xx of PASSING) or a body that was cut off; after
    Retry-After seconds where the system says so, else after 1, 2, 4 ... seconds, each between half and whole. SourceError says the rest.
    """

    def __init__(self, name: str, address: str, *, network: Network | None = None, headers: Mapping[str, str] | None = None,
                 sign: Callable[[bool], Mapping[str, str]] | None = None,
                 heed: Callable[[httpx.Response], None] | None = None) -> None:
        self._name, self._network, self._sign = name, network or Network(), sign
        self._client = httpx.Client(base_url=address, headers=dict(headers or {}), transport=self._network.transport,
                                    timeout=self._network.seconds, event_hooks={"response": [heed] if heed else []})

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON behind an address."""
        return self.ask("GET", path, params=dict(params or {}))

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers a body."""
        return self.ask("POST", path, json=body)

    def ask(self, method: str, path: str, *, read: Reader = httpx.Response.json, **more: Any) -> Any:
        """What answers a request, as `read` reads it (by default: JSON)."""
        return self.answer(method, path, read=read, **more).content

    def answer(self, method: str, path: str, *, read: Reader = httpx.Response.json, **more: Any) -> Answer:
        """The same with the headers; SourceError where there is no whole answer to be had."""
        tries = Retrying(stop=stop_after_attempt(ATTEMPTS), retry=retry_if_exception_type(_Passing), wait=self._wait,
                         sleep=self._network.sleep, reraise=True)
        try:
            return tries(self._once, method, path, read, more)
        except _Passing as problem:
            raise SourceError(f"{self._name}: {problem}, also after {ATTEMPTS} tries; the next sync goes on from here") from None

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def _wait(self, state: RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        if isinstance(problem, _Passing) and problem.wait is not None:
            return problem.wait
        return float(2 ** (state.attempt_number - 1)) * (0.5 + self._network.jitter() / 2)

    def _once(self, method: str, path: str, read: Reader, more: Mapping[str, Any]) -> Answer:
        found = self._signed(method, path, more)
        if found.status_code in PASSING:
            wait = self._asked(found)
            if wait is not None and wait > LONGEST_WAIT:
                raise SourceError(f"{self._name}: it asks to wait {wait:.0f} seconds; sync again after that")
            raise _Passing(f"it answers {found.status_code} {found.reason_phrase}", wait)
        if found.status_code in (401, 403):
            raise SourceError(f"{self._name}: it refuses ({found.status_code}): the secret is wrong or has expired, or a right is lacking; "
                              f"see: salesgauge connect {self._name} --check")
        if found.is_error:
            raise SourceError(f"{self._name}: it answers {found.status_code} {found.reason_phrase} to {method} {found.request.url.path}")
        try:
            return Answer(read(found), found.headers)
        except ValueError:
            raise _Passing("its answer is cut off or not what it should be") from None

    def _signed(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        """The answer to a request with the headers that let it in, fresh ones where those are refused."""
        if self._sign is None:
            return self._sent(method, path, more)
        rest = {name: value for name, value in more.items() if name != "headers"}
        for fresh in (False, True):
            found = self._sent(method, path, {**rest, "headers": {**more.get("headers", {}), **self._sign(fresh)}})
            if found.status_code != httpx.codes.UNAUTHORIZED:
                break
        return found

    def _sent(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        try:
            return self._client.request(method, path, **more)
        except (httpx.TransportError, httpx.DecodingError) as problem:
            raise _Passing(f"it cannot be reached ({type(problem).__name__})") from None

    def _asked(self, found: httpx.Response) -> float | None:
        """The seconds that Retry-After asks for: a number, or until a date."""
        said = found.headers.get("Retry-After", "").strip()
        if not said:
            return None
        try:
            return max(float(said), 0.0)
        except ValueError:
            pass
        try:
            return max((parsedate_to_datetime(said) - self._network.now()).total_seconds(), 0.0)
        except (ValueError, TypeError):
            return None


def shaped(fits: Callable[[Any], bool]) -> Reader:
    """Reads JSON of a form that `fits` knows."""
    def read(found: httpx.Response) -> Any:
        content = found.json()
        if not fits(content):
            raise ValueError("another form")
        return content
    return read


def said(found: httpx.Response) -> Any:
    """What a refusal says, None where that is no JSON. For those who heed an answer: its body is not read yet then."""
    found.read()
    try:
        return found.json()
    except ValueError:
        return None
