"""Coming in and going out, as a browser does it."""

from __future__ import annotations

import html

import pytest

from salesgauge.state.entrance import A_MINUTE
from salesgauge.workspace import Workspace
from state.world import CONSOLE, OTHER, PASSWORD
from web.access.conftest import Build, House

WRONG = "certainly not this one"


def test_the_first_start_asks_for_the_link_and_the_link_makes_the_first_account(house: House) -> None:
    browser = house.browser()
    assert browser.get("/").headers["location"] == "/sign-in?next=%2F"
    assert "Open the link that the server printed" in browser.get("/sign-in").text
    with house.world.state.change() as unit:
        path = f"/enter/{unit.links.set_up(CONSOLE)}"
    assert "Set up the first account" in browser.get(path).text
    short = browser.post(path, data={"email": "ann@example.org", "name": "Ann", "password": "short"})
    assert short.status_code == 400 and "needs at least 12\u00a0characters" in short.text and 'value="ann@example.org"' in short.text
    done = browser.post(path, data={"email": "ann@example.org", "name": "Ann", "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    assert browser.get("/administration/people").status_code == 200
    assert house.browser().get(path).status_code == 404


def test_the_session_is_kept_from_scripts_and_other_sites(house: House) -> None:
    house.world.person()
    answer = house.browser().post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("session=") and "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie and "Domain" not in cookie


def test_over_https_the_session_stays_there(house: House) -> None:
    house.world.person()
    answer = house.browser("https").post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=") and "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_a_secret_foisted_on_a_browser_is_worth_nothing_after_the_sign_in(house: House) -> None:
    house.world.person("eve@example.org")
    house.world.person()
    eve = house.signed_in("eve@example.org").cookies["session"]
    browser = house.browser()
    browser.cookies.set("session", eve, domain="localhost.local")
    assert browser.get("/account").status_code == 200  # as Eve, so far
    answer = browser.post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD})
    assert eve not in answer.headers["set-cookie"]
    other = house.browser()
    other.cookies.set("session", eve)
    assert other.get("/account").status_code == 303  # and Eve's session has ended


def test_who_is_refused_is_told_the_same_whoever_they_are(house: House) -> None:
    house.world.person()
    pages = []
    for email in ("ann@example.org", "bo@example.org"):
        answer = house.browser().post("/sign-in", data={"email": email, "password": WRONG, "next": "/kpis"})
        assert answer.status_code == 401 and "set-cookie" not in answer.headers
        pages.append(answer.text.replace(email, "EMAIL"))
    assert pages[0] == pages[1] and "E-mail or password is not right" in pages[0]
    assert 'name="next" value="/kpis"' in pages[0] and WRONG not in pages[0]


def test_what_was_typed_is_text_not_markup(house: House) -> None:
    house.world.person()
    typed = '"><script>alert(1)</script>'
    answer = house.browser().post("/sign-in", data={"email": typed, "password": "x", "next": typed})
    assert "<script>alert" not in answer.text and html.escape(typed, quote=True).replace("&quot;", "&#34;") in answer.text


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site_after_the_sign_in(house: House, wanted: str) -> None:
    house.world.person()
    browser = house.browser()
    answer = browser.post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD, "next": wanted})
    assert answer.headers["location"] == "/"
    assert browser.get("/sign-in", params={"next": wanted}).headers["location"] == "/"


def test_one_goes_on_to_where_one_wanted(house: House) -> None:
    house.world.person()
    answer = house.browser().post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD, "next": "/kpis/win_rate?by=team"})
    assert answer.headers["location"] == "/kpis/win_rate?by=team"


def test_signing_out_ends_the_session_not_only_the_cookie(house: House) -> None:
    house.world.person()
    browser = house.signed_in()
    secret = browser.cookies["session"]
    answer = browser.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?done=signed_out")
    assert 'session=""' in answer.headers["set-cookie"]
    again = house.browser()
    again.cookies.set("session", secret)
    assert again.get("/account").status_code == 303
    assert "sign_out" in house.world.deeds()


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/account/password", "/account/tokens", "/administration/people", "/enter/x"])
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_another_site_changes_nothing(house: House, path: str, headers: dict[str, str]) -> None:
    house.world.person(administers=True)
    browser = house.signed_in()
    before = house.world.deeds()
    assert browser.post(path, headers=headers).status_code == 403
    assert house.world.deeds() == before and browser.get("/account").status_code == 200


def test_a_request_for_another_host_is_refused(house: House) -> None:
    house.world.person()
    for path in ("/", "/sign-in", "/account"):
        assert house.browser().get(path, headers={"host": "evil.example"}).status_code == 400


def test_too_many_attempts_from_one_address_have_to_wait(house: House) -> None:
    house.world.person()
    browser = house.browser(address="192.0.2.66")
    statuses = [browser.post("/sign-in", data={"email": f"p{n}@example.org", "password": WRONG}).status_code for n in range(A_MINUTE + 1)]
    assert set(statuses[:-1]) == {401} and statuses[-1] == 429
    assert house.signed_in()


def test_an_invitation_is_shown_often_but_used_once(house: House) -> None:
    bo = house.world.person("bo@example.org", password=None)
    with house.world.state.change() as unit:
        path = f"/enter/{unit.links.invite(bo.id, CONSOLE)}"
    browser = house.browser()
    for _ in range(2):
        page = browser.get(path)
        assert page.status_code == 200 and "bo@example.org" in page.text and page.headers["cache-control"] == "no-store"
    assert browser.post(path, data={"name": "Bo Berg", "password": PASSWORD}).status_code == 303
    assert "Bo Berg" in browser.get("/account").text
    used = house.browser().post(path, data={"password": OTHER})
    assert used.status_code == 404 and "does not work any more" in used.text
    assert house.browser().get("/enter/nonsense").status_code == 404


def test_the_pages_speak_the_browsers_language_until_the_person_has_one(house: House) -> None:
    ann = house.world.person()
    assert "登录" in house.browser().get("/sign-in", headers={"accept-language": "zh-CN"}).text
    refused = house.browser().post("/sign-in", data={"email": "a", "password": "b"}, headers={"accept-language": "ru"})
    assert "Неверный адрес или пароль" in refused.text
    with house.world.state.change() as unit:
        unit.accounts.set_preferences(ann.id, CONSOLE, language="ru", theme="dark")
    browser = house.signed_in()
    for path in ("/", "/account"):
        assert '<html lang="ru" data-theme="dark">' in browser.get(path, headers={"accept-language": "en"}).text


def test_people_can_be_invited_before_there_are_data(build: Build, empty: Workspace) -> None:
    house = build(empty)
    house.world.person(administers=True)
    browser = house.signed_in()
    assert browser.get("/").status_code == 503
    assert browser.get("/administration/people").status_code == 200
