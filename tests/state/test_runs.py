"""Runs of connections: what they brought, why they failed, and those that were killed."""

from __future__ import annotations

import pytest

from salesgauge.state import runs
from salesgauge.state.runs import Brought
from state.world import World

SOME = Brought("g-000001", 1, 2, 3, 4)


def begin(world: World, name: str = "crm", scheduled: bool = True) -> int:
    with world.state.change() as unit:
        return unit.runs.begin(name, scheduled=scheduled)


def test_what_is_known_of_a_connection_is_its_last_run_the_last_good_one_and_the_failures_since(world: World) -> None:
    first = begin(world)
    world.pass_time(minutes=1)
    with world.state.change() as unit:
        unit.runs.finish(first, SOME)
    good = world.now
    for _ in range(2):
        world.pass_time(hours=1)
        number = begin(world, scheduled=False)
        with world.state.change() as unit:
            unit.runs.fail(number, "crm: it cannot be reached")
    with world.state.look() as unit:
        told = unit.runs.told()
    assert set(told) == {"crm"} and told["crm"].failures == 2
    assert told["crm"].good is not None and (told["crm"].good.ended, told["crm"].good.brought) == (good, SOME)
    last = told["crm"].last
    assert (last.outcome, last.error, last.scheduled, last.brought) == ("failed", "crm: it cannot be reached", False, None)


def test_one_that_was_killed_is_found_by_the_next_of_the_same_connection(world: World) -> None:
    begin(world)
    begin(world, "shop")
    with world.state.look() as unit:
        assert unit.runs.told()["crm"].last.outcome is None
    world.pass_time(hours=1)
    begin(world)
    with world.state.look() as unit:
        crm, shop = unit.runs.recent("crm"), unit.runs.recent("shop")
    assert [(run.outcome, run.ended) for run in crm] == [(None, None), ("interrupted", world.now)] and shop[0].outcome is None


def test_old_runs_are_forgotten_but_for_the_last_that_was_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT", 20)
    number = begin(world)
    with world.state.change() as unit:
        unit.runs.finish(number, SOME)
    with world.state.change() as unit:
        for _ in range(runs.KEPT + 5):
            unit.runs.fail(unit.runs.begin("crm", scheduled=True), None)
        kept = unit.runs.recent("crm", 2 * runs.KEPT)
    assert len(kept) == runs.KEPT + 1 and [run.outcome for run in kept].count("done") == 1
    with world.state.look() as unit:
        assert unit.runs.told()["crm"].failures == runs.KEPT
