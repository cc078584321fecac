"""Leaderboards."""

from __future__ import annotations

import re
from typing import Any

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.visitor import Visitor
from web.conftest import Browse, plain, words

PERIOD = "period=2026-Q1"


def board(browse: Browse, demo: ServedWorkspace, query: str, visitor: Visitor | None = None) -> str:
    answer = browse(*([] if visitor is None else [visitor]), workspace=demo).get(f"/leaderboards?{PERIOD}&{query}")
    assert answer.status_code == 200
    return plain(answer.text)


def places(text: str) -> list[str]:
    """The rows of the board, without their marks."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    assert body
    return [words(row) for row in re.findall(r"<tr.*?</tr>", body[1], re.DOTALL)]


def answered(demo: ServedWorkspace, kpi: str, by: str, viewer: Viewer = EVERYTHING) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = demo.answer([{"kpi": kpi, "period": "2026-Q1", "by": [by], "as_of": "2026-05-20T09:02:00Z"}], viewer,
                                               figures=True)[0]["rows"]
    return rows


def a_rep(demo: ServedWorkspace, **more: Any) -> Visitor:
    rep = answered(demo, "quota_attainment", "rep")[0]["by"]["rep"]
    return Visitor("A rep", "rep", "rep", Viewer(rep), rep_id=rep, **more)


def test_attainment_leads_with_the_best_and_says_how_many_reached_their_quota(browse: Browse, demo: ServedWorkspace) -> None:
    rows = answered(demo, "quota_attainment", "rep")
    text = board(browse, demo, "")
    said = places(text)
    assert len(said) == len(rows) and said[0].startswith("1 ") and f"{max(r['value'] for r in rows) * 100:.1f}%" in said[0]
    assert f"{sum(r['value'] >= 1 for r in rows)} of {len(rows)} reached their quota" in text


def test_where_less_is_better_the_least_leads(browse: Browse, demo: ServedWorkspace) -> None:
    least = min((r for r in answered(demo, "lead_response_time", "rep") if r["value"] is not None), key=lambda r: r["value"])
    first = places(board(browse, demo, "kpi=lead_response_time"))[0]
    assert first.startswith("1 ") and f"{least['value']:.1f}" in first


def test_where_neither_is_better_nobody_has_a_rank(browse: Browse, demo: ServedWorkspace) -> None:
    text = board(browse, demo, "kpi=sales_cycle_length")
    assert ">Rank<" not in text and "best within the band" in text and places(text)


def test_differences_beyond_chance_are_marked(browse: Browse, demo: ServedWorkspace) -> None:
    answer = browse(workspace=demo).get("/leaderboards?period=2025&kpi=win_rate_decided").text
    assert 'class="differs better"' in answer and 'class="differs worse"' in answer


def test_a_kpi_that_nobody_has_gives_the_board_of_quotas(browse: Browse, demo: ServedWorkspace) -> None:
    assert "Bookings of quota" in board(browse, demo, "kpi=cost_per_lead")
    assert browse(workspace=demo).get("/leaderboards?kpi=luck").status_code == 404


def test_a_rep_sees_only_the_own_row(browse: Browse, demo: ServedWorkspace) -> None:
    assert len(places(board(browse, demo, "", a_rep(demo)))) == 1


def test_a_published_board_shows_all_rows_but_opens_only_the_own(browse: Browse, demo: ServedWorkspace) -> None:
    rep = a_rep(demo, team_totals=True)
    text = board(browse, demo, "f.team=Nowhere", rep)  # no filter can cut it so small that it tells on somebody
    assert len(places(text)) == len(answered(demo, "quota_attainment", "rep"))
    assert set(re.findall(r"/records\?[^\"]*f\.rep=(\w+)", text)) == {rep.rep_id}


def test_a_published_board_leaves_small_groups_out(browse: Browse, demo: ServedWorkspace) -> None:
    rows = answered(demo, "win_rate_decided", "team")
    smallest = max(row["n"] for row in rows)  # only the largest team has so many
    text = board(browse, demo, "kpi=win_rate_decided&by=team", a_rep(demo, team_totals=True, smallest_group=smallest))
    assert len(places(text)) < len(rows) and "too small to be shown" in text


def test_an_analyst_sees_no_names(browse: Browse, demo: ServedWorkspace) -> None:
    analyst = Visitor("An analyst", "analyst", "executive", EVERYTHING, nameless=True)
    names = {row["by"]["rep"] for row in answered(demo, "quota_attainment", "rep")}
    assert all(any(rep in place for rep in names) for place in places(board(browse, demo, "", analyst)))
