"""Administration, as a browser uses it; and that it is for administrators only."""

from __future__ import annotations

import re

import pytest

from salesgauge.state import Role
from salesgauge.web.access import Guard
from state.world import CONSOLE, OTHER, PASSWORD
from web.access.conftest import House, every_route, link_in


def invited(email: str, role: str, rep: str = "") -> dict[str, str]:
    return {"email": email, "name": email.partition("@")[0].title(), "role": role, "rep": rep}


def some_rep(house: House) -> str:
    guard: Guard = house.app.state.guard
    return next(iter(guard.reps.all()))


OPEN = ("/sign-in", "/sign-in/provider", "/sign-in/provider/back", "/sign-out", "/enter/1", "/preferences", "/api/v1/openapi.json",
        "/api/asked")  # the last is of these tests


def test_every_page_is_closed_to_strangers(house: House) -> None:
    house.world.person(administers=True)
    before = house.world.deeds()
    found = [(method, path) for method, path in every_route(house.app) if path not in OPEN]
    assert len(found) >= 40
    for method, path in found:
        answer = house.browser().request(method, path)
        if path.startswith("/api/"):
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), (method, path)
        else:
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), (method, path)
    assert house.world.deeds() == before


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.MANAGER, Role.REP, Role.ANALYST])
def test_every_page_of_the_administration_is_closed_to_whoever_does_not_administer(house: House, role: Role) -> None:
    house.world.person("root@example.org", administers=True)
    house.world.person(role=role, rep_id="R1")
    browser = house.signed_in()
    before = house.world.deeds()
    found = every_route(house.app, "/administration")
    assert len(found) >= 10
    for method, path in found:
        answer = browser.request(method, path, data=invited("eve@example.org", "executive") if method == "POST" else None)
        assert answer.status_code == 403 and "root@example.org" not in answer.text, (method, path)
    assert house.world.deeds() == before
    assert "/administration" not in browser.get("/account").text


def test_somebody_is_invited_comes_in_and_is_in_the_list(house: House) -> None:
    house.world.person(administers=True)
    browser = house.signed_in()
    rep = some_rep(house)
    made = browser.post("/administration/people", data=invited("bo@example.org", "rep", rep))
    path = link_in(made)
    assert made.headers["cache-control"] == "no-store" and "invited" in browser.get("/administration/people").text
    bo = house.browser()
    assert bo.post(path, data={"name": "Bo", "password": OTHER}).status_code == 303
    assert bo.get("/").status_code == 200
    with house.world.state.look() as unit:
        found = unit.accounts.known("bo@example.org")
    assert (found.role, found.rep_id, found.has_password) == (Role.REP, rep, True)


@pytest.mark.parametrize(("data", "said"), [
    (invited("ann@example.org", "executive"), "has an account already"), (invited("bo@example.org", "rep"), "choose one"),
    (invited("bo@example.org", "rep", "nobody"), "There is no rep nobody"), (invited("bo@example.org", "king"), "role is one of"),
    (invited("bo", "executive"), "no e-mail address"), ({}, "role is one of")])
def test_an_invitation_that_cannot_be_is_refused_on_the_page_with_what_was_typed(house: House, data: dict[str, str], said: str) -> None:
    house.world.person(administers=True)
    refused = house.signed_in().post("/administration/people", data=data)
    assert refused.status_code == 400 and said in refused.text
    assert f'value="{data.get("email", "")}"' in refused.text
    with house.world.state.look() as unit:
        assert len(unit.accounts.all()) == 1


def test_a_link_for_a_new_password_is_made_and_used(house: House) -> None:
    house.world.person(administers=True)
    bo = house.world.person("bo@example.org")
    theirs = house.signed_in("bo@example.org")
    path = link_in(house.signed_in().post(f"/administration/people/{bo.id}/link"))
    assert "A new password" in house.browser().get(path).text
    assert house.browser().post(path, data={"password": OTHER}).status_code == 303
    assert theirs.get("/account").status_code == 303
    assert house.signed_in("bo@example.org", OTHER)


def test_other_rights_end_a_persons_sessions_and_renew_ones_own(house: House) -> None:
    house.world.person("root@example.org", administers=True)
    bo = house.world.person("bo@example.org")
    ann = house.world.person(administers=True)
    theirs, browser = house.signed_in("bo@example.org"), house.signed_in()
    assert browser.post(f"/administration/people/{bo.id}/rights", data={"role": "analyst"}).status_code == 303
    assert theirs.get("/account").status_code == 303
    before = browser.cookies["session"]
    assert browser.post(f"/administration/people/{ann.id}/rights", data={"role": "analyst", "administers": "yes"}).status_code == 303
    assert browser.cookies["session"] != before and browser.get("/administration/people").status_code == 200
    stale = house.browser()
    stale.cookies.set("session", before)
    assert stale.get("/account").status_code == 303
    assert browser.post(f"/administration/people/{ann.id}/rights", data={"role": "analyst"}).headers["location"] == "/"
    assert browser.get("/administration/people").status_code == 403


def test_the_last_administrator_stays(house: House) -> None:
    ann = house.world.person(administers=True)
    browser = house.signed_in()
    for path, data in (("rights", {"role": "executive"}), ("deactivate", {})):
        refused = browser.post(f"/administration/people/{ann.id}/{path}", data=data)
        assert refused.status_code == 400 and "Somebody must be left who administers" in refused.text
    assert browser.get("/administration/people").status_code == 200


