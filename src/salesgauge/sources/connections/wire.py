"""Requests to a system over HTTP: tried again where that helps, in the time that the system asks for, and refused in words."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from salesgauge.errors import SourceError

ATTEMPTS = 6
LONGEST_WAIT = 300.0  # seconds; a system that asks for more is given up, and the next sync goes on
PASSING = (408, 425, 429, 500, 502, 503, 504)


class _Passing(Exception):
    """A failure that may pass: what was said of it, and how long the system asks to wait (seconds, None: nothing)."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


class Wire:
    """One system over HTTP. `transport`, `sleep`, `jitter` (a number from 0 to 1) and `now` come from outside.

    What it asks is repeated after a failure of the network, an overload (429 and the 5xx of PASSING) or a body that was cut off; after
    Retry-After seconds where the system says so, else after 1, 2, 4 ... seconds, each between half and whole. SourceError says the rest.
    """

    def __init__(self, name: str, address: str, *, headers: Mapping[str, str] | None = None, transport: httpx.BaseTransport | None = None,
                 sleep: Callable[[float], None] = time.sleep, jitter: Callable[[], float] = random.random,
                 now: Callable[[], datetime] = lambda: datetime.now(UTC), seconds: float = 60.0) -> None:
        self._name, self._sleep, self._jitter, self._now = name, sleep, jitter, now
        self.client = httpx.Client(base_url=address, headers=dict(headers or {}), transport=transport, timeout=seconds)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON behind an address."""
        return self.ask("GET", path, params=dict(params or {}))

    def post(self, path: str, body: Any) -> Any:
        """The JSON that answers a body."""
        return self.ask("POST", path, json=body)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The JSON that answers a request."""
        return self.answer(method, path, **more).json()

    def answer(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The whole answer to a request, whose body is JSON; SourceError where there is none to be had."""
        tries = Retrying(stop=stop_after_attempt(ATTEMPTS), retry=retry_if_exception_type(_Passing), wait=self._wait, sleep=self._sleep,
                         reraise=True)
        try:
            return tries(self._once, method, path, more)
        except _Passing as problem:
            raise SourceError(f"{self._name}: {problem}, also after {ATTEMPTS} tries; the next sync goes on from here") from None

    def close(self) -> None:
        """Closes its connections."""
        self.client.close()

    def _wait(self, state: RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        if isinstance(problem, _Passing) and problem.wait is not None:
            return problem.wait
        return float(2 ** (state.attempt_number - 1)) * (0.5 + self._jitter() / 2)

    def _once(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        try:
            found = self.client.request(method, path, **more)
        except httpx.TransportError as problem:
            raise _Passing(f"it cannot be reached ({type(problem).__name__})") from None
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
            found.json()
        except ValueError:
            raise _Passing("its answer is cut off or no JSON") from None
        return found

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
            return max((parsedate_to_datetime(said) - self._now()).total_seconds(), 0.0)
        except (ValueError, TypeError):
            return None
