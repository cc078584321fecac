"""/api/v1: the answers are the workspace's, in pages, with tags and limits, and every error is problem+json."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from salesgauge.periods import GRAINS
from salesgauge.semantics.question import Viewer
from salesgauge.web.api.models import Grain
from salesgauge.web.api.rates import Rates
from salesgauge.web.app import create_app
from salesgauge.web.bounds import MOST_ADDRESS, MOST_BODY
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW, Browse

AS_OF = "2026-05-20T09:02:00Z"
QUESTION = "/api/v1/questions?kpi=win_rate&period=2026-Q1"
RECORDS = "/api/v1/records?kpi=win_rate&period=2026-Q1"


def token(*scopes: str) -> Visitor:
    return replace(EXECUTIVE, scopes=frozenset(scopes))


def problem(answer: Any) -> dict[str, Any]:
    """The problem that an answer tells, whole and in its form."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code and told["title"] and told["detail"] and "\n" not in told["detail"]
    return told


def limited(demo: Workspace, visitor: Visitor | None, **limits: int) -> TestClient:
    app = create_app(demo, who=lambda request: visitor, clock=lambda: NOW, rates=Rates(**limits))
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


# Questions

def test_an_answer_is_that_of_the_workspace_as_of_the_present(browse: Browse, demo: Workspace) -> None:
    question = {"kpi": "win_rate", "period": "2026-Q1", "by": ["team"], "where": {"channel": ["outbound", None]}, "grain": "month"}
    expected = demo.answer([{**question, "as_of": AS_OF}])
    asked = browse().get("/api/v1/questions?kpi=win_rate&period=2026-Q1&by=team&where=channel=outbound&where=channel=&grain=month")
    assert asked.json() == {"results": expected} and len(expected[0]["rows"]) > 5
    assert browse().post("/api/v1/questions", json=question).json() == {"results": expected}
    assert browse().post("/api/v1/questions", json=[question]).json() == {"results": expected}


def test_what_may_be_approximate_says_how_near_it_is(browse: Browse) -> None:
    asked = "/api/v1/questions?kpi=sales_cycle_length&period=2026-Q1"
    [row] = browse().get(f"{asked}&approximate=true").json()["results"][0]["rows"]
    assert row == browse().get(asked).json()["results"][0]["rows"][0] | {"median_error": 0.0, "p90_error": 0.0}
    question = {"kpi": "sales_cycle_length", "period": "2026-Q1", "approximate": True}
    assert browse().post("/api/v1/questions", json=question).json()["results"][0]["rows"] == [row]
    assert browse().post("/api/v1/questions", json=question | {"approximate": "somewhat"}).status_code == 422


def test_a_batch_answers_what_it_can(browse: Browse) -> None:
    results = browse().post("/api/v1/questions", json=[
        {"kpi": "win_rat", "period": "2026"}, {"kpi": "bookings", "period": "2026-Q1", "as_of": "2026-02-01"},
        {"kpi": "win_rate", "period": "soon"}]).json()["results"]
    assert [each.get("error", {}).get("code") for each in results] == ["unknown_kpi", None, "bad_period"]
    assert results[1]["as_of"] == "2026-02-01" and results[1]["currency"] == "EUR"


def test_nobody_sees_the_future(browse: Browse) -> None:
    assert browse().get(f"{QUESTION}&as_of=2027-01-01").json() == browse().get(QUESTION).json()


def test_a_viewer_gets_their_own_rows(browse: Browse, demo: Workspace) -> None:
    rep = Visitor("Rep", "rep", "rep", Viewer("R000017"), rep_id="R000017")
    expected = demo.answer([{"kpi": "win_rate", "period": "2026-Q1", "as_of": AS_OF}], Viewer("R000017"))
    assert browse(rep).get(QUESTION).json()["results"] == expected
    records = browse(rep).get(RECORDS).json()
    assert records["total"] == expected[0]["rows"][0]["numerator"]
    assert {row["row"]["owner_id"] for row in records["rows"]} <= {"R000017"}


def test_names_are_told_where_they_are_wanted_and_may_be(browse: Browse) -> None:
    asked = f"{QUESTION}&by=rep&names=true"
    names = browse().get(asked).json()["names"]["rep"]
    assert names["R000010"] == "Jonas Fuchs"
    assert "rep" not in browse(replace(EXECUTIVE, role="analyst", nameless=True)).get(asked).json()["names"]