def test_who_is_deactivated_is_out_and_comes_back(house: House) -> None:
    house.world.person(administers=True)
    bo = house.world.person("bo@example.org")
    browser, theirs = house.signed_in(), house.signed_in("bo@example.org")
    assert browser.post(f"/administration/people/{bo.id}/deactivate").headers["location"].endswith("?done=deactivated")
    assert theirs.get("/").status_code == 303
    assert house.browser().post("/sign-in", data={"email": "bo@example.org", "password": PASSWORD}).status_code == 401
    assert browser.post(f"/administration/people/{bo.id}/link").status_code == 404
    assert browser.post(f"/administration/people/{bo.id}/activate").status_code == 303
    assert house.signed_in("bo@example.org")


def test_sessions_and_tokens_of_others_are_seen_and_ended(house: House) -> None:
    house.world.person(administers=True)
    bo = house.world.person("bo@example.org")
    theirs, browser = house.signed_in("bo@example.org"), house.signed_in()
    theirs.post("/account/tokens", data={"name": "Weekly sheet", "days": "30", "scopes": ["questions"]})
    assert "192.0.2.1" in browser.get(f"/administration/people/{bo.id}").text
    page = browser.get("/administration/tokens").text
    end = re.search(r"/administration/tokens/\d+/end", page)
    assert "Weekly sheet" in page and end
    assert browser.post(end[0]).status_code == 303 and browser.post(end[0]).status_code == 404
    assert "Weekly sheet" not in browser.get("/administration/tokens").text
    assert browser.post(f"/administration/people/{bo.id}/sessions/end").status_code == 303
    assert theirs.get("/account").status_code == 303


@pytest.mark.parametrize("number", ["0", "77", "-1", "x", "99999999999999999999", "1%20"])
def test_somebody_who_is_not_there_is_not_found(house: House, number: str) -> None:
    house.world.person(administers=True)
    browser = house.signed_in()
    assert browser.get(f"/administration/people/{number}").status_code == 404
    for deed in ("rights", "link", "deactivate", "activate", "sessions/end"):
        assert browser.post(f"/administration/people/{number}/{deed}", data={"role": "executive"}).status_code == 404, deed


def test_the_log_is_filtered_and_paged(house: House) -> None:
    house.world.person(administers=True)
    bo = house.world.person("bo@example.org")
    house.signed_in("bo@example.org")
    browser = house.signed_in()
    assert browser.get("/administration/log").text.count("<tr>") == 1 + len(house.world.deeds())
    assert browser.get(f"/administration/log?person={bo.id}&action=sign_in").text.count("<tr>") == 2
    assert browser.get(f"/administration/log?subject=person:{bo.id}").text.count("<tr>") == 3
    assert "no such lines" in browser.get("/administration/log?until=2020-01-01").text
    assert browser.get("/administration/log?since=2026-05-20&until=2026-05-20&action=sign_in").text.count("<tr>") == 3
    with house.world.state.change() as unit:
        for number in range(60):
            unit.audit.record(CONSOLE, "data_load", f"load:{number}")
    first = browser.get("/administration/log?action=data_load").text
    older = re.search(r'href="(/administration/log\?[^"]*before=\d+)"', first)
    assert older and first.count("<tr>") == 51
    last = browser.get(older[1].replace("&amp;", "&")).text
    assert last.count("<tr>") == 11 and "before=" not in last


@pytest.mark.parametrize("query", ["person=x", "action=nothing", "subject=%00", "since=never", "until=9999-12-31", "before=-1",
                                   "since=0001-01-01", "subject=<script>"])
def test_a_filter_that_makes_no_sense_breaks_nothing(house: House, query: str) -> None:
    house.world.person(administers=True)
    answer = house.signed_in().get(f"/administration/log?{query}")
    assert answer.status_code == 200 and "<script>" not in answer.text


def test_rules_are_set_and_wrong_ones_refused(house: House) -> None:
    house.world.person(administers=True)
    browser = house.signed_in()
    fine = {"team_totals": "yes", "smallest_group": "8", "session_idle_hours": "2", "session_days": "3", "invitation_days": "4",
            "token_days": "30", "log_days": "400"}
    assert browser.post("/administration/rules", data=fine).headers["location"] == "/administration/rules?done=saved"
    with house.world.state.look() as unit:
        rules = unit.rules.now()
    assert (rules.team_totals, rules.unknown_people, rules.smallest_group, rules.token_days) == (True, False, 8, 30)
    refused = browser.post("/administration/rules", data=fine | {"smallest_group": "1"})
    assert refused.status_code == 400 and "smallest_group is 2 to 100" in refused.text


def test_the_new_pages_hold_no_inline_script_or_style(house: House) -> None:
    ann = house.world.person(administers=True)
    browser = house.signed_in()
    for path in ("/account", "/administration/people", f"/administration/people/{ann.id}", "/administration/log", "/administration/tokens",
                 "/administration/rules"):
        answer = browser.get(path)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", answer.text), path
        assert answer.headers["cache-control"] == "no-store"
