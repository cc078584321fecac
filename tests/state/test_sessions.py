"""Sessions end: when they are ended, unused, too old, and with their person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from salesgauge.state import Actor, Refusal, SignedIn, Visitor
from salesgauge.state.tables import SessionRow
from state.world import CONSOLE, World


def holds(world: World, secret: str) -> bool:
    return world.state.entrance.recognise(secret) is not None


def recognised(world: World, secret: str) -> SignedIn:
    session = world.state.entrance.recognise(secret)
    assert session is not None
    return session


def test_a_session_that_is_not_used_ends(world: World) -> None:
    world.person()
    secret = world.enter()
    for _ in range(3):
        world.pass_time(hours=11)
        assert holds(world, secret)
    world.pass_time(hours=12)
    assert not holds(world, secret)


def test_a_session_ends_at_last_however_much_it_is_used(world: World) -> None:
    world.person()
    secret = world.enter()
    for _ in range(7 * 24 // 6 - 1):
        world.pass_time(hours=6)
        assert holds(world, secret)
    world.pass_time(hours=6)
    assert not holds(world, secret)


def test_a_page_costs_no_write_each_time(world: World) -> None:
    world.person()
    secret = world.enter()
    started = world.now
    world.pass_time(minutes=4)
    recognised(world, secret)
    assert recognised(world, secret).used == started
    world.pass_time(minutes=1)
    recognised(world, secret)
    assert recognised(world, secret).used == world.now


def test_the_rules_say_how_long(world: World) -> None:
    world.person()
    with world.state.change() as unit:
        unit.rules.change({"session_idle_hours": 1, "session_days": 1}, CONSOLE)
    secret = world.enter()
    world.pass_time(minutes=61)
    assert not holds(world, secret)


def test_a_person_sees_their_sessions_and_ends_one(world: World) -> None:
    ann = world.person()
    phone = world.enter(visitor=Visitor("192.0.2.9", "Phone"))
    world.pass_time(minutes=1)
    desk = world.enter()
    by = Actor(ann.id, "192.0.2.7")
    with world.state.change() as unit:
        of_ann = unit.sessions.of(ann.id)
        assert [session.browser for session in of_ann] == ["Firefox", "Phone"]
        unit.sessions.end(of_ann[1].id, ann.id, by)
    assert (holds(world, phone), holds(world, desk)) == (False, True)


def test_nobody_ends_the_session_of_another(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    secret = world.enter()
    with pytest.raises(Refusal) as refused, world.state.change() as unit:
        unit.sessions.end(unit.sessions.of(ann.id)[0].id, bo.id, Actor(bo.id, ""))
    assert refused.value.reason == "no_session" and holds(world, secret)


def test_all_others_are_ended_at_once(world: World) -> None:
    ann = world.person()
    others = [world.enter() for _ in range(3)]
    mine = world.enter()
    with world.state.change() as unit:
        session = unit.sessions.find(mine)
        assert session is not None
        assert unit.sessions.end_all(ann.id, Actor(ann.id, ""), keep=session.id) == 3
    assert [holds(world, secret) for secret in (*others, mine)] == [False, False, False, True]


def test_who_is_deactivated_is_out_at_once(world: World) -> None:
    world.person("root@example.org", administers=True)
    ann = world.person()
    secret = world.enter()
    with world.state.change() as unit:
        token = unit.tokens.make(ann.id, "Sheet", ["records"], 10, CONSOLE)[1]
        link = unit.links.reset(ann.id, CONSOLE)
        unit.accounts.deactivate(ann.id, CONSOLE)
    assert not holds(world, secret)
    with world.state.change() as unit:
        unit.accounts.activate(ann.id, CONSOLE)
    assert not holds(world, secret)  # nor does it come back with them
    assert world.state.entrance.recognise_token(token) is None
    with pytest.raises(Refusal), world.state.look() as unit:
        unit.links.find(link)


def test_a_renewed_secret_replaces_the_one_before(world: World) -> None:
    world.person()
    first = world.enter()
    with world.state.change() as unit:
        session = unit.sessions.find(first)
        assert session is not None
        second = unit.sessions.renew(session.id)
    assert not holds(world, first)
    assert recognised(world, second).id == session.id


@pytest.mark.parametrize("secret", ["", "x", "\udcff", "' OR 1=1 --", "A" * 100_000])
def test_a_secret_that_nobody_was_given_opens_nothing(world: World, secret: str) -> None:
    world.person()
    world.enter()
    assert not holds(world, secret)
    assert world.state.entrance.recognise_token(secret) is None


def test_a_session_that_was_over_long_ago_is_not_kept(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        ended = unit.sessions.find(unit.sessions.start(ann.id, "192.0.2.7", "Firefox"))
        assert ended is not None
        unit.sessions.end(ended.id, ann.id, CONSOLE)
        unit.sessions.start(ann.id, "192.0.2.7", "Chrome")  # runs out by itself, some days later
    kept = []
    for days in (1, 30, 30):
        world.pass_time(days=days)
        world.enter()
        with world.state.looking() as work:
            kept.append(sorted(row.browser for row in work.rows.scalars(select(SessionRow))))
    assert kept == [["Chrome", "Firefox", "Firefox"], ["Chrome", "Firefox", "Firefox"], ["Firefox", "Firefox"]]
