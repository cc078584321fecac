"""People: who they are, what they may see, and that somebody is always left who administers."""

from __future__ import annotations

import pytest

from salesgauge.language import LANGUAGES, language
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.state import Home, Refusal, Rights, Role, Theme, viewer_of
from salesgauge.state.person import NOBODY
from state.world import CONSOLE, PASSWORD, World


def test_an_email_belongs_to_one_person_however_it_is_spelt(world: World) -> None:
    ann = world.person("Ann@Example.org ")
    assert ann.email == "ann@example.org"
    with world.state.look() as unit:
        assert unit.accounts.by_email(" ANN@example.ORG") == ann
    with pytest.raises(Refusal, match=r"ann@example\.org has an account already"):
        world.person("ANN@EXAMPLE.ORG")


@pytest.mark.parametrize("typed", ["", "ann", "@example.org", "ann@", "ann@nowhere", "a b@example.org", "ann@example.org\x00",
                                   "a" * 250 + "@b.org"])
def test_what_is_no_email_is_refused(world: World, typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        world.person(typed, password=None)
    assert refused.value.reason == "email"


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31mb", "n" * 201])
def test_a_name_can_be_printed_and_has_a_length(world: World, name: str) -> None:
    ann = world.person()
    with pytest.raises(Refusal) as refused, world.state.change() as unit:
        unit.accounts.set_preferences(ann.id, CONSOLE, name=name)
    assert refused.value.reason == "name"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REP])
def test_a_manager_or_rep_needs_the_rep_whose_rows_they_are_about(world: World, role: Role) -> None:
    with pytest.raises(Refusal) as refused:
        world.person(role=role, rep_id=" ")
    assert refused.value.reason == "rep_missing"


def test_whose_rows_a_person_sees_follows_from_their_role(world: World) -> None:
    seen = {role: viewer_of(world.person(f"{role}@example.org", role, "R7")) for role in Role}
    assert seen == {Role.EXECUTIVE: EVERYTHING, Role.ANALYST: EVERYTHING, Role.MANAGER: Viewer("R7", reports=True), Role.REP: Viewer("R7"),
                    Role.ADMINISTRATOR: NOBODY}
    assert NOBODY.shape == "own"


def test_a_rep_who_is_linked_to_no_rep_sees_no_rows_rather_than_all(world: World) -> None:
    with world.state.change() as unit:
        newcomer = unit.accounts.create("new@example.org", "New", Rights(Role.REP), CONSOLE, linked=False)
    assert viewer_of(newcomer) == NOBODY != EVERYTHING


def test_only_an_analyst_is_kept_from_names_and_only_an_administrator_from_figures(world: World) -> None:
    people = [world.person(f"{role}@example.org", role, "R1") for role in Role]
    assert [p.role for p in people if p.names_hidden] == [Role.ANALYST]
    assert [p.role for p in people if not p.sees_business] == [Role.ADMINISTRATOR]


def test_an_administrator_administers_and_others_may_as_well(world: World) -> None:
    assert world.person("a@example.org", Role.ADMINISTRATOR).administers
    assert world.person("b@example.org", Role.MANAGER, "R1", administers=True).administers
    assert not world.person("c@example.org", Role.EXECUTIVE).administers


def test_the_last_administrator_cannot_go(world: World) -> None:
    ann = world.person(administers=True)
    world.person("bo@example.org", Role.ADMINISTRATOR, password=None)  # invited, but cannot sign in yet
    for rights in (Rights(Role.EXECUTIVE), Rights(Role.REP, "R1")):
        with pytest.raises(Refusal) as refused, world.state.change() as unit:
            unit.accounts.set_rights(ann.id, rights, CONSOLE)
        assert refused.value.reason == "last_administrator"
    with pytest.raises(Refusal), world.state.change() as unit:
        unit.accounts.deactivate(ann.id, CONSOLE)
    world.person("cy@example.org", Role.ADMINISTRATOR)
    with world.state.change() as unit:
        assert not unit.accounts.deactivate(ann.id, CONSOLE).active


def test_changing_rights_is_recorded_with_what_they_were(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        changed = unit.accounts.set_rights(ann.id, Rights(Role.REP, "R1"), CONSOLE)
        unit.accounts.set_rights(ann.id, Rights(Role.REP, " R1 "), CONSOLE)  # no change
    assert (changed.role, changed.rep_id) == (Role.REP, "R1")
    with world.state.look() as unit:
        lines = unit.audit.page(action="person_change").entries
    assert [line.detail for line in lines] == [{"before": {"role": "executive", "rep_id": None, "administers": False},
                                                "after": {"role": "rep", "rep_id": "R1", "administers": False}}]


def test_preferences_are_kept_and_only_those_that_exist(world: World) -> None:
    ann = world.person()
    with world.state.change() as unit:
        unit.accounts.set_preferences(ann.id, CONSOLE, name=" Ann   Lee ", language="zh_TW", theme="dark", home="sdr")
        ann = unit.accounts.get(ann.id)
        assert (ann.name, ann.language, ann.theme, ann.home) == ("Ann Lee", "zh-Hant", Theme.DARK, Home.SDR)
        cleared = unit.accounts.set_preferences(ann.id, CONSOLE, language="", home="")
        assert (cleared.language, cleared.theme, cleared.home) == (None, Theme.DARK, None)
        with pytest.raises(Refusal, match="theme is one of auto, light, dark"):
            unit.accounts.set_preferences(ann.id, CONSOLE, theme="pink")


def test_who_was_deactivated_comes_back_by_the_same_password(world: World) -> None:
    world.person(administers=True)
    bo = world.person("bo@example.org")
    with world.state.change() as unit:
        unit.accounts.deactivate(bo.id, CONSOLE)
    with pytest.raises(Refusal):
        world.enter("bo@example.org", PASSWORD)
    with world.state.change() as unit:
        unit.accounts.activate(bo.id, CONSOLE)
        assert [p.email for p in unit.accounts.all()] == ["ann@example.org", "bo@example.org"]
    assert world.enter("bo@example.org", PASSWORD)


def test_what_fails_leaves_neither_the_change_nor_its_line_in_the_log(world: World) -> None:
    ann = world.person()
    before = world.deeds()
    with pytest.raises(ZeroDivisionError), world.state.change() as unit:
        unit.accounts.set_preferences(ann.id, CONSOLE, name="Somebody Else")
        raise ZeroDivisionError
    with world.state.look() as unit:
        assert unit.accounts.get(ann.id) == ann
    assert world.deeds() == before


def test_somebody_who_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(Refusal) as refused, world.state.look() as unit:
        unit.accounts.get(99)
    assert [refused.value.said(language(code)) for code in LANGUAGES] == [
        "There is no such person.", "没有这个人员。", "沒有這個人員。", "Такого человека нет."]
