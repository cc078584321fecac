"""The rule that lets reps compare themselves, and the leaderboards that it opens."""

from __future__ import annotations

import re

import pytest

from salesgauge.state import Role
from state.world import CONSOLE
from web.access.conftest import House


def rows(house: House) -> int:
    """How many rows the board of quotas has for whoever is Ann."""
    answer = house.signed_in().get("/leaderboards?period=2026-Q1")
    assert answer.status_code == 200
    return len(re.findall(r'<tr[^>]*><td class="number">', answer.text))


@pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
def test_boards_are_published_by_the_rule_alone(house: House, role: Role) -> None:
    house.world.person(role=role, rep_id="R000012")
    own = rows(house)
    with house.world.state.change() as unit:
        unit.rules.change({"team_totals": True}, CONSOLE)
    assert own < rows(house)
