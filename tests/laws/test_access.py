"""Access laws: for every route and every role nothing comes out that is made of rows outside the viewer's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from examples.company import Company
from laws.needles import BOSS, LEADS, SELLERS, ZONE, Haystack
from laws.routes import PUBLIC, ROUTES, Try, Trying, routes_of
from salesgauge.serving import ServedWorkspace
from salesgauge.state import Actor, Rights, Role, State
from salesgauge.state.passwords import Passwords
from salesgauge.web.access import with_access
from salesgauge.workspace import Workspace

NOW = datetime(2026, 5, 20, 9, 2, tzinfo=UTC)
SEED = 11
CONSOLE = Actor(None, "console")
PEOPLE: dict[str, Rights] = {
    "executive": Rights(Role.EXECUTIVE), "analyst": Rights(Role.ANALYST), "administrator": Rights(Role.ADMINISTRATOR),
    "unlinked": Rights(Role.REP, "of-nobody"), "boss": Rights(Role.MANAGER, BOSS), **{lead: Rights(Role.MANAGER, lead) for lead in LEADS},
    **{rep: Rights(Role.REP, rep) for rep in SELLERS[:3]}, "own": Rights(Role.REP, LEADS[0])}


FIRST_TRIED = (LEADS[1], SELLERS[0])  # the others in make test-more


@dataclass
class Firm:
    """A company with people, served."""

    hay: Haystack
    workspace: Workspace
    state: State
    app: FastAPI
    ids: dict[str, int]

    def browser(self, person: str | None) -> TestClient:
        """A browser in which somebody has just signed in; None: a stranger's."""
        client = TestClient(self.app, base_url="http://localhost", follow_redirects=False)
        if person is not None:
            with self.state.change() as unit:
                client.cookies.set("session", unit.sessions.start(self.ids[person], "192.0.2.1", "Firefox"))
        return client

    def trying(self, person: str | None) -> Trying:
        """What requests of that person are made of."""
        return Trying(self.workspace, Random(f"{SEED} {person}"), [needle.token for needle in self.hay.needles])


@pytest.fixture(scope="module")
def firm(pytestconfig: pytest.Config) -> Iterator[Firm]:
    assert pytestconfig.cache is not None
    hay = Haystack(SEED)
    with tempfile.TemporaryDirectory() as folder:
        company = Company(Path(folder), pytestconfig.cache.mkdir("salesgauge-companies"), hay.tables, timezone=ZONE)
        state = State.open(company.workspace.folder, lambda: NOW,
                           passwords=Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)))
        with state.change() as unit:
            ids = {name: unit.accounts.create(f"{name}@example.org", name, rights, CONSOLE).id for name, rights in PEOPLE.items()}
        workspace = ServedWorkspace(company.workspace.folder)
        yield Firm(hay, workspace, state, with_access(workspace, state, clock=lambda: NOW), ids)
        workspace.close()
        state.close()


def send(client: TestClient, request: Try) -> Any:
    answer = client.request(request.method, request.address, data=request.form, json=request.json)
    assert answer.status_code < 500 or "/provider" in request.address, (request, answer.text)  # there is no sign-in provider: 502
    return answer


def said(answer: Any) -> str:
    """Everything that an answer says, also in a workbook."""
    text = answer.text
    if answer.content.startswith(b"PK"):
        with ZipFile(BytesIO(answer.content)) as book:
            text = " ".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return f"{text} {dict(answer.headers)}"


def found(tokens: Iterable[str], text: str) -> list[str]:
    return [token for token in tokens if token in text]


def test_every_route_is_tried(firm: Firm) -> None:
    assert routes_of(firm.app) == ROUTES.keys(), "say in tests/laws/routes.py how each route is tried"
    assert ROUTES.keys() >= PUBLIC


@pytest.mark.parametrize("person", [
    pytest.param(name, marks=() if name in FIRST_TRIED else pytest.mark.more) for name, rights in PEOPLE.items() if rights.rep_id])
