"""KPIs beside their targets: on cards, in definitions, in the interface for programs."""

from __future__ import annotations

import pytest

from salesgauge.goals import Target
from salesgauge.goals.target import Wanted
from salesgauge.semantics.question import Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.visitor import Visitor
from web.conftest import Browse, words

TARGETS = {
    "new_opportunities": Target("new_opportunities", "month", Wanted(100, None), Wanted(4, None), {"DACH Sales": Wanted(30, None)}),
    "win_rate": Target("win_rate", None, Wanted(0.01, None)),
    "close_rate": Target("close_rate", None, Wanted(0.99, None)),
    "discount_rate": Target("discount_rate", None, Wanted(0.9, 0.95))}


@pytest.fixture(autouse=True)
def wanted(demo: ServedWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "targets", TARGETS)


def card(text: str, kpi: str) -> str:
    return text.split(f'id="card-{kpi}">')[1].split("</article>")[0]


def test_what_adds_up_stands_beside_the_target_of_its_months(browse: Browse, demo: ServedWorkspace) -> None:
    value = demo.answer([{"kpi": "new_opportunities", "period": "2026-Q1"}])[0]["rows"][0]["value"]
    shown = card(browse().get("/kpis/new_opportunities?period=2026-Q1").text, "new_opportunities")
    assert f"{value / 300:.0%} of 300" in words(shown)
    assert '<svg class="bullet"' in shown and 'class="pace"' not in shown


def test_while_the_period_runs_a_mark_shows_the_steady_pace(browse: Browse) -> None:
    assert 'class="pace"' in card(browse().get("/kpis/new_opportunities?period=2026-Q2").text, "new_opportunities")


@pytest.mark.parametrize("query", ["period=2026-W10", "period=2026-Q1&f.channel=outbound", "period=2026-Q1&f.team=Field",
                                   "period=2026-Q1&f.rep=R001&f.rep=R002", "period=2026-Q1&f.team=DACH Sales&f.rep=R001"])
def test_rows_and_periods_that_no_target_is_for_have_none(browse: Browse, query: str) -> None:
    assert "svg class=\"bullet\"" not in card(browse().get(f"/kpis/new_opportunities?{query}").text, "new_opportunities")


def test_a_team_has_its_own(browse: Browse) -> None:
    assert "of 90" in words(card(browse().get("/kpis/new_opportunities?period=2026-Q1&f.team=DACH Sales").text, "new_opportunities"))


def test_a_rep_has_each_reps_target_on_their_own_pages_and_on_those_that_others_open(browse: Browse, demo: ServedWorkspace) -> None:
    rows = demo.answer([{"kpi": "new_opportunities", "period": "2026-Q1", "by": ["rep"]}])[0]["rows"]
    rep = max(rows, key=lambda row: row["value"])["by"]["rep"]
    own = Visitor("Rep", "rep", "rep", Viewer(rep), rep)
    for client, address in ((browse(own), "/?period=2026-Q1"), (browse(own), "/kpis/new_opportunities?period=2026-Q1"),
                            (browse(), f"/reps/{rep}/home?period=2026-Q1")):
        assert "of 12" in words(card(client.get(address).text, "new_opportunities"))


def test_who_sees_some_rows_of_a_team_is_not_told_its_target_beside_them(browse: Browse, demo: ServedWorkspace) -> None:
    rows = demo.answer([{"kpi": "quota", "period": "2026-Q1", "by": ["manager"]}], figures=True)[0]["rows"]
    manager = next(row["by"]["manager"] for row in rows if row["by"]["manager"])
    client = browse(Visitor("Manager", "manager", "manager", Viewer(manager, reports=True), manager))
    for query in ("period=2026-Q1", "period=2026-Q1&f.team=DACH Sales"):
        assert "svg class=\"bullet\"" not in card(client.get(f"/kpis/new_opportunities?{query}").text, "new_opportunities")


@pytest.mark.parametrize(("kpi", "said"), [("win_rate", "on target (at least 1.0%)"), ("close_rate", "off target (at least 99.0%)"),
                                           ("discount_rate", "off target (90.0% to 95.0%)")])
def test_a_level_stands_on_a_scale_with_the_band_that_is_on_target(browse: Browse, kpi: str, said: str) -> None:
    shown = card(browse().get(f"/kpis/{kpi}?period=2026-Q1").text, kpi)
    assert said in words(shown) and '<svg class="scale"' in shown and 'class="band"' in shown


def test_the_definition_tells_all_of_them(browse: Browse) -> None:
    text = words(browse().get("/kpis/new_opportunities?period=2026-Q1").text)
    assert "Target Month: company: at least 100; each rep: at least 4; DACH Sales: at least 30" in text


def test_a_program_gets_them_with_the_definition(browse: Browse) -> None:
    client = browse()
    assert client.get("/api/v1/kpis/new_opportunities").json()["target"] == {
        "per": "month", "company": {"low": 100, "high": None}, "rep": {"low": 4, "high": None},
        "teams": {"DACH Sales": {"low": 30, "high": None}}}
    assert client.get("/api/v1/kpis/revenue").json()["target"] is None