def test_the_grains_are_those_of_questions() -> None:
    assert tuple(grain.value for grain in Grain) == GRAINS


@pytest.mark.parametrize(("address", "status", "code", "said"), [
    ("questions?kpi=win_rat&period=2026", 404, "unknown_kpi", "the nearest: win_rate"),
    ("questions?kpi=win_rate&period=soon", 400, "bad_period", "2025-Q1"),
    ("questions?kpi=win_rate&period=2026&by=shoe", 400, "bad_dimension", "it has: rep"),
    ("questions?kpi=win_rate&period=2026&where=team", 400, "bad_query", "DIMENSION=VALUE"),
    ("questions?kpi=win_rate&period=2026&as_of=soon", 400, "bad_query", "soon"),
    ("questions?kpi=win_rate&period=1900-01-01..2100-01-01&grain=day", 400, "too_much", "1500"),
    ("questions?kpi=win_rate", 422, "unreadable", "query.period"),
    ("questions?kpi=win_rate&period=2026&grain=hour", 422, "unreadable", "query.grain"),
    ("records?kpi=revenue&period=2026&side=denominator", 400, "bad_query", "numerator"),
    ("records?kpi=win_rate&period=2026&sort=amout", 400, "bad_query", "amount"),
    ("records?kpi=win_rate&period=2026&limit=501", 422, "unreadable", "query.limit"),
    ("records?kpi=win_rate&period=2026&cursor=x", 400, "bad_query", "next"),
    ("records?kpi=win_rate&period=2026&cursor=50.0123456789abcdef", 409, "cursor", "begin again"),
    ("kpis/win_rat", 404, "unknown_kpi", "win_rate"), ("nothing", 404, "not_found", "/api/v1/nothing")])
def test_an_error_says_what_would_be_right(browse: Browse, address: str, status: int, code: str, said: str) -> None:
    answer = browse().get(f"/api/v1/{address}")
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (status, code) and said in told["detail"]
    if status == 422:
        assert said in [each["field"] for each in told["errors"]]


def test_what_is_no_question_is_refused_with_its_field(browse: Browse) -> None:
    client = browse()
    wrong = problem(client.post("/api/v1/questions", json=[{"kpi": "win_rate", "period": "2026", "colour": 1}]))
    assert any(each["field"].endswith("0.colour") for each in wrong["errors"])
    assert problem(client.post("/api/v1/questions", content="{", headers={"content-type": "application/json"}))["status"] == 422
    assert problem(client.post("/api/v1/questions", json=[{"kpi": "win_rate", "period": "2026"}] * 101))["status"] == 422
    assert problem(client.delete("/api/v1/questions"))["code"] == "method"


