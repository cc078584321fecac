"""The log: complete, only added to, found by person, action, subject and day, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from salesgauge.errors import WorkspaceError
from salesgauge.language import LANGUAGES, language
from salesgauge.state import Actor
from salesgauge.state.audit import ACTIONS
from salesgauge.state.rules import NAMES
from salesgauge.state.tables import AuditRow
from state.world import CONSOLE, START, World


def test_the_log_cannot_be_changed_or_shortened_not_even_by_us(world: World) -> None:
    world.person()
    before = world.deeds()
    for forbidden in (update(AuditRow).values(action="sign_out"), delete(AuditRow)):
        with pytest.raises((DBAPIError, WorkspaceError), match="the audit log is only added to"), world.state.changing() as work:
            work.rows.execute(forbidden)
    assert world.deeds() == before == ["person_create"]


def test_lines_are_found_by_person_action_subject_and_day(world: World) -> None:
    ann, bo = world.person(), world.person("bo@example.org")
    for day in range(4):
        with world.state.change() as unit:
            unit.audit.record(Actor(ann.id if day % 2 else bo.id, "192.0.2.1"), "records_view", f"kpi:{day}", rows=day)
        world.pass_time(days=1)
    with world.state.look() as unit:
        def subjects(**wanted: Any) -> list[str]:
            return [line.subject for line in unit.audit.page(action="records_view", **wanted).entries]
        assert subjects() == ["kpi:3", "kpi:2", "kpi:1", "kpi:0"]
        assert subjects(person_id=ann.id) == ["kpi:3", "kpi:1"]
        assert subjects(subject="kpi:2") == ["kpi:2"]
        assert subjects(since=START + timedelta(days=1), until=START + timedelta(days=3)) == ["kpi:2", "kpi:1"]


def test_the_log_comes_in_pages_that_neither_repeat_nor_skip(world: World) -> None:
    with world.state.change() as unit:
        for number in range(25):
            unit.audit.record(CONSOLE, "data_load", f"load:{number}")
    seen, before = [], None
    with world.state.look() as unit:
        while True:
            page = unit.audit.page(limit=10, before=before)
            seen += [line.subject for line in page.entries]
            before = page.before
            if before is None:
                break
    assert seen == [f"load:{number}" for number in reversed(range(25))]


def test_lines_that_are_older_than_the_rule_says_go_and_the_log_says_so(world: World) -> None:
    ann = world.person()
    world.pass_time(days=40)
    with world.state.change() as unit:
        unit.rules.change({"log_days": 41}, CONSOLE)
    assert world.deeds() == ["person_create", "rule_change"]
    world.pass_time(days=2)
    world.enter()
    assert world.deeds() == ["rule_change", "log_shorten", "sign_in"]
    with world.state.look() as unit:
        assert unit.audit.page(action="log_shorten").entries[0].detail == {"count": 1, "days": 41}
        assert unit.accounts.get(ann.id) == ann


def test_an_action_of_no_name_is_our_mistake(world: World) -> None:
    with pytest.raises(ValueError, match="no action"), world.state.change() as unit:
        unit.audit.record(CONSOLE, "sing_in", "person:1")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_action_and_rule_has_its_words(code: str) -> None:
    said = [language(code).message(f"deed_{action}") for action in ACTIONS] + [language(code).message(f"rule_{name}") for name in NAMES]
    assert len(set(said)) == len(ACTIONS) + len(NAMES)
