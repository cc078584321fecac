"""Sign-in by a real OpenID provider (oidc-provider from npm, a certified implementation), through its own pages, over HTTP."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from node_packages import installed
from salesgauge.errors import SettingError
from salesgauge.state import Role
from salesgauge.web.access.provider import SECRET, Provider, read_provider
from salesgauge.workspace import Workspace
from state.world import CONSOLE
from web.access.conftest import Build, House

HERE = Path(__file__).parent / "provider"
BACK = "http://localhost/sign-in/provider/back"
ACCOUNTS = {"ann": {"email": "Ann@example.org", "email_verified": True, "name": "Ann of the provider"},
            "eve": {"email": "ann@example.org", "email_verified": False, "name": "Eve"},
            "new": {"email": "new@example.org", "email_verified": True, "name": "New"}}


@pytest.fixture(scope="session")
def issuer(pytestconfig: pytest.Config) -> Iterator[str]:
    """The running provider; its packages are installed once into pytest's cache."""
    folder = installed(pytestconfig, HERE, "oidc-provider")
    process = subprocess.Popen(["node", "provider.mjs", json.dumps({"accounts": ACCOUNTS, "redirect": BACK})], cwd=folder, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait()
    process.stdout.close()


@dataclass
class Company:
    """The application of a company that signs in by the provider."""

    house: House
    issuer: str

    def leave(self, browser: TestClient, wanted: str = "/account") -> str:
        """Sets out for the provider; gives its address."""
        answer = browser.get("/sign-in/provider", params={"next": wanted})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def at_the_provider(self, address: str, account: str) -> str:
        """Signs in at the provider as an account, filling in its forms; gives the address it sends the browser back to."""
        with httpx.Client() as client:
            answer = client.get(address)
            for _ in range(12):
                while answer.is_redirect:
                    to = str(answer.url.join(answer.headers["location"]))
                    if to.startswith(BACK):
                        return to.removeprefix("http://localhost")
                    answer = client.get(to)
                assert answer.status_code == 200, answer.text
                action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
                assert action, answer.text
                fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', answer.text))
                if 'name="login"' in answer.text:
                    fields |= {"login": account, "password": "any"}
                answer = client.post(str(answer.url.join(html.unescape(action[1]))), data=fields)
        raise AssertionError("the provider asks for ever")

    def sign_in(self, browser: TestClient, account: str) -> Any:
        """The whole way; gives the answer to the return."""
        return browser.get(self.at_the_provider(self.leave(browser), account))


@pytest.fixture
def company(issuer: str, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv(SECRET, "a secret of the tests")
    workspace = Workspace.create(tmp_path / "workspace", "UTC", "EUR", {})
    with (workspace.folder / "salesgauge.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[oidc]\nissuer = "{issuer}"\nclient_id = "salesgauge"\nname = "Example & Co"\n')
    return Company(build(workspace), issuer)


def refused(answer: Any, said: str) -> bool:
    """Whether somebody was told so, and got no session."""
    return answer.status_code in (403, 502) and said in answer.text and not any(
        cookie.startswith("session=") for cookie in answer.headers.get_list("set-cookie"))


def test_who_is_known_by_a_verified_email_signs_in_and_goes_on(company: Company) -> None:
    company.house.world.person(password=None)
    browser = company.house.browser()
    assert "Sign in with Example &amp; Co" in browser.get("/sign-in").text
    answer = company.sign_in(browser, "ann")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = browser.get("/account")
    assert page.status_code == 200 and "ann@example.org" in page.text and "have no password here" in page.text
    assert company.sign_in(company.house.browser(), "ann").status_code == 303
    assert company.house.world.deeds().count("identity_link") == 1
    assert company.house.world.deeds().count("sign_in") == 2


def test_an_email_that_is_not_verified_opens_nothing(company: Company) -> None:
    company.house.world.person()
    assert refused(company.sign_in(company.house.browser(), "eve"), "you have no account here")


def test_somebody_unknown_comes_in_only_where_a_rule_says_so(company: Company) -> None:
    company.house.world.person()
    assert refused(company.sign_in(company.house.browser(), "new"), "you have no account here")
    with company.house.world.state.change() as unit:
        unit.rules.change({"unknown_people": True}, CONSOLE)
    browser = company.house.browser()
    assert company.sign_in(browser, "new").status_code == 303
    assert browser.get("/api/asked").json() == {"name": "New", "rows": "own"}
    with company.house.world.state.look() as unit:
        person = unit.accounts.known("new@example.org")
    assert (person.role, person.rep_id) == (Role.REP, None)


@pytest.mark.parametrize("claims", [{"aud": "somebody-else"}, {"iss": "https://evil.example"}, {"nonce": "of another sign-in"},
                                    {"exp": 1_000_000_000}, {"sub": "eve"}, {"key": True}], ids=lambda claims: next(iter(claims)))
def test_a_token_that_is_not_for_us_now_opens_nothing(company: Company, claims: dict[str, Any]) -> None:
    company.house.world.person(password=None)
    browser = company.house.browser()
    back = company.at_the_provider(company.leave(browser), "ann")
    httpx.post(f"{company.issuer}/forge", json=claims)
    assert refused(browser.get(back), "did not answer as it should")


def test_the_way_back_is_open_only_to_the_browser_that_left_and_once(company: Company) -> None:
    company.house.world.person(password=None)
    browser, other = company.house.browser(), company.house.browser()
    back = company.at_the_provider(company.leave(browser), "ann")
    assert refused(other.get(back), "did not answer as it should")  # somebody else's return, foisted on this browser
    company.leave(other)
    assert refused(other.get(back), "did not answer as it should")
    assert browser.get(back).status_code == 303
    assert refused(browser.get(back), "did not answer as it should")
    for nonsense in ("", "?code=x&state=y", "?error=access_denied&error_description=<b>no</b>"):
        company.leave(browser)
        answer = browser.get(f"/sign-in/provider/back{nonsense}")
        assert refused(answer, "did not answer as it should") and "<b>no" not in answer.text


def test_what_is_asked_of_the_provider_is_bound_to_this_sign_in(company: Company) -> None:
    first, second = (dict(httpx.URL(company.leave(company.house.browser())).params) for _ in range(2))
    assert first["response_type"] == "code" and first["code_challenge_method"] == "S256" and first["redirect_uri"] == BACK
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


def test_nobody_is_sent_to_another_site_on_the_way_back(company: Company) -> None:
    company.house.world.person(password=None)
    browser = company.house.browser()
    address = company.leave(browser, "https://evil.example")
    assert browser.get(company.at_the_provider(address, "ann")).headers["location"] == "/"


def test_a_provider_that_is_not_there_is_said_on_the_page(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, "x")
    workspace = Workspace.create(tmp_path / "workspace", "UTC", "EUR", {})
    with (workspace.folder / "salesgauge.toml").open("a", encoding="utf-8") as file:
        file.write('\n[oidc]\nissuer = "http://127.0.0.1:9"\nclient_id = "salesgauge"\n')
    house = build(workspace)
    house.world.person()
    assert refused(house.browser().get("/sign-in/provider"), "did not answer as it should")


def test_without_a_provider_there_is_no_such_way_in(house: House) -> None:
    house.world.person()
    assert "/sign-in/provider" not in house.browser().get("/sign-in").text
    for path in ("/sign-in/provider", "/sign-in/provider/back"):
        assert house.browser().get(path).status_code == 502


@pytest.mark.parametrize(("table", "said"), [
    ('issuer = "https://id.example.org"\nclient_id = "c"\nclient = "d"', "no 'client'; did you mean client_id"),
    ('issuer = "http://id.example.org"\nclient_id = "c"', "begins with https://"), ('client_id = "c"', "begins with https://"),
    ('issuer = "https://id.example.org"', "and a client_id"), ("issuer = 7", "cannot read"),
])
def test_settings_that_cannot_be_are_refused(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "salesgauge.toml").write_text(f"[oidc]\n{table}\n", encoding="utf-8")
    with pytest.raises(SettingError, match=re.escape(said)):
        read_provider(tmp_path, {SECRET: "s"})


def test_the_secret_stands_in_the_environment_only(tmp_path: Path) -> None:
    (tmp_path / "salesgauge.toml").write_text('[oidc]\nissuer = "https://id.example.org"\nclient_id = "c"\n', encoding="utf-8")
    assert read_provider(tmp_path, {SECRET: "s"}) == Provider("https://id.example.org", "c", "s", "id.example.org")
    with pytest.raises(SettingError, match=SECRET):
        read_provider(tmp_path, {})
