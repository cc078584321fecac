"""The page on which people decide who is who in several systems: what speaks for it, both records, and forms that decide."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from salesgauge.state import Role
from salesgauge.web.access import with_access
from sources.connections.company import NOW
from two_systems import Firm
from web.access.conftest import House
from web.conftest import words

PAGE = "/data/identity"


@pytest.fixture
def firm(two_systems: Path, tmp_path: Path) -> Iterator[Firm]:
    made = Firm.of(Path(shutil.copytree(two_systems, tmp_path / "workspace")))
    made.world.now = NOW
    yield made
    made.world.state.close()


@pytest.fixture
def house(firm: Firm) -> House:
    firm.world.person()  # Ann, an executive
    return House(with_access(firm.workspace, firm.world.state, clock=lambda: firm.world.now), firm.world)


def post(client: TestClient, path: str = PAGE, **form: str) -> Any:
    return client.post(path, data={"entity": "accounts", "next": PAGE, **form})


def test_a_suggestion_shows_both_records_and_what_speaks_for_it(house: House) -> None:
    client = house.signed_in()
    text = words(client.get(PAGE).text)
    assert "Suggestions 4 Merged 2 Rejected 0" in text and "the same website: twin.example" in text
    assert re.search("Corner-Shop Ltd. · Corner Shop 90% match names 100% alike", text) and "bills b-7 crm c-3" in text
    found = words(client.get(f"{PAGE}?q=corner").text)
    assert "Corner Shop" in found and "twin.example" not in found
    assert "Nothing is found by “nobody”." in words(client.get(f"{PAGE}?q=nobody").text)


def test_accepting_rejecting_and_undoing_are_forms_and_the_page_says_that_it_is_noted(house: House, firm: Firm) -> None:
    client = house.signed_in()
    answer = post(client, left="b-7", right="c-3", verdict="same")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    noted = "Your decision is noted. It counts within about a minute."
    joined = words(client.get(f"{PAGE}?show=joined").text)
    assert "b-7 Corner-Shop Ltd. bills leads: its id is used" in joined and "c-3 Corner Shop crm accepted here" in joined
    assert noted in joined
    firm.workspace.settle(now=NOW, state=firm.world.state)
    assert noted not in client.get(PAGE).text
    post(client, f"{PAGE}/part", id="c-3")
    apart = words(client.get(f"{PAGE}?show=apart").text)
    assert "Corner Shop · Corner-Shop Ltd." in apart and re.search("Ann, ", apart)
    post(client, left="c-3", right="b-7", verdict="open")
    assert "Corner" in client.get(PAGE).text and "Suggestions 4" in words(client.get(PAGE).text)
    post(client, left="b-7", right="c-3", verdict="apart")
    assert "Corner" not in client.get(PAGE).text
    assert [deed for deed in house.world.deeds() if deed == "identity_decide"] == ["identity_decide"] * 4


def test_what_cannot_be_decided_is_said_in_the_language_of_the_page(house: House) -> None:
    client = house.signed_in()
    for right, verdict in (("nobody", "same"), ("b-7", "same"), ("c-3", "perhaps")):
        assert post(client, left="b-7", right=right, verdict=verdict).status_code == 400
    answer = client.post(PAGE, data={"entity": "accounts", "left": "b-7", "right": "nobody", "verdict": "same"},
                         headers={"accept-language": "ru"})
    assert "Записи nobody нет" in answer.text
    assert post(client, f"{PAGE}/part", id="b-7").status_code == 400
    assert client.post(PAGE, data={"next": PAGE}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(("role", "rep", "sees"), [
    (Role.EXECUTIVE, None, True), (Role.ANALYST, None, False), (Role.MANAGER, "c-R2", False), (Role.REP, "c-R1", False)])
def test_only_who_may_see_everything_decides(house: House, role: Role, rep: str | None, sees: bool) -> None:
    house.world.person("who@example.org", role, rep)
    client = house.signed_in("who@example.org")
    assert client.get(PAGE).status_code == (200 if sees else 403)
    assert (f'href="{PAGE}' in client.get("/data").text) is sees
    assert post(client, left="b-7", right="c-3", verdict="same").status_code == (303 if sees else 403)
    assert post(client, f"{PAGE}/part", id="b-9").status_code == (303 if sees else 403)


def test_a_rep_with_an_id_in_each_system_sees_the_rows_of_both(house: House) -> None:
    house.world.person("ada@example.org", Role.REP, "c-R1")
    client = house.signed_in("ada@example.org")
    for path, status in (("opportunities/c-1", 200), ("orders/b-1", 200), ("opportunities/c-2", 404)):
        assert client.get(f"/records/{path}").status_code == status


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "疑似相同"), ("zh-TW", "電子郵件"), ("ru", "Предложения")])
def test_the_page_speaks_four_languages(house: House, language: str, said: str) -> None:
    client = house.signed_in()
    for entity in ("accounts", "reps", "contacts"):
        for show in ("suggested", "joined", "apart"):
            answer = client.get(f"{PAGE}?entity={entity}&show={show}", headers={"accept-language": language})
            assert answer.status_code == 200
            if entity == "contacts" and show == "suggested":
                assert said in answer.text
