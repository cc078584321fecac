"""API tokens: shown once, for some purposes, for some time."""

from __future__ import annotations

import pytest

from salesgauge.state import Actor, Refusal, Scope
from salesgauge.state.tables import TokenRow
from state.world import CONSOLE, World


def test_a_token_is_shown_once_and_stored_as_a_digest(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        token, secret = unit.tokens.make(ann.id, " Weekly  sheet ", ["records", "questions"], 30, Actor(ann.id, ""))
    assert secret.startswith("sg_") and len(secret) == 46
    assert (token.name, token.scopes, (token.expires - token.created).days) == ("Weekly sheet", (Scope.QUESTIONS, Scope.RECORDS), 30)
    with world.state.looking() as work:
        assert secret not in {row.digest for row in work.rows.query(TokenRow).all()}
    found = world.state.entrance.recognise_token(secret)
    assert found is not None and found.person == ann
    with world.state.look() as unit:
        assert unit.tokens.of(ann.id)[0].used == world.now
        assert secret not in str(unit.audit.page(limit=100))


@pytest.mark.parametrize("scopes", [[], ["everything"], ["records", "records"], ["records", "people"]])
def test_a_token_is_for_known_purposes(world: World, scopes: list[str]) -> None:
    ann = world.person()
    with world.state.change() as unit:
        if scopes == ["records", "records"]:  # said twice is said
            assert unit.tokens.make(ann.id, "T", scopes, 1, CONSOLE)[0].scopes == (Scope.RECORDS,)
            return
        with pytest.raises(Refusal, match="questions, records, catalogue, views"):
            unit.tokens.make(ann.id, "T", scopes, 1, CONSOLE)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_does_not_hold_for_ever(world: World, days: int) -> None:
    ann = world.person()
    with pytest.raises(Refusal, match="1 to 365 days"), world.state.change() as unit:
        unit.tokens.make(ann.id, "T", ["records"], days, CONSOLE)


def test_a_token_ends_by_itself_or_is_ended(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        first, second = (unit.tokens.make(ann.id, name, ["records"], days, CONSOLE) for name, days in (("A", 1), ("B", 2)))
    world.pass_time(days=1)
    assert world.state.entrance.recognise_token(first[1]) is None
    assert world.state.entrance.recognise_token(second[1]) is not None
    with world.state.change() as unit:
        assert [token.name for token in unit.tokens.all()] == ["B"]
        unit.tokens.end(second[0].id, CONSOLE)
    assert world.state.entrance.recognise_token(second[1]) is None
    with pytest.raises(Refusal), world.state.change() as unit:
        unit.tokens.end(second[0].id, CONSOLE)


def test_nobody_ends_the_token_of_another(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    with world.state.change() as unit:
        token, secret = unit.tokens.make(ann.id, "T", ["records"], 5, CONSOLE)
    with pytest.raises(Refusal) as refused, world.state.change() as unit:
        unit.tokens.end(token.id, Actor(bo.id, ""), person_id=bo.id)
    assert refused.value.reason == "no_token"
    assert world.state.entrance.recognise_token(secret) is not None
