"""The page of a record: what it says, what happened to it, where it counts; and what is found by name."""

from __future__ import annotations

import pytest

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.visitor import Visitor
from web.conftest import Browse, words

WON = {"kpi": "win_rate_decided", "period": "2026-Q1", "as_of": "2026-05-20T09:02:00Z"}
PERIOD = "period=2026-Q1"


def name_of(demo: ServedWorkspace, table: str, key: str) -> str:
    row = demo.record(table, key)
    assert row is not None
    return str(row["name"])


@pytest.fixture(scope="module")
def deal(demo: ServedWorkspace) -> dict[str, str]:
    """A deal that was won in the first quarter: its row."""
    row: dict[str, str] = demo.records_page(WON, "numerator", limit=1).rows[0]["row"]
    return row


def test_a_deal_tells_what_is_recorded_and_what_happened(browse: Browse, demo: ServedWorkspace, deal: dict[str, str]) -> None:
    text = browse().get(f"/records/opportunities/{deal['opportunity_id']}").text
    said = words(text)
    told = demo.timeline("opportunities", deal["opportunity_id"], EVERYTHING, WON["as_of"])
    assert told is not None and f"What happened: {told.count} event" in said
    assert name_of(demo, "accounts", deal["account_id"]) in said
    oldest = words(browse().get(f"/records/opportunities/{deal['opportunity_id']}?from={max(0, told.count - 50)}").text)
    assert "Deal created" in oldest


def test_a_deal_says_which_kpis_it_counts_in(browse: Browse, deal: dict[str, str]) -> None:
    address = f"/records/opportunities/{deal['opportunity_id']}?{PERIOD}"
    assert "Show the KPIs that it counts in" in browse().get(address).text
    text = browse().get(f"{address}&part=kpis").text
    assert f'href="/kpis/win_rate_decided/records?{PERIOD}&amp;side=numerator"' in text
    assert "It counts in no KPI" in browse().get(f"/records/opportunities/{deal['opportunity_id']}?period=2020&part=kpis").text


def test_a_record_that_is_absent_and_one_of_others_look_alike(browse: Browse, demo: ServedWorkspace, deal: dict[str, str]) -> None:
    other = next(row["by"]["rep"] for row in demo.answer([{**WON, "by": ["rep"]}])[0]["rows"] if row["by"]["rep"] != deal["owner_id"])
    stranger = browse(Visitor("Somebody", "rep", "rep", Viewer(other), other))
    hidden = stranger.get(f"/records/opportunities/{deal['opportunity_id']}")
    absent = stranger.get("/records/opportunities/nothing")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.text.replace(deal["opportunity_id"], "nothing") == absent.text
    assert stranger.get("/records/nothing/nothing").status_code == 404
    owner = browse(Visitor("Owner", "rep", "rep", Viewer(deal["owner_id"]), deal["owner_id"]))
    assert owner.get(f"/records/opportunities/{deal['opportunity_id']}").status_code == 200


def test_a_deal_as_of_a_day_before_it_was_created_is_not_there(browse: Browse, deal: dict[str, str]) -> None:
    assert browse().get(f"/records/opportunities/{deal['opportunity_id']}?as_of=2020-01-01").status_code == 404


def test_an_analyst_sees_no_names_of_persons(browse: Browse, demo: ServedWorkspace, deal: dict[str, str]) -> None:
    analyst = browse(Visitor("Analyst", "analyst", "executive", EVERYTHING, nameless=True))
    name = name_of(demo, "reps", deal["owner_id"])
    for path in (f"/records/opportunities/{deal['opportunity_id']}", f"/records/reps/{deal['owner_id']}", f"/find?q={deal['owner_id']}"):
        text = analyst.get(path).text
        assert name not in text and deal["owner_id"] in text
        assert name in browse().get(path).text
    assert "nothing was found" in words(analyst.get(f"/find?q={name}").text).casefold()


def test_a_timeline_is_read_in_pages(browse: Browse, deal: dict[str, str]) -> None:
    first = browse().get(f"/records/reps/{deal['owner_id']}").text
    assert first.count("<time>") == 50 and "from=50" in first and "Later events" not in first
    assert "Later events" in browse().get(f"/records/reps/{deal['owner_id']}?from=50").text
    wrong = browse().get(f"/records/reps/{deal['owner_id']}?from=soon")
    assert wrong.status_code == 400 and "from is a whole number" in wrong.text


def test_pages_kpis_teams_reps_and_accounts_are_found_by_name(browse: Browse, demo: ServedWorkspace, deal: dict[str, str]) -> None:
    assert "/pipeline" in browse().get("/find?q=pipe").text
    assert 'href="/kpis/win_rate' in browse().get("/find?q=win").text
    account = name_of(demo, "accounts", deal["account_id"])
    assert f"/records/accounts/{deal['account_id']}" in browse().get("/find", params={"q": account}).text
    team = demo.answer([{**WON, "by": ["team"]}])[0]["rows"][0]["by"]["team"]
    assert "/teams/" in browse().get("/find", params={"q": team}).text


def test_a_rep_finds_no_other_rep(browse: Browse, demo: ServedWorkspace, deal: dict[str, str]) -> None:
    mine = browse(Visitor("Owner", "rep", "rep", Viewer(deal["owner_id"]), deal["owner_id"]))
    found = mine.get("/find?q=R0").text
    assert f"/records/reps/{deal['owner_id']}" in found and found.count("/records/reps/") == 1


def test_the_palette_gets_the_part_without_the_frame(browse: Browse) -> None:
    part = browse().get("/find?q=win&part=1").text
    assert "<html" not in part and "data-found" in part
