"""The role homes: what they say is what is answered, for whom, and what they say where there is nothing."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from starlette.testclient import TestClient

from salesgauge.demo import CURRENCY, TIMEZONE
from salesgauge.language import language
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.store.names import names_of
from salesgauge.web.app import create_app
from salesgauge.web.pages.homes.roles import HOMES, MEETINGS
from salesgauge.web.view import instant_text, page_instant
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW, Browse

AS_OF = instant_text(page_instant(NOW, NOW))
ENGLISH = language("en")
NBSP = "\u00a0"


def answered(demo: Workspace, kpi: str, viewer: Viewer = EVERYTHING, period: str = "2026-Q2", **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = demo.answer([{"kpi": kpi, "period": period, "as_of": AS_OF, **more}], viewer, figures=True)[0]["rows"]
    return rows


def text_of(page: str) -> str:
    """What a page says, without its marks, spaces as they are read."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)).replace(NBSP, " "))


def money(value: float) -> str:
    return ENGLISH.compact(value, CURRENCY).replace(NBSP, " ")


@pytest.fixture(scope="module")
def seller(demo: Workspace) -> str:
    """The rep with the most won deals of the quarter who has a quota."""
    with_quota = {row["by"]["rep"] for row in answered(demo, "quota", by=["rep"])}
    rows = [row for row in answered(demo, "wins", by=["rep"]) if row["by"]["rep"] in with_quota]
    return str(max(rows, key=lambda row: row["value"])["by"]["rep"])


@pytest.fixture(scope="module")
def team(demo: Workspace) -> str:
    """A team with a quota."""
    return str(answered(demo, "quota", by=["team"])[0]["by"]["team"])


def rep(rep_id: str, home: str = "rep") -> Visitor:
    return Visitor("A rep", "rep", home, Viewer(rep_id), rep_id)


def test_the_first_sentence_is_what_is_answered(browse: Browse, demo: Workspace) -> None:
    booked, quota = answered(demo, "bookings")[0]["value"], answered(demo, "quota")[0]["value"]
    said = text_of(browse().get("/").text)
    assert f"Booked {money(booked)}: {ENGLISH.percent(booked / quota, 0)} of the {money(quota)} quota." in said
    assert f"{money(quota - booked)} to go" in said


def test_a_filter_changes_the_sentence_and_is_kept_where_figures_are_opened(browse: Browse, demo: Workspace, team: str) -> None:
    booked = answered(demo, "bookings", where={"team": [team]})[0]["value"]
    page = browse().get("/", params={"f.team": team}).text
    assert f"Booked {money(booked)}:" in text_of(page)
    for figure in ("bookings", "quota", "commit", "pipeline_movement", "deal_changes", "losses"):
        links = re.findall(rf'href="(/figures/{figure}/records\?[^"]*)"', page)
        assert links and all(f"f.team={quote_plus(team)}" in link and "side=numerator" in link for link in links), figure


def test_a_quota_that_a_filter_cannot_apply_to_is_not_told(browse: Browse, demo: Workspace) -> None:
    product = answered(demo, "bookings", by=["product"])[0]["by"]["product"]
    booked = answered(demo, "bookings", where={"product": [product]})[0]["value"]
    said = text_of(browse().get("/", params={"f.product": product, "meeting": "forecast"}).text)
    assert f"Booked {money(booked)}. The quota cannot be told: does not have this dimension." in said


def test_the_waterfall_leads_from_the_opening_to_the_closing_pipeline(browse: Browse, demo: Workspace) -> None:
    rows = answered(demo, "pipeline_movement", by=["movement"])
    said = text_of(browse().get("/").text)
    closing = sum(row["value"] for row in rows)
    due = sum(row["value"] for row in answered(demo, "open_pipeline", by=["due"]) if row["by"]["due"] in ("overdue", "this_period"))
    assert closing == pytest.approx(due, rel=1e-9)
    opening = next(row for row in rows if row["by"]["movement"] == "opening")
    assert f"Opening {money(opening['value'])}" in said and f"Closing {money(closing)}" in said


