"""Who asks: by session or token, within its scopes, and what is not for them."""

from __future__ import annotations

import pytest
from fastapi import Request

from salesgauge.state import Role, Scope
from salesgauge.web.access import Guard, record
from salesgauge.web.visitor import Visitor
from state.world import CONSOLE
from web.access.conftest import House, every_route


def token(house: House, scopes: list[str], email: str = "ann@example.org") -> dict[str, str]:
    """The header of a new token of somebody."""
    with house.world.state.change() as unit:
        secret = unit.tokens.make(unit.accounts.known(email).id, "Sheet", scopes, 30, CONSOLE)[1]
    return {"authorization": f"Bearer {secret}"}


def test_a_token_asks_as_its_person_within_its_scopes(house: House) -> None:
    house.world.person(role=Role.REP, rep_id="R1")
    headers = token(house, ["questions", "views"])
    browser = house.browser()
    assert browser.get("/api/asked", headers=headers).json() == {"name": "Ann", "rows": "own"}
    assert browser.get("/api/v1/me", headers=headers).json()["scopes"] == ["questions", "views"]
    refused = browser.get("/api/v1/records?kpi=win_rate", headers=headers)
    assert refused.status_code == 403 and refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "scope" and "records" in refused.json()["detail"]


@pytest.mark.parametrize("scope", list(Scope))
def test_every_part_of_the_interface_is_closed_to_a_token_of_another_scope(house: House, scope: Scope) -> None:
    house.world.person()
    headers = token(house, [scope])
    of_scope = {"questions": ("/questions", "/sql"), "records": ("/records",), "catalogue": ("/catalogue", "/kpis", "/figures"),
                "views": ("/views",)}[scope]
    to_all = ("/me", "/freshness", "/openapi.json")
    for method, path in every_route(house.app, "/api/v1"):
        status = house.browser().request(method, path, headers=headers, json={}).status_code
        assert (status != 403) == path.removeprefix("/api/v1").startswith(of_scope + to_all), (method, path, status)


def test_a_token_opens_no_page(house: House) -> None:
    house.world.person(administers=True)
    headers = token(house, ["questions", "records", "catalogue", "views"])
    for path in ("/", "/account", "/administration/people"):
        assert house.browser().get(path, headers=headers).status_code == 303


@pytest.mark.parametrize("header", ["Bearer sg_nonsense", "Bearer ", "Bearer \xff", "bearer sg_x y", "Basic YTpi", "sg_x"])
def test_what_is_no_token_is_nobody(house: House, header: str) -> None:
    house.world.person()
    answer = house.browser().get("/api/asked", headers=[(b"authorization", header.encode("latin-1"))])
    assert answer.json() == {"name": None, "rows": None}


def test_a_wrong_token_is_not_helped_by_a_session(house: House) -> None:
    house.world.person()
    browser = house.signed_in()
    assert browser.get("/api/asked").json()["name"] == "Ann"
    assert browser.get("/api/asked", headers={"authorization": "Bearer sg_nonsense"}).json()["name"] is None


def test_who_is_deactivated_is_out_with_session_and_token_at_once(house: House) -> None:
    house.world.person("root@example.org", administers=True)
    ann = house.world.person()
    browser, headers = house.signed_in(), token(house, ["questions"])
    with house.world.state.change() as unit:
        unit.accounts.deactivate(ann.id, CONSOLE)
    assert browser.get("/").status_code == 303
    assert house.browser().get("/api/asked", headers=headers).json()["name"] is None


def test_an_administrator_without_another_role_sees_people_but_no_figures(house: House) -> None:
    house.world.person(role=Role.ADMINISTRATOR)
    browser = house.signed_in()
    assert browser.get("/").headers["location"] == "/administration/people"
    for path in ("/kpis", "/kpis/win_rate", "/api/asked"):
        refused = browser.get(path)
        assert refused.status_code == 403 and "no figures" in refused.text
    assert browser.get("/administration/log").status_code == 200
    assert house.browser().get("/api/asked", headers=token(house, ["questions"])).status_code == 403


@pytest.mark.parametrize(("role", "shape"), [(Role.EXECUTIVE, "everything"), (Role.ANALYST, "everything"), (Role.MANAGER, "reports"),
                                             (Role.REP, "own")])
def test_whose_rows_a_session_sees_follows_from_the_role(house: House, role: Role, shape: str) -> None:
    house.world.person(role=role, rep_id="R1")
    assert house.signed_in().get("/api/asked").json()["rows"] == shape


def test_the_home_of_a_rep_is_that_of_their_role_unless_they_chose_another(house: House) -> None:
    guard: Guard = house.app.state.guard
    by_role = {rep.role: rep.id for rep in guard.reps.all().values()}
    assert {"ae", "sdr"} <= set(by_role)
    for number, (role, home) in enumerate({"ae": "rep", "sdr": "sdr", "am": "am", "field": "field", "manager": "rep"}.items()):
        if role in by_role:
            rep = house.world.person(f"p{number}@example.org", Role.REP, by_role[role])
            assert guard.home(rep) == home
    with house.world.state.change() as unit:
        chosen = unit.accounts.set_preferences(unit.accounts.known("p0@example.org").id, CONSOLE, home="field")
    assert guard.home(chosen) == "field"
    assert guard.home(house.world.person("boss@example.org", Role.MANAGER, by_role["ae"])) == "manager"
    assert guard.home(house.world.person()) == "executive"


def test_what_is_chosen_in_the_menu_is_kept_for_the_person(house: House) -> None:
    house.world.person()
    browser = house.signed_in()
    browser.post("/preferences", data={"language": "ru", "theme": "dark", "next": "/"})
    other = house.signed_in()
    assert '<html lang="ru" data-theme="dark">' in other.get("/kpis").text


def test_what_a_visitor_saw_is_written_into_the_log(house: House) -> None:
    ann = house.world.person()

    @house.app.get("/saw")
    def saw(request: Request) -> None:
        visitor: Visitor = request.app.state.site.who(request)
        record(request, visitor, "records_view", "kpi:win_rate", rows=12)
    assert house.signed_in().get("/saw").status_code == 200
    with house.world.state.look() as unit:
        line = unit.audit.page(action="records_view").entries[0]
    assert (line.person_id, line.subject, line.detail, line.address) == (ann.id, "kpi:win_rate", {"rows": 12}, "192.0.2.1")


@pytest.mark.parametrize(("role", "allowed"), [(Role.EXECUTIVE, False), (Role.MANAGER, True), (Role.REP, True), (Role.ANALYST, False)])
def test_the_rules_of_team_totals_go_along_with_those_whom_they_are_about(house: House, role: Role, allowed: bool) -> None:
    house.world.person(role=role, rep_id="R1")
    seen: list[Visitor] = []

    @house.app.get("/seen")
    def see(request: Request) -> None:
        seen.append(request.app.state.site.who(request))
    browser = house.signed_in()
    browser.get("/seen")
    with house.world.state.change() as unit:
        unit.rules.change({"team_totals": True, "smallest_group": 9}, CONSOLE)
    browser.get("/seen")
    assert [(visitor.team_totals, visitor.smallest_group) for visitor in seen] == [(False, 5), (allowed, 9)]
