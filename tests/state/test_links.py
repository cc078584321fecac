"""Links: each works once and not for long."""

from __future__ import annotations

import pytest

from salesgauge.state import Refusal
from salesgauge.state.links import Purpose
from state.world import CONSOLE, World


def works(world: World, secret: str) -> bool:
    try:
        with world.state.look() as unit:
            unit.links.find(secret)
    except Refusal as refused:
        assert refused.reason == "link"
        return False
    return True


def test_looking_at_a_link_does_not_spend_it_but_using_it_does(world: World) -> None:
    ann = world.person(password=None)
    with world.state.change() as unit:
        secret = unit.links.invite(ann.id, CONSOLE)
    assert works(world, secret) and works(world, secret)
    with world.state.change() as unit:
        link = unit.links.use(secret)
    assert (link.purpose, link.person) == (Purpose.INVITATION, ann)
    assert not works(world, secret)


@pytest.mark.parametrize(("purpose", "hours"), [("setup", 24), ("reset", 24), ("invitation", 7 * 24)])
def test_a_link_ends_by_itself(world: World, purpose: str, hours: int) -> None:
    with world.state.change() as unit:
        if purpose == "setup":
            secret = unit.links.set_up(CONSOLE) or ""
    if purpose != "setup":
        ann = world.person(password=None)
        with world.state.change() as unit:
            secret = (unit.links.reset if purpose == "reset" else unit.links.invite)(ann.id, CONSOLE)
    world.pass_time(hours=hours - 0.01)
    assert works(world, secret)
    world.pass_time(hours=0.01)
    assert not works(world, secret)


def test_a_new_link_replaces_the_one_before(world: World) -> None:
    ann, bo = world.person(password=None), world.person("bo@example.org", password=None)
    with world.state.change() as unit:
        first, of_bo = unit.links.invite(ann.id, CONSOLE), unit.links.invite(bo.id, CONSOLE)
        second = unit.links.reset(ann.id, CONSOLE)
    assert [works(world, secret) for secret in (first, second, of_bo)] == [False, True, True]


def test_the_set_up_link_is_worth_nothing_once_somebody_has_an_account(world: World) -> None:
    with world.state.change() as unit:
        first, second = unit.links.set_up(CONSOLE) or "", unit.links.set_up(CONSOLE) or ""
    assert [works(world, secret) for secret in (first, second)] == [False, True]
    world.person()
    assert not works(world, second)


def test_nobody_inactive_gets_a_link(world: World) -> None:
    world.person("root@example.org", administers=True)
    ann = world.person()
    with world.state.change() as unit:
        unit.accounts.deactivate(ann.id, CONSOLE)
    for make in ("invite", "reset"):
        with pytest.raises(Refusal), world.state.change() as unit:
            getattr(unit.links, make)(ann.id, CONSOLE)
