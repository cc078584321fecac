"""The records behind a figure, as a page."""

from __future__ import annotations

import re
from html import unescape
from itertools import chain
from typing import Any

import pytest

from salesgauge.language import language
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import Browse
from web.test_kpi_page import AS_OF, rows_of

EN = language("en")
ANALYST = Visitor("A", "analyst", "executive", EVERYTHING, nameless=True)


def asked(kpi: str, period: str = "2026-Q1", **more: Any) -> dict[str, Any]:
    return {"kpi": kpi, "period": period, "as_of": AS_OF, **more}


@pytest.mark.parametrize(("kpi", "side"), [("win_rate", "numerator"), ("win_rate", "denominator"), ("new_leads", "numerator")])
def test_the_pages_hold_all_records_and_their_total_is_the_number(browse: Browse, demo: Workspace, kpi: str, side: str) -> None:
    found, client = demo.records(asked(kpi), side), browse()
    number = demo.answer([asked(kpi)])[0]["rows"][0][side]
    path, pages = f"/kpis/{kpi}/records?period=2026-Q1&side={side}", []
    first = client.get(path).text
    assert f"<strong>{EN.number(number)}</strong>" in first
    for start in range(0, len(found["rows"]), 50):
        pages.append([row[0] for row in rows_of(client.get(f"{path}&from={start}").text, "listed")])
    assert list(chain.from_iterable(pages)) == [row["id"] for row in found["rows"]]


def test_a_filter_of_the_page_it_came_from_is_kept(browse: Browse, demo: Workspace) -> None:
    found = demo.records(asked("win_rate", where={"team": ["Sales DACH"]}), "numerator")["rows"]
    text = browse().get("/kpis/win_rate/records?period=2026-Q1&f.team=Sales+DACH").text
    assert [row[0] for row in rows_of(text, "listed")] == [row["id"] for row in found[:50]]


def test_a_figure_opens_like_a_kpi(browse: Browse, demo: Workspace) -> None:
    found = demo.records(asked("open_deals", "2026-Q2"), "numerator", figures=True)["rows"]
    text = browse().get("/figures/open_deals/records?period=2026-Q2").text
    assert [row[0] for row in rows_of(text, "listed")] == [row["id"] for row in found[:50]]
    assert "How a contribution came about: Account, Stage" in text


def test_records_are_sorted_by_what_the_address_names(browse: Browse, demo: Workspace) -> None:
    amounts = [row["row"]["amount"] for row in demo.records(asked("win_rate"), "numerator")["rows"]]
    text = browse().get("/kpis/win_rate/records?period=2026-Q1&sort=-amount").text
    top = max(amount for amount in amounts if amount is not None)
    heads = re.findall(r'<th scope="col"[^>]*>', text.split('<table class="listed">')[1])
    assert sum('aria-sort="descending"' in head for head in heads) == 1
    assert EN.number(top, 0).split(",")[0] in " ".join(rows_of(text, "listed")[0])


def test_a_search_finds_ids_texts_and_the_names_behind_ids(browse: Browse, demo: Workspace) -> None:
    rows, client = demo.records(asked("win_rate"), "numerator")["rows"], browse()
    wanted = rows[0]
    path = "/kpis/win_rate/records?period=2026-Q1&q="
    assert [row[0] for row in rows_of(client.get(path + wanted["id"].lower()).text, "listed")] == [wanted["id"]]
    listed = rows_of(client.get("/kpis/win_rate/records?period=2026-Q1").text, "listed")[0]
    account = listed[3]
    assert wanted["id"] in [row[0] for row in rows_of(client.get(path + account.upper()).text, "listed")]
    assert "Nothing was found for “no such thing”" in client.get(path + "no such thing").text


def test_each_record_leads_to_its_page(browse: Browse) -> None:
    text = browse().get("/kpis/win_rate/records?period=2026-Q1").text
    found = unescape(re.findall(r'<th scope="row"><a href="([^"]*)"', text)[0])
    assert re.match(r"/records/opportunities/D\d+\?period=2026-Q1$", found)


def test_a_reps_list_holds_their_own_rows_only(browse: Browse, demo: Workspace) -> None:
    every = demo.records(asked("win_rate"), "denominator")["rows"]
    rep = next(row["row"]["owner_id"] for row in every if row["row"]["owner_id"])
    own = demo.records(asked("win_rate"), "denominator", Viewer(rep))["rows"]
    text = browse(Visitor("S", "rep", "rep", Viewer(rep), rep)).get("/kpis/win_rate/records?side=denominator&period=2026-Q1").text
    assert 0 < len(own) < len(every) and [row[0] for row in rows_of(text, "listed")] == [row["id"] for row in own[:50]]


def test_an_analyst_neither_sees_nor_finds_names_of_persons(browse: Browse) -> None:
    path = "/kpis/rep_retention_rate/records?side=denominator&period=2026-Q1"
    names = [row[0] for row in rows_of(browse().get(path).text, "listed")]
    analyst = browse(ANALYST)
    text = analyst.get(path).text
    assert names and not [name for name in names if name in text] and "@" not in text.split("<main")[1]
    assert f"Nothing was found for “{names[0]}”" in unescape(analyst.get(path, params={"q": names[0]} | dict(
        part.split("=") for part in path.split("?")[1].split("&"))).text)
    assert analyst.get(f"{path}&sort=name").status_code == 400


def test_what_cannot_be_asked_is_refused(browse: Browse) -> None:
    client = browse()
    assert client.get("/kpis/nothing/records").status_code == 404
    assert client.get("/figures/win_rate/records").status_code == 404
    for wrong in ("side=left", "sort=colour", "from=-1", "from=%C2%B2"):
        assert client.get(f"/kpis/win_rate/records?{wrong}").status_code == 400, wrong
    assert "it has no denominator" in unescape(client.get("/kpis/new_leads/records?side=denominator").text)


def test_a_page_beyond_the_last_leads_back(browse: Browse) -> None:
    text = browse().get("/kpis/win_rate/records?period=2026-Q1&from=5000").text
    assert "To the first page" in text


def test_nothing_to_show_is_said(browse: Browse) -> None:
    assert "no data" in browse().get("/kpis/win_rate/records?period=2026-Q1&f.team=Nowhere").text


def test_amounts_stand_in_their_own_currency(browse: Browse, demo: Workspace) -> None:
    rows = demo.records(asked("win_rate"), "numerator")["rows"]
    row = next(row["row"] for row in rows[:50] if row["row"]["currency"] == "CNY" and row["row"]["amount"])
    text = unescape(browse().get("/kpis/win_rate/records?period=2026-Q1").text)
    assert EN.money(row["amount"], "CNY") in text
