"""The rules of access: what holds without a choice, and what cannot be chosen."""

from __future__ import annotations

from typing import Any

import pytest

from salesgauge.state import AccessRules, Refusal
from state.world import CONSOLE, World


def test_what_is_delicate_is_off_until_somebody_turns_it_on(world: World) -> None:
    with world.state.look() as unit:
        rules = unit.rules.now()
    assert rules == AccessRules()
    assert (rules.team_totals, rules.unknown_people, rules.smallest_group) == (False, False, 5)


def test_a_changed_rule_is_kept_and_recorded_with_what_it_was(world: World) -> None:
    with world.state.change() as unit:
        unit.rules.change({"team_totals": True, "smallest_group": "8", "session_days": 7}, CONSOLE)
    with world.state.look() as unit:
        assert unit.rules.now() == AccessRules(team_totals=True, smallest_group=8)
        lines = unit.audit.page(action="rule_change").entries
    assert {line.subject: line.detail for line in lines} == {
        "rule:team_totals": {"before": False, "after": True}, "rule:smallest_group": {"before": 5, "after": 8}}


@pytest.mark.parametrize(("name", "value"), [
    ("smallest_group", 1), ("smallest_group", 101), ("smallest_group", "many"), ("smallest_group", 5.5), ("smallest_group", True),
    ("team_totals", 1), ("team_totals", "on"), ("session_days", None), ("session_days", "07"), ("team_total", True)])
def test_what_cannot_be_is_refused_and_nothing_is_set(world: World, name: str, value: Any) -> None:
    with pytest.raises(Refusal), world.state.change() as unit:
        unit.rules.change({"session_idle_hours": 2, name: value}, CONSOLE)
    with world.state.look() as unit:
        assert unit.rules.now() == AccessRules()


def test_the_nearest_rule_is_named(world: World) -> None:
    with pytest.raises(Refusal, match="did you mean team_totals"), world.state.change() as unit:
        unit.rules.change({"team_total": True}, CONSOLE)
