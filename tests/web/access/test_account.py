"""My account, as a browser uses it."""

from __future__ import annotations

import re

from salesgauge.state import Role
from state.world import OTHER, PASSWORD
from web.access.conftest import House


def test_a_person_changes_name_language_and_theme(house: House) -> None:
    house.world.person()
    browser = house.signed_in()
    answer = browser.post("/account/profile", data={"name": "Ann <b>Lee</b>", "language": "ru", "theme": "dark", "home": ""})
    assert answer.headers["location"] == "/account?done=saved"
    page = browser.get("/account?done=saved", headers={"accept-language": "en"}).text
    assert '<html lang="ru" data-theme="dark">' in page and "Сохранено." in page
    assert "<b>Lee" not in page and "&lt;b&gt;Lee" in page
    browser.post("/account/profile", data={"name": "Ann", "language": "", "theme": "auto"})
    assert '<html lang="zh-Hans" data-theme="auto">' in browser.get("/account", headers={"accept-language": "zh-CN"}).text


def test_a_profile_that_cannot_be_is_refused_on_the_page(house: House) -> None:
    house.world.person()
    refused = house.signed_in().post("/account/profile", data={"name": " ", "language": "en", "theme": "dark"})
    assert refused.status_code == 400 and 'role="alert"' in refused.text
    assert house.signed_in().post("/account/profile", data={"name": "A", "language": "xx", "theme": "dark"}).status_code == 400


def test_only_a_rep_chooses_a_home_page(house: House) -> None:
    house.world.person()
    house.world.person("bo@example.org", Role.REP, "R1")
    assert 'name="home"' not in house.signed_in().get("/account").text
    assert 'name="home"' in house.signed_in("bo@example.org").get("/account").text


def test_a_changed_password_renews_this_session_and_ends_the_others(house: House) -> None:
    house.world.person()
    elsewhere, browser = house.signed_in(), house.signed_in()
    before = browser.cookies["session"]
    wrong = browser.post("/account/password", data={"current": OTHER, "new": OTHER})
    assert wrong.status_code == 400 and "current password is not right" in wrong.text
    common = browser.post("/account/password", data={"current": PASSWORD, "new": "password1234"})
    assert common.status_code == 400 and "most common" in common.text
    assert browser.post("/account/password", data={"current": PASSWORD, "new": OTHER}).status_code == 303
    assert browser.cookies["session"] != before
    assert (browser.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)
    assert house.signed_in(password=OTHER)


def test_a_person_ends_a_session_that_is_not_theirs_alone(house: House) -> None:
    house.world.person()
    phone = house.browser()
    phone.post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD}, headers={"user-agent": "Phone <7>"})
    browser = house.signed_in()
    page = browser.get("/account").text
    assert "Phone &lt;7&gt;" in page and "(this one)" in page
    number = re.search(r'action="(/account/sessions/\d+/end)"><button aria-label="End the session of Phone', page)
    assert number and browser.post(number[1]).status_code == 303
    assert phone.get("/account").status_code == 303
    assert browser.post(number[1]).status_code == 404
    third = house.signed_in()
    assert browser.post("/account/sessions/end-others").status_code == 303
    assert (third.get("/account").status_code, browser.get("/account").status_code) == (303, 200)


def test_nobody_ends_what_belongs_to_another(house: House) -> None:
    house.world.person()
    house.world.person("bo@example.org")
    ann, bo = house.signed_in(), house.signed_in("bo@example.org")
    ann.post("/account/tokens", data={"name": "T", "days": "5", "scopes": ["records"]})
    number = re.search(r"/account/tokens/(\d+)/end", ann.get("/account").text)
    session = re.search(r"/account/sessions/(\d+)/end", ann.get("/account").text)
    assert number and session
    for path in (f"/account/tokens/{number[1]}/end", f"/account/sessions/{session[1]}/end", "/account/tokens/99999999999999999999/end",
                 "/account/sessions/-1/end", "/account/sessions/x/end"):
        assert bo.post(path).status_code == 404, path
    assert ann.get("/account").status_code == 200


def test_a_token_is_shown_once_works_and_is_ended(house: House) -> None:
    house.world.person()
    browser = house.signed_in()
    made = browser.post("/account/tokens", data={"name": "Weekly sheet", "days": "30", "scopes": ["questions", "records"]})
    secret = re.search(r'class="secret">(sg_[\w-]{43})<', made.text)
    assert secret and made.headers["cache-control"] == "no-store"
    page = browser.get("/account").text
    assert "Weekly sheet" in page and "sg_" not in page
    headers = {"authorization": f"Bearer {secret[1]}"}
    assert house.browser().get("/api/asked", headers=headers).json()["name"] == "Ann"
    end = re.search(r"/account/tokens/\d+/end", page)
    assert end and browser.post(end[0]).status_code == 303
    assert house.browser().get("/api/asked", headers=headers).json()["name"] is None
    assert "ended" in browser.get("/account").text


def test_a_token_that_cannot_be_is_refused_on_the_page(house: House) -> None:
    house.world.person()
    browser = house.signed_in()
    for data in ({"name": "T", "days": "30"}, {"name": "T", "days": "366", "scopes": "records"},
                 {"name": "T", "days": "soon", "scopes": "records"}, {"name": "", "days": "3", "scopes": "records"},
                 {"name": "T", "days": "3", "scopes": "everything"}):
        refused = browser.post("/account/tokens", data=data)
        assert refused.status_code == 400 and 'role="alert"' in refused.text and "sg_" not in refused.text