def test_bookings_are_split_into_new_business_expansion_and_renewal(browse: Browse, demo: Workspace) -> None:
    by_kind = {row["by"]["kind"]: row["value"] for row in answered(demo, "bookings", by=["kind"])}
    expansion = by_kind.get("upsell", 0.0) + by_kind.get("cross_sell", 0.0)
    said = text_of(browse().get("/").text)
    assert f"New business {money(by_kind['new'])}" in said and f"Expansion {money(expansion)}" in said


def test_what_needs_attention_is_ranked_by_money(browse: Browse) -> None:
    page = browse().get("/").text
    stakes = [float(value) * {"": 1, "K": 1e3, "M": 1e6}[unit] for value, unit in re.findall(r'class="stake">€([\d.]+)([KM]?)<', page)]
    assert len(stakes) > 2 and stakes == sorted(stakes, reverse=True)


def test_a_rep_sees_their_own_figures_alone(browse: Browse, demo: Workspace, seller: str) -> None:
    booked = answered(demo, "bookings", Viewer(seller))[0]["value"]
    page = browse(rep(seller)).get("/").text
    assert f"Booked {money(booked)}:" in text_of(page)
    assert "leaderboard" not in re.findall(r'<h2 id="([^"]+)"', page)


def test_a_persons_home_is_what_they_see_themselves(browse: Browse, seller: str) -> None:
    own, looked_at = browse(rep(seller)).get("/").text, browse().get(f"/reps/{seller}/home").text
    lead = re.compile(r'<p class="lead">(.*?)</p>', re.S)
    assert lead.findall(own) == lead.findall(looked_at)


def test_a_team_is_looked_at_as_its_manager_would(browse: Browse, demo: Workspace, team: str) -> None:
    assert f'href="/teams/{quote(team)}?' in browse().get("/").text
    booked = answered(demo, "bookings", where={"team": [team]})[0]["value"]
    said = text_of(browse().get(f"/teams/{team}").text)
    assert f"Team {team}" in said and f"Booked {money(booked)}" in said and "Coaching hints" in said


@pytest.mark.parametrize("path", ["/teams/Nobody", "/reps/R999999/home", "/reps/%2e%2e/home"])
def test_whom_there_is_not_nobody_can_look_at(browse: Browse, path: str) -> None:
    assert browse().get(path).status_code == 404


def test_a_rep_can_look_neither_at_others_nor_at_a_team(browse: Browse, demo: Workspace, seller: str) -> None:
    other = next(row["by"]["rep"] for row in answered(demo, "quota", by=["rep"]) if row["by"]["rep"] != seller)
    team = next(row["by"]["team"] for row in answered(demo, "quota", Viewer(seller), by=["team"]))
    client = browse(rep(seller))
    assert [client.get(path).status_code for path in (f"/reps/{other}/home", f"/teams/{team}", f"/reps/{seller}/home")] == [404, 404, 200]


def test_a_manager_sees_their_reports_and_no_other_team(browse: Browse, demo: Workspace) -> None:
    managers = {row["by"]["manager"]: row["value"] for row in answered(demo, "quota", by=["manager"])}
    manager = max(managers, key=lambda key: managers[key])
    viewer = Viewer(manager, reports=True)
    seen = {row["by"]["team"] for row in answered(demo, "quota", viewer, "2025-01-01..2026-07-01", by=["team"])}
    client = browse(Visitor("A manager", "manager", "manager", viewer, manager))
    booked = answered(demo, "bookings", viewer)[0]["value"]
    assert f"Booked {money(booked)}:" in text_of(client.get("/?meeting=forecast").text)
    others = {row["by"]["team"] for row in answered(demo, "quota", period="2025-01-01..2026-07-01", by=["team"])} - seen - {None}
    assert others and client.get(f"/teams/{others.pop()}").status_code == 404