def test_nothing_outside_the_viewers_rows_comes_out_of_any_route(firm: Firm, person: str) -> None:
    rights, hay, trying = PEOPLE[person], firm.hay, firm.trying(person)
    assert rights.rep_id is not None
    reports = rights.role is Role.MANAGER
    hidden = [*hay.hidden_from(rights.rep_id, reports), *hay.strangers_to(rights.rep_id, reports)]
    shown, met = set(hay.shown_to(rights.rep_id, reports)), set[str]()
    for route, tries in ROUTES.items():
        client = firm.browser(person)  # a new one: some routes end the session
        for request in tries(trying):
            text = said(send(client, request)).replace(request.address, "")  # what was asked with may come back
            asked = request.address
            leaked = [token for token in found(hidden, text) if token not in asked]
            assert not leaked, (route, request, leaked)
            met.update(found(shown, text))
    assert len(met) >= len(shown) // 3, "hardly anything was looked at"


@pytest.mark.more
def test_everything_comes_out_for_who_sees_everything(firm: Firm) -> None:
    client, trying = firm.browser("executive"), firm.trying("executive")
    text = "".join(said(send(client, request)) for route, tries in ROUTES.items() if "sign-out" not in route for request in tries(trying))
    needles = [needle.token for needle in firm.hay.needles]
    assert len(found(needles, text)) > len(needles) * 0.4  # so the laws above look for what can be found


def test_an_analyst_sees_no_name_of_a_person(firm: Firm) -> None:
    trying = firm.trying("analyst")
    names, met = firm.hay.names, 0
    for route, tries in ROUTES.items():
        client = firm.browser("analyst")
        for request in tries(trying):
            text = said(send(client, request))
            assert not (leaked := [name for name in found(names, text) if name not in request.address]), (route, request, leaked)
            met += len(found([needle.token for needle in firm.hay.needles], text))
    assert met > 100


def test_an_administrator_sees_no_figures_and_nobody_else_administers(firm: Firm) -> None:
    needles = [needle.token for needle in firm.hay.needles]
    for person in ("administrator", "executive", "boss", SELLERS[0]):
        trying = firm.trying(person)
        for route, tries in ROUTES.items():
            client = firm.browser(person)
            for request in tries(trying) if ("/administration" in route) != (person == "administrator") else ():
                answer = send(client, request)
                if person != "administrator":
                    assert answer.status_code == 403, (route, person, answer.status_code)
                else:
                    assert not found([n for n in needles if n not in request.address], said(answer)), (route, answer.text)


def test_a_stranger_gets_to_the_sign_in_and_no_further(firm: Firm) -> None:
    trying = firm.trying(None)
    needles = [needle.token for needle in firm.hay.needles]
    for route, tries in ROUTES.items():
        for request in tries(trying):
            answer = send(firm.browser(None), request)
            assert not found([n for n in needles if n not in request.address], said(answer)), route
            if route not in PUBLIC:
                refused = answer.status_code == 401 if "/api/" in route else answer.headers.get("location", "").startswith("/sign-in")
                assert refused, (route, answer.status_code)


def test_guessing_an_id_answers_as_if_there_were_nothing(firm: Firm) -> None:
    with firm.state.change() as unit:
        private = unit.views.save(firm.ids["boss"], "Mine alone", "/kpis", False, CONSOLE).slug
    for method in ("GET", "DELETE"):
        answers = [send(firm.browser(SELLERS[0]), Try(f"/api/v1/views/{view}", method)) for view in (private, "abcdefghijkl")]
        assert [answer.status_code for answer in answers] == [404, 404] and answers[0].text == answers[1].text
    assert firm.browser("boss").get(f"/api/v1/views/{private}").json()["name"] == "Mine alone"


@pytest.mark.parametrize("scope", ["questions", "records", "catalogue", "views"])
def test_a_token_opens_the_routes_of_its_scopes_only(firm: Firm, scope: str) -> None:
    with firm.state.change() as unit:
        _token, secret = unit.tokens.make(firm.ids["boss"], scope, [scope], 3, CONSOLE)
    opened, trying = set(), firm.trying(scope)
    for route, tries in ROUTES.items():
        method, address = tries(trying)[0].method, tries(trying)[0].address
        client = firm.browser(None)
        client.headers["authorization"] = f"Bearer {secret}"
        answer = send(client, Try(address, method))  # what it lacks is found wanting after the token
        if answer.status_code not in (401, 403) and not answer.headers.get("location", "").startswith("/sign-in") and route not in PUBLIC:
            opened.add(route.split(" ")[1].split("/")[3])
    more = {"questions": {"sql"}, "catalogue": {"kpis", "figures"}}.get(scope, set())
    assert opened == {scope, *more, "me", "freshness"}