def test_what_is_too_long_is_refused(browse: Browse) -> None:
    def in_pieces() -> Any:
        for _ in range(MOST_BODY // 1024 + 1):
            yield b" " * 1024
    for body in (b" " * (MOST_BODY + 1), in_pieces()):
        assert problem(browse().post("/api/v1/questions", content=body, headers={"content-type": "application/json"}))["status"] == 413
    assert problem(browse().get(f"{QUESTION}&where=team={'x' * MOST_ADDRESS}"))["status"] == 414


def test_a_workspace_without_data_says_so(browse: Browse, empty: Workspace) -> None:
    assert problem(browse(workspace=empty).get(QUESTION))["status"] == 503


# Records

def test_the_pages_of_records_are_the_records(browse: Browse, demo: Workspace) -> None:
    client, address, met, pages = browse(), f"{RECORDS}&limit=30", list[dict[str, Any]](), 0
    while address:
        answer = client.get(address)
        page = answer.json()
        met, pages = met + page["rows"], pages + 1
        assert ("link" in answer.headers) == (page["next"] is not None)
        address = answer.headers["link"].removeprefix("<").partition(">")[0] if page["next"] else ""
    whole = demo.records({"kpi": "win_rate", "period": "2026-Q1", "as_of": AS_OF}, "numerator")
    assert pages == 3 and [row["id"] for row in met] == [row["id"] for row in whole["rows"]]
    assert page["count"] == len(met) and page["total"] == sum(row["contribution"] for row in met) == whole["total"]


def test_records_are_sorted_and_searched(browse: Browse) -> None:
    rows = browse().get(f"{RECORDS}&sort=amount&descending=true&limit=500").json()["rows"]
    amounts = [row["row"]["amount"] for row in rows]
    filled = [amount for amount in amounts if amount is not None]
    assert filled == sorted(filled, reverse=True) and amounts[:len(filled)] == filled and len(filled) > 10
    one = rows[0]["id"]
    found = browse().get(f"{RECORDS}&search={one.lower()}").json()
    assert (found["matching"], [row["id"] for row in found["rows"]]) == (1, [one]) and found["total"] == found["count"] > 1


def test_a_cursor_is_good_for_its_own_question_and_caller_only(browse: Browse) -> None:
    following = browse().get(f"{RECORDS}&limit=5").headers["link"].removeprefix("<").partition(">")[0]
    assert browse().get(following).status_code == 200
    assert browse().get(following.replace("win_rate", "win_rate_decided")).status_code == 409
    assert browse(Visitor("Rep", "rep", "rep", Viewer("R000017"))).get(following).status_code == 409


def test_an_analyst_sees_no_names_in_rows_nor_by_searching_them(browse: Browse) -> None:
    asked = "/api/v1/records?kpi=rep_retention_rate&period=2026-Q1&side=denominator&limit=500"
    known = browse().get(asked).json()
    name = known["rows"][0]["row"]["name"]
    analyst = browse(replace(EXECUTIVE, role="analyst", nameless=True))
    nameless = analyst.get(asked)
    assert nameless.json()["count"] == known["count"] and not {"name", "email"} & set(nameless.json()["columns"])
    assert not [row for row in known["rows"] if row["row"]["name"] in nameless.text]
    assert [client.get(f"{asked}&search={name}").json()["matching"] for client in (browse(), analyst)] == [1, 0]
    assert analyst.get(f"{asked}&sort=name").status_code == 400


# Catalogue, figures, me, freshness

def test_the_catalogue_speaks_the_language_that_is_asked_for(browse: Browse, demo: Workspace) -> None:
    assert [kpi["id"] for kpi in browse().get("/api/v1/catalogue").json()["kpis"]] == list(demo.catalogue)
    russian = browse(replace(EXECUTIVE, language="en")).get("/api/v1/kpis/win_rate", headers={"accept-language": "ru"})
    assert russian.json()["name"] == "Доля выигранных сделок" and "Accept-Language" in russian.headers["vary"]
    assert [each["id"] for each in browse().get("/api/v1/figures").json()["figures"]] == list(demo.figures)


def test_the_sql_is_that_of_the_viewer(browse: Browse) -> None:
    asked = "/api/v1/sql?kpi=win_rate&period=2026"
    assert "oversight" not in browse().get(asked).json()["sql"]["question"]
    assert "oversight" in browse(Visitor("Rep", "rep", "rep", Viewer("R000017"))).get(asked).json()["sql"]["question"]


def test_one_is_told_who_one_is(browse: Browse) -> None:
    told = browse(Visitor("Ada", "manager", "manager", Viewer("R1", True), rep_id="R1", scopes=frozenset(("records",)))).get("/api/v1/me")
    assert told.json() == {"name": "Ada", "role": "manager", "home": "manager", "language": "en", "rep_id": "R1", "sees": "reports",
                           "persons_named": True, "scopes": ["records"]}


def test_freshness_counts_nothing(browse: Browse, demo: Workspace) -> None:
    told = browse().get("/api/v1/freshness").json()
    assert (told["generation"], told["last_day"], told["loaded_at"]) == (demo.generation().name, "2026-05-20", "2026-05-20T09:02:00Z")


# Who may

@pytest.mark.parametrize(("address", "scope"), [
    (QUESTION, "questions"),
    ("/api/v1/sql?kpi=win_rate&period=2026", "questions"), (RECORDS, "records"), ("/api/v1/catalogue", "catalogue"),
    ("/api/v1/kpis/win_rate", "catalogue"), ("/api/v1/figures", "catalogue")])
def test_a_token_is_good_for_its_scopes_only(browse: Browse, address: str, scope: str) -> None:
    assert browse(token(scope)).get(address).status_code == 200
    others = {"questions", "records", "catalogue", "views"} - {scope}
    refused = browse(token(*others)).get(address)
    assert refused.status_code == 403 and problem(refused)["code"] == "scope" and f"needs the scope {scope}" in refused.text
    assert f'scope="{scope}"' in refused.headers["www-authenticate"]
    assert browse(token()).get("/api/v1/me").status_code == 200


def test_a_stranger_is_told_to_come_with_a_token(browse: Browse) -> None:
    for address in (QUESTION, RECORDS, "/api/v1/catalogue", "/api/v1/kpis/nothing", "/api/v1/me", "/api/v1/freshness"):
        answer = browse(None).get(address)
        assert problem(answer)["status"] == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert browse(None).get("/api/v1/openapi.json").status_code == 200


def test_another_site_cannot_ask_through_a_browser(browse: Browse) -> None:
    assert problem(browse().post("/api/v1/questions", json=[], headers={"sec-fetch-site": "cross-site"}))["code"] == "cross_site"


# Tags and limits

def test_who_holds_the_answer_is_told_so(browse: Browse) -> None:
    for address in (QUESTION, RECORDS, "/api/v1/catalogue", "/api/v1/kpis/win_rate", "/api/v1/figures", "/api/v1/me", "/api/v1/freshness"):
        first = browse().get(address)
        held = first.headers["etag"]
        again = browse().get(address, headers={"if-none-match": f'"other", {held}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", held), address
        assert first.headers["cache-control"] == "private, no-cache" and not held.startswith("W/")


def test_tags_differ_by_question_viewer_names_language_and_coding(browse: Browse) -> None:
    rep, analyst = Visitor("Rep", "rep", "rep", Viewer("R000017")), replace(EXECUTIVE, nameless=True)
    any_tag = {"if-none-match": "*"}  # told the tag, without the answer

    def tag_of(address: str, visitor: Visitor = EXECUTIVE, **headers: str) -> str:
        return browse(visitor).get(address, headers={**any_tag, **{k.replace("_", "-"): v for k, v in headers.items()}}).headers["etag"]
    tags = [tag_of(QUESTION), tag_of(f"{QUESTION}&by=team"), tag_of(f"{QUESTION}&names=true"), tag_of(f"{QUESTION}&as_of=2026-04-01"),
            tag_of(QUESTION, rep), tag_of(QUESTION, analyst), tag_of(QUESTION, accept_language="ru"),
            tag_of(QUESTION, accept_encoding="identity")]
    assert len(set(tags)) == len(tags)


def test_who_asks_too_much_waits(demo: Workspace) -> None:
    client = limited(demo, EXECUTIVE, a_minute=5)
    left = [client.get("/api/v1/me").headers["ratelimit-remaining"] for _ in range(2)]
    assert left == ["4", "3"]
    several = [{"kpi": "win_rat", "period": "2026"}] * 4
    refused = client.post("/api/v1/questions", json=several)  # one request, three questions more: two are left
    assert problem(refused)["code"] == "too_many" and 1 <= int(refused.headers["retry-after"]) <= 60
    assert client.post("/api/v1/questions", json=several[:2]).status_code == 200
    assert client.get("/api/v1/me").status_code == 429
    assert client.get("/api/v1/me", headers={"authorization": "Bearer sg_another"}).status_code == 200  # each token has its own


def test_a_stranger_who_tries_too_often_waits(demo: Workspace) -> None:
    client = limited(demo, None, strangers_a_minute=2)
    assert [client.get("/api/v1/me").status_code for _ in range(3)] == [401, 401, 429]


# The description

def test_the_description_has_examples_and_words_for_everything(browse: Browse) -> None:
    told = browse(None).get("/api/v1/openapi.json").json()
    for path, several in told["paths"].items():
        for method, operation in several.items():
            assert operation["description"] and operation["tags"], (method, path)
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description") or parameter["schema"].get("description"), (path, parameter["name"])
            assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys()
    query = told["components"]["schemas"]["Query"]
    assert json.dumps(query["examples"]) and "HTTPValidationError" not in told["components"]["schemas"]