def test_who_may_not_see_names_sees_none(browse: Browse, demo: Workspace, seller: str) -> None:
    analyst = Visitor("An analyst", "analyst", "executive", EVERYTHING, nameless=True)
    ids = [row["by"]["rep"] for row in answered(demo, "quota", by=["rep"])]
    with demo.reading() as con:
        names = set(names_of(con, demo.generation(), "reps", ids).values())
    steps = {row["row"]["next_step"] for row in demo.records({"kpi": "closing_deals", "period": "2026-Q2", "as_of": AS_OF}, "numerator",
                                                              figures=True)["rows"]} - {None}
    named = text_of(browse().get("/?meeting=forecast").text)
    assert any(name in named for name in names) and any(step in named for step in steps)
    for path in ("/", "/?meeting=forecast", f"/reps/{seller}/home"):
        said = text_of(browse(analyst).get(path).text)
        assert not [name for name in names if name in said] and not [step for step in steps if step in said], path


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("code", ["zh-CN", "zh-TW", "ru"])
def test_each_home_speaks_each_language(browse: Browse, seller: str, home: str, code: str) -> None:
    visitor = EXECUTIVE if home == "executive" else rep(seller, home)
    answer = browse(visitor).get("/", headers={"accept-language": code})
    assert answer.status_code == 200 and language(code).message(f"home_title_{home}") in answer.text


@pytest.mark.parametrize(("home", "meeting"), [(role.name, meeting) for role in HOMES.values() for meeting in role.meetings])
def test_a_meeting_goes_through_its_panels_in_its_order(browse: Browse, seller: str, home: str, meeting: str) -> None:
    visitor = EXECUTIVE if home == "executive" else rep(seller, home)
    page = browse(visitor).get(f"/?meeting={meeting}").text
    shown = HOMES[home].shown(meeting)
    assert len(re.findall(r'<section class="(?:panel|group) full"|<section class="panel', page)) == len(shown) > 1
    assert list(shown) == [block for block in MEETINGS[meeting] if block in shown] and 'class="home meeting"' in page


def test_a_meeting_that_a_home_has_not_is_refused(browse: Browse) -> None:
    answer = browse().get("/?meeting=lunch")
    assert answer.status_code == 400 and "there are forecast, review" in text_of(answer.text)


def test_a_period_says_where_it_stands(browse: Browse, demo: Workspace) -> None:
    over = answered(demo, "bookings", period="2026-Q1")[0]["value"]
    past = text_of(browse().get("/?period=2026-Q1").text)
    assert f"Booked {money(over)}" in past and "workdays left" not in past and "to go" not in past
    assert "The period begins on 1 Jul 2026" in text_of(browse().get("/?period=2026-Q3").text)
    assert "There is no quota for this period." in text_of(browse().get("/?period=2015").text)


def test_without_activities_a_home_says_what_it_needs(browse: Browse, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "opportunities.csv").write_text(
        "opportunity_id,created_at,owner_id,stage,amount,currency,closed_at,outcome\n"
        f"D1,2026-04-02,R1,Won,1000,{CURRENCY},2026-04-20,won\nD2,2026-04-03,R1,Offer,500,{CURRENCY},,\n", encoding="utf-8")
    workspace = Workspace.create(tmp_path / "workspace", TIMEZONE, CURRENCY, {})
    workspace.load(files, now=datetime(2026, 5, 20, tzinfo=UTC))
    said = text_of(browse(workspace=workspace).get("/").text)
    assert "Booked €1K. The quota cannot be told: no data: needs quotas." in said
    assert "no data: needs activities" in said and "no data: needs survey_responses" in said


def test_a_home_is_written_once_for_each_visitor_address_language_and_look(demo: ServedWorkspace) -> None:
    looking = [EXECUTIVE]
    app = create_app(demo, who=lambda request: looking[-1], clock=lambda: NOW)
    client, pages = TestClient(app, base_url="http://localhost"), app.state.site.pages
    first = client.get("/?period=2026-Q1").text
    assert client.get("/?period=2026-Q1").text == first and len(pages) == 1
    assert client.get("/?period=2026-Q1", headers={"accept-language": "ru"}).text != first and len(pages) == 2
    client.cookies.set("theme", "dark")
    assert 'data-theme="dark"' in client.get("/?period=2026-Q1").text and len(pages) == 3
    looking.append(replace(EXECUTIVE, name="Somebody Else"))
    assert "Somebody Else" in client.get("/?period=2026-Q1").text and len(pages) == 4
