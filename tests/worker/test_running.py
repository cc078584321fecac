"""A reading is written down: what it brought, why it failed, and nothing where it was not its turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from salesgauge.errors import Busy, SourceError
from salesgauge.sources.connections.connection import read
from salesgauge.sources.connections.turns import turn
from salesgauge.sources.syncing import LOCK
from salesgauge.state import State
from salesgauge.state.runs import Run
from salesgauge.worker.running import run
from sources.connections.company import NOW, Company


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def state(company: Company) -> Iterator[State]:
    made = State.open(company.folder, clock, environment={})
    yield made
    made.close()


def clock() -> datetime:
    return NOW


def told(state: State) -> list[Run]:
    with state.look() as unit:
        return unit.runs.recent("crm")


def test_what_it_brought_or_why_it_failed_is_kept_and_another_load_is_waited_for(company: Company, state: State) -> None:
    store = company.folder / "store"
    store.mkdir(exist_ok=True)
    other, waits = turn(store / "lock", ""), list[int]()  # a load by hand goes on in another process
    other.__enter__()

    def wait() -> None:
        waits.append(len(waits))
        if len(waits) == 3:
            other.__exit__(None, None, None)
    run(company.workspace, state, "crm", clock, scheduled=True, wait=wait, environment={})
    assert len(waits) == 3
    company.sql("ALTER TABLE deals RENAME TO bargains")
    with pytest.raises(SourceError):
        run(company.workspace, state, "crm", clock, environment={})
    failed, done = told(state)
    assert done.brought is not None and done.scheduled
    assert (done.brought.load, done.brought.new, done.brought.changed, done.brought.gone, done.brought.aside) == ("g-000001", 8, 0, 0, 0)
    assert failed.outcome == "failed" and "no table 'deals'" in str(failed.error) and not failed.scheduled


def test_one_that_is_ended_from_outside_is_interrupted_and_one_by_a_mistake_says_its_kind(
        company: Company, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in (SystemExit(0), KeyError("token 4711")):
        def fails(*arguments: object, problem: BaseException = problem, **more: object) -> None:
            raise problem
        monkeypatch.setattr("salesgauge.sources.syncing.open_connection", fails)
        with pytest.raises(type(problem)):
            run(company.workspace, state, "crm", clock, environment={})
    assert [(each.outcome, each.error) for each in told(state)] == [("failed", "an error of the program: KeyError"), ("interrupted", None)]


def test_a_system_that_is_being_read_is_not_read_by_a_second_one(company: Company, state: State) -> None:
    lock, waits = read(company.folder, "crm").raw / LOCK, list[int]()
    with turn(lock, ""), pytest.raises(Busy, match="crm is being read already; try again when that is done"):
        run(company.workspace, state, "crm", clock, environment={})
    assert told(state) == [], "nothing began"
    held = turn(lock, "")
    held.__enter__()

    def wait() -> None:
        waits.append(1)
        held.__exit__(None, None, None)
    with turn(lock, "", wait):
        assert len(waits) == 1
