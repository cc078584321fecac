"""Requests are repeated where that helps, in the time that the system asks for, and never without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.wire import ATTEMPTS, Network, Wire

Answer = httpx.Response | Exception
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def wire(*answers: Answer) -> tuple[Wire, list[float]]:
    """A wire to a system that gives these answers in turn, and the seconds that it waited."""
    left: Iterator[Answer] = iter(answers)
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found
    return Wire("crm", "https://crm.example.com", network=Network(httpx.MockTransport(answer), waited.append, lambda: 1.0,
                                                                  lambda: NOW)), waited


def fine() -> httpx.Response:
    return httpx.Response(200, json={"ok": True})


@pytest.mark.parametrize("failure", [
    lambda: httpx.Response(503), lambda: httpx.Response(429), lambda: httpx.ConnectError("no route"), lambda: httpx.ReadTimeout("slow"),
    lambda: httpx.Response(200, content=b'{"ok": tr')], ids=["503", "429", "unreachable", "slow", "cut off"])
def test_a_failure_that_may_pass_is_tried_again(failure: Callable[[], Answer]) -> None:
    made, waited = wire(failure(), failure(), fine())
    assert made.get("/records") == {"ok": True} and waited == [1.0, 2.0]


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("Sun, 01 Jun 2025 12:00:30 GMT", 30.0), ("Sun, 01 Jun 2025 11:00:00 GMT", 0.0),
                                               ("soon", 1.0)])
def test_the_system_says_how_long_to_wait(said: str, seconds: float) -> None:
    made, waited = wire(httpx.Response(429, headers={"Retry-After": said}), fine())
    made.get("/records")
    assert waited == [seconds]


def test_it_is_given_up_after_some_tries_in_words() -> None:
    made, waited = wire(*(httpx.Response(502) for _ in range(ATTEMPTS)))
    with pytest.raises(SourceError, match=r"crm: it answers 502 Bad Gateway, also after 6 tries; the next sync goes on from here"):
        made.get("/records")
    assert len(waited) == ATTEMPTS - 1


@pytest.mark.parametrize(("answer", "said"), [
    (httpx.Response(401), "it refuses (401): the secret is wrong or has expired"),
    (httpx.Response(404), "it answers 404 Not Found to GET /records"),
    (httpx.Response(429, headers={"Retry-After": "4000"}), "it asks to wait 4000 seconds; sync again after that")])
def test_what_does_not_pass_is_said_at_once(answer: httpx.Response, said: str) -> None:
    made, waited = wire(answer)
    with pytest.raises(SourceError) as problem:
        made.get("/records", {"token": "hunter2"})
    assert said in problem.value.message and "hunter2" not in problem.value.message and waited == []


def test_a_token_that_expired_is_renewed_once() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return fine() if seen[-1] == "Bearer fresh" else httpx.Response(401)
    made = Wire("crm", "https://crm.example.com", network=Network(httpx.MockTransport(answer)),
                sign=lambda fresh: {"Authorization": "Bearer fresh" if fresh else "Bearer old"})
    assert made.get("/records") == {"ok": True} and seen == ["Bearer old", "Bearer fresh"]


def test_a_token_that_is_refused_when_it_is_fresh_is_an_error() -> None:
    made = Wire("crm", "https://crm.example.com", network=Network(httpx.MockTransport(lambda request: httpx.Response(401))),
                sign=lambda fresh: {})
    with pytest.raises(SourceError, match="it refuses"):
        made.get("/records")


def test_a_body_that_is_not_json_can_be_held_to_its_own_rule() -> None:
    made, waited = wire(httpx.Response(200, text="Id,Na"), httpx.Response(200, text="Id,Name\n1,Ada\n"))

    def read(answer: httpx.Response) -> str:
        if not answer.text.endswith("\n"):
            raise ValueError
        return answer.text
    assert made.ask("GET", "/rows", read=read) == "Id,Name\n1,Ada\n" and waited == [1.0]
