"""Replies are tagged by who sees them; the page says at once what was said, and the numbers count it after the next refresh."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from salesgauge.errors import WorkspaceError
from salesgauge.serving import ServedWorkspace
from salesgauge.state import Role
from salesgauge.web.settling import LONGEST, QUIET, Settling, due
from salesgauge.workspace import Workspace
from state.world import CONSOLE
from web.access.conftest import Build, House
from web.conftest import NOW, words

QUESTION = {"kpi": "untagged_replies", "period": "2026-Q2", "as_of": NOW.isoformat()}


@pytest.fixture(scope="module")
def replies(demo: ServedWorkspace) -> list[dict[str, Any]]:
    """Replies that nobody has judged."""
    found = demo.records(QUESTION, "numerator", figures=True)["rows"]
    return [each["row"] for each in found if each["row"]["rep_id"]]


@pytest.fixture
def house(build: Build, demo: ServedWorkspace) -> House:
    return build(demo)


def of(house: House, rep: str, role: Role = Role.REP) -> TestClient:
    house.world.person(f"{rep}@example.org", role, rep)
    return house.signed_in(f"{rep}@example.org")


def post(client: TestClient, name: str, sentiment: str, **headers: str) -> Any:
    return client.post(f"/records/activities/{name}/tag", data={"sentiment": sentiment, "next": f"/records/activities/{name}"},
                       headers={k.replace("_", "-"): v for k, v in headers.items()})


def pressed(text: str) -> list[str]:
    return re.findall(r'aria-pressed="true">([^<]+)<', text)


def test_a_rep_tags_a_reply_of_theirs_and_the_page_says_so_at_once(house: House, replies: list[dict[str, Any]]) -> None:
    reply = replies[0]
    client = of(house, reply["rep_id"])
    record = f"/records/activities/{reply['activity_id']}"
    assert client.get(record).text.count("aria-pressed") == 3 and not pressed(client.get(record).text)
    answer = post(client, reply["activity_id"], "positive")
    assert (answer.status_code, answer.headers["location"]) == (303, record)
    told = client.get(record).text
    assert pressed(told) == ["Positive"]
    assert re.search("Tagged here as “Positive” by R[0-9]+ on", told) and "Noted. It counts within about a minute." in told
    with house.world.state.look() as unit:
        assert [line.subject for line in unit.audit.page(action="reply_tag").entries] == [f"record:activities:{reply['activity_id']}"]


def test_a_script_gets_the_form_as_it_is_then_and_nothing_takes_it_back(house: House, replies: list[dict[str, Any]]) -> None:
    client, name = of(house, replies[0]["rep_id"]), replies[0]["activity_id"]
    part = post(client, name, "negative", hx_request_type="partial")
    assert part.status_code == 200 and part.text.startswith('<div class="tagging"') and pressed(part.text) == ["Negative"]
    assert 'value=""' in part.text  # the button that is pressed takes it back
    assert pressed(post(client, name, "", hx_request_type="partial").text) == []


def test_the_home_of_an_sdr_has_the_buttons_and_remembers_no_page_from_before_a_tag(
        house: House, demo: ServedWorkspace, replies: list[dict[str, Any]]) -> None:
    rep = next(each["rep_id"] for each in replies if (demo.record("reps", each["rep_id"]) or {})["role"] == "sdr")
    client = of(house, rep)
    before = client.get("/?period=2026-Q2").text
    shown = re.search(r'action="(/records/activities/[^"]+/tag)"', before)
    assert shown and not pressed(before)
    assert client.post(shown[1], data={"sentiment": "neutral", "next": "/?period=2026-Q2"}).status_code == 303
    assert pressed(client.get("/?period=2026-Q2").text) == ["Neutral"]


def test_who_may_not_see_a_reply_finds_none_to_tag(house: House, replies: list[dict[str, Any]]) -> None:
    reply = replies[0]
    other = next(each["rep_id"] for each in replies if each["rep_id"] != reply["rep_id"])
    client = of(house, other)
    hidden, absent = post(client, reply["activity_id"], "positive"), post(client, "no-such-activity", "positive")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert words(hidden.text).replace(reply["activity_id"], "no-such-activity") == words(absent.text)
    with house.world.state.look() as unit:
        assert not unit.tags.all()


def test_what_is_no_reply_or_has_a_word_of_its_source_cannot_be_tagged(house: House, demo: ServedWorkspace) -> None:
    house.world.person()
    client = house.signed_in()
    judged = demo.records({"kpi": "positive_reply_rate", "period": "2026-Q2"}, "numerator")["rows"][0]
    lead = demo.timeline("leads", judged["id"])
    assert lead is not None
    touches = {entry.id: entry.row for entry in lead.entries if entry.table == "activities"}
    said = next(name for name, row in touches.items() if row["sentiment"])
    sent = next(name for name, row in touches.items() if row["direction"] == "outbound")
    assert [post(client, name, "negative").status_code for name in (said, sent)] == [409, 409]
    assert "aria-pressed" not in client.get(f"/records/activities/{said}").text


def test_a_word_that_is_none_is_refused_and_next_leads_nowhere_else(house: House, replies: list[dict[str, Any]]) -> None:
    house.world.person()
    client, name = house.signed_in(), replies[0]["activity_id"]
    assert post(client, name, "splendid").status_code == 400
    answer = client.post(f"/records/activities/{name}/tag", data={"sentiment": "positive", "next": "https://evil.example/"})
    assert answer.headers["location"] == "/"


def test_an_analyst_is_told_no_name_of_who_tagged(house: House, replies: list[dict[str, Any]]) -> None:
    name = replies[0]["activity_id"]
    ann = house.world.person()
    house.world.person("data@example.org", Role.ANALYST)
    with house.world.state.change() as unit:
        unit.tags.give(name, "positive", ann.id, CONSOLE)
    told = house.signed_in("data@example.org").get(f"/records/activities/{name}").text
    assert "Tagged here as “Positive” on" in told and "Ann" not in told


class Store:
    """Stands for a workspace that brings tags in, or is busy."""

    def __init__(self, *, busy: bool = False) -> None:
        self.busy, self.brought = busy, 0

    def settle(self, **_given: Any) -> bool:
        if self.busy:
            raise WorkspaceError("it is being loaded already")
        self.brought += 1
        return True


def test_tags_are_brought_in_when_nobody_tags_any_more_and_at_the_latest_after_a_minute() -> None:
    assert due(100.0, 100.0) == 100.0 + QUIET and due(100.0, 105.0) == 105.0 + QUIET
    assert due(100.0, 100.0 + LONGEST) == 100.0 + LONGEST


def test_what_was_tagged_before_a_start_is_brought_in_at_it(house: House) -> None:
    store = Store()
    settling = Settling(cast(Workspace, store), house.world.state, lambda: NOW)
    assert settling.settle() and store.brought == 1
    assert not Settling(cast(Workspace, Store(busy=True)), house.world.state, lambda: NOW).settle()
    settling.end()
    settling.run()  # returns at once
