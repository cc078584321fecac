"""Whatever a system or the network does wrong: a sync is whole, or it says what is wrong and changes nothing."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.kinds import KINDS
from sources.conformance.case import case_of
from sources.conformance.connected import Connected
from sources.conformance.line import Fault, busy, cut, storm

HTTP = [kind for kind in KINDS if case_of(kind).http]
RECORDS = 40
pytestmark = pytest.mark.more
PLACES = 8  # in a sync, from which on answers are spoilt
WRONG = ("{}", "[]", "null", '{"message": "ok"}')


def filled(kind: str, folder: Path) -> tuple[Connected, list[str]]:
    made = Connected(kind, folder)
    keys = made.case.add(RECORDS)
    made.tick()
    made.case.move(keys[0], "won")
    made.tick()
    return made, keys


@pytest.mark.parametrize("kind", HTTP)
def test_a_storm_and_a_token_that_expires_lose_nothing(kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made, keys = filled(kind, tmp_path)
    chosen: list[Fault] = []
    blowing = storm(seed=len(kind), share=0.4)

    def fault(request: httpx.Request) -> Fault | None:
        found = blowing(request)
        chosen.extend([found] if found else [])
        return found
    made.line.fault = fault
    made.sync()
    made.agrees()
    assert chosen and len(made.line.waited) >= len(chosen)
    assert made.line.waited.count(7.0) == chosen.count(busy), "it waits as long as the system asks, and no longer"

    made.line.fault = lambda request: None
    made.case.change(keys[1], Decimal("7.5"))
    made.tick()
    made.line.after = lambda count: made.case.expire() if count == 2 else None
    generation = made.generation
    said = ""
    try:
        made.sync()
    except SourceError as problem:
        said = told(problem)
        assert "secret" in said and made.generation == generation
        made.case.renew()
    made.line.after = lambda count: None
    made.sync()
    made.agrees()
    assert made.leaks(caplog.text, said) == []


@pytest.mark.parametrize("kind", HTTP)
def test_an_answer_that_stays_malformed_is_refused_and_changes_nothing(kind: str, tmp_path: Path,
                                                                       caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made, keys = filled(kind, tmp_path)
    made.sync()
    generation = made.generation
    made.case.change(keys[2], Decimal("8.25"))
    made.tick()
    said = []
    for place, fault in enumerate((cut, *map(answered, WRONG[:3]))):
        made.line.fault = after(made, place, fault)
        with pytest.raises(SourceError) as problem:
            made.sync()
        said.append(told(problem.value))
        assert made.generation == generation, said[-1]
    made.line.fault = lambda request: None
    made.sync()
    made.agrees()
    assert made.leaks(caplog.text, *said) == []


@pytest.mark.more
@pytest.mark.parametrize("kind", HTTP)
def test_no_answer_of_a_whole_sync_may_be_malformed(kind: str, tmp_path: Path) -> None:
    made, _keys = filled(kind, tmp_path)
    made.sync()
    made.sync()
    answers, generation = made.line.count, made.generation
    accepted = []
    for place in range(0, answers, max(1, answers // PLACES)):
        made.line.fault = after(made, place, answered(WRONG[place % len(WRONG)]))
        try:
            made.sync()
        except SourceError:
            pass
        else:
            accepted.append((place, answers))
        assert made.generation == generation, (place, answers)
    made.line.fault = lambda request: None
    made.sync()
    made.agrees()
    assert accepted in ([], [(answers - 1, answers)]), "only a farewell may be answered by anything"


def after(made: Connected, place: int, fault: Fault) -> Callable[[httpx.Request], Fault | None]:
    """Every answer after so many is spoilt."""
    return lambda request: fault if made.line.count >= place else None


def answered(text: str) -> Fault:
    """Another answer, that is JSON and says nothing."""
    return lambda answer: httpx.Response(200, text=text, headers={"Content-Type": "application/json"})


def told(problem: SourceError) -> str:
    """All that could be seen of an error; it is one line of words."""
    assert "\n" not in problem.message and len(problem.message) > 20
    return "".join(traceback.format_exception(problem))
