"""Decisions of who is who: the last of a pair counts, what is undone is forgotten, the log keeps all."""

from __future__ import annotations

from salesgauge.state import Actor
from salesgauge.state.verdicts import APART, OPEN, SAME
from state.world import CONSOLE, World


def test_the_last_decision_on_a_pair_counts_whichever_record_stands_first(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        assert unit.verdicts.last() == 0
        assert unit.verdicts.give("accounts", "a", "b", SAME, Actor(ann.id, "192.0.2.7"))
        assert unit.verdicts.give("reps", "a", "b", APART, CONSOLE)
        assert unit.verdicts.give("accounts", "b", "a", APART, CONSOLE)
        assert not unit.verdicts.give("accounts", "a", "b", APART, CONSOLE)  # says the same
        found = [(d.entity, d.left, d.right, d.verdict, d.name, d.at) for d in unit.verdicts.all()]
    assert found == [("reps", "a", "b", APART, None, world.now), ("accounts", "b", "a", APART, None, world.now)]


def test_what_is_undone_is_no_decision_and_the_log_tells_of_each_step(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        for verdict in (OPEN, SAME, OPEN):
            unit.verdicts.give("accounts", "a", "b", verdict, Actor(ann.id, "192.0.2.7"))
        assert unit.verdicts.all() == [] and unit.verdicts.last() == 2
        lines = unit.audit.page(action="identity_decide").entries
    assert [(line.subject, line.detail, line.name) for line in lines] == [
        ("identity:accounts:a", {"other": "b", "before": SAME, "after": OPEN}, "Ann"),
        ("identity:accounts:a", {"other": "b", "before": OPEN, "after": SAME}, "Ann")]
