"""The page of a KPI."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from salesgauge.analyses.differences import differences
from salesgauge.language import language
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.web.view import instant_text, page_instant
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import NOW, Browse

AS_OF = instant_text(page_instant(NOW, datetime(2026, 5, 20, 9, 2, tzinfo=UTC)))
EN = language("en")


def rows_of(text: str, table: str = "slices") -> list[list[str]]:
    """The cells of the rows of a table, as they read."""
    body = text.split(f'<table class="{table}">')[1].split("<tbody>")[1].split("</tbody>")[0]
    return [[" ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split()) for cell in re.split(r"</t[hd]>", row)[:-1]]
            for row in body.split("</tr>")[:-1]]


def test_every_kpi_has_its_page(browse: Browse, demo: Workspace) -> None:
    client = browse()
    for kpi in demo.catalogue:
        assert client.get(f"/kpis/{kpi}").status_code == 200, kpi


def test_the_value_is_that_of_the_command_line(browse: Browse, demo: Workspace) -> None:
    answer = demo.answer([{"kpi": "win_rate", "period": "2026-Q1", "as_of": AS_OF}])[0]["rows"][0]
    assert f"{answer['value'] * 100:.1f}%" in browse().get("/kpis/win_rate?period=2026-Q1").text


def test_a_filter_that_the_kpi_does_not_have_leaves_no_value(browse: Browse) -> None:
    text = browse().get("/kpis/new_leads?f.product=P1").text
    assert "does not have this dimension" in text


@pytest.mark.parametrize("by", ["team", "rep", "tier"])
def test_it_breaks_down_by_each_dimension(browse: Browse, demo: Workspace, by: str) -> None:
    answer = demo.answer([{"kpi": "win_rate", "period": "2026-Q1", "as_of": AS_OF, "by": [by]}])[0]["rows"]
    shown = rows_of(browse().get(f"/kpis/win_rate?by={by}&period=2026-Q1").text)
    assert sorted(row[1] for row in shown) == sorted(EN.percent(row["value"]) for row in answer)


def test_slices_are_sorted_by_the_column_that_the_address_names(browse: Browse, demo: Workspace) -> None:
    client = browse()
    values = [row["value"] for row in demo.answer(
        [{"kpi": "revenue", "period": "2026-Q1", "as_of": AS_OF, "by": ["product"]}])[0]["rows"]]
    for sort, wanted in (("-value", sorted(values, reverse=True)), ("value", sorted(values))):
        shown = rows_of(client.get(f"/kpis/revenue?by=product&period=2026-Q1&sort={sort}").text)
        assert [row[1] for row in shown] == [EN.money(value, demo.settings.currency) for value in wanted]
    names = [row[0] for row in rows_of(client.get("/kpis/revenue?by=product&period=2026-Q1&sort=key").text)]
    assert [name for name in names if name != "unknown"] == sorted(name for name in names if name != "unknown")


def test_shares_of_a_sum_add_up_to_the_whole(browse: Browse) -> None:
    shown = rows_of(browse().get("/kpis/new_leads?by=channel&period=2026-Q1&compare=none").text)
    assert sum(float(row[3].rstrip("%")) for row in shown) == pytest.approx(100, abs=0.05 * len(shown))


def test_of_many_slices_twenty_are_shown_and_the_rest_is_counted(browse: Browse, demo: Workspace) -> None:
    accounts = len(demo.answer([{"kpi": "historic_customer_value", "period": "2026-Q1", "as_of": AS_OF, "by": ["account"]}])[0]["rows"])
    client, path = browse(), "/kpis/historic_customer_value?by=account&period=2026-Q1"
    text = client.get(path).text
    assert len(rows_of(text)) == 20 and f"{accounts - 20}\u00a0more are not shown" in text
    assert len(rows_of(client.get(f"{path}&all=1").text)) == accounts


def test_the_first_of_many_slices_are_asked_for_alone_and_are_those_of_the_whole_table(browse: Browse) -> None:
    client, path = browse(), "/kpis/historic_customer_value?by=account&period=2026-Q1"
    first, every = (rows_of(client.get(f"{path}{more}").text) for more in ("", "&all=1"))
    assert first == every[:20]


def test_a_running_period_is_compared_like_for_like_and_says_so(browse: Browse, demo: Workspace) -> None:
    now, before = (demo.answer([{"kpi": "revenue", "period": period, "as_of": AS_OF}])[0]["rows"][0]["value"]
                   for period in ("2026-04-01..2026-05-20", "2025-07-01..2025-08-19"))
    text = unescape(browse().get("/kpis/revenue?period=2026-Q2&compare=2025-Q3").text)
    money = [EN.money(value, demo.settings.currency) for value in (now, before)]
    assert f"Like for like: {money[0]} in 1 Apr – 19 May 2026, {money[1]} in 1 Jul – 18 Aug 2025".replace("–", "\u2013") in re.sub(
        r"[\u2009\u00a0\u202f ]", " ", text)
    assert EN.percent((now - before) / before, signed=True) in text


@pytest.mark.parametrize("by", ["team", "channel", "kind"])
def test_a_difference_beyond_chance_is_marked_and_no_other(browse: Browse, demo: Workspace, by: str) -> None:
    rows = demo.answer([{"kpi": "win_rate", "period": "2025", "as_of": AS_OF, "by": [by]}])[0]["rows"]
    beyond = [found for found in differences(demo.catalogue["win_rate"], rows, by) if found.by_more_than_chance]
    text = browse().get(f"/kpis/win_rate?by={by}&period=2025").text
    assert text.count('<span class="differs') == len(beyond)
    assert ("None differs by more than chance" in text) == (not beyond) and "allowing for how many were tested" in text


def test_a_second_dimension_makes_a_table_of_both(browse: Browse, demo: Workspace) -> None:
    answer = demo.answer([{"kpi": "revenue", "period": "2026-Q1", "as_of": AS_OF, "by": ["team", "family"]}])[0]["rows"]
    text = browse().get("/kpis/revenue?by=team&across=family&period=2026-Q1").text
    assert "Team × Product family" in text
    for row in answer:
        assert EN.money(row["value"], demo.settings.currency) in unescape(text)


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_the_trend_has_every_grain_and_is_a_table_too(browse: Browse, grain: str) -> None:
    text = browse().get(f"/kpis/new_leads?period=2026-Q1&grain={grain}").text
    assert 'class="lines"' in text and "The values as a table" in text


def test_the_trend_opens_each_period_into_its_records(browse: Browse) -> None:
    client = browse()
    text = client.get("/kpis/win_rate?period=2026-Q1&grain=month&f.team=Sales+DACH").text
    found = unescape(re.findall(r'<td class="number"><a href="([^"]*records[^"]*)"', text)[0])
    assert "period=2026-03" in found and "f.team=Sales+DACH" in found and client.get(found).status_code == 200


def test_what_has_not_happened_yet_is_no_zero_in_the_trend(browse: Browse) -> None:
    text = browse().get("/kpis/new_leads?period=2026-Q2&grain=month").text
    assert "Jun 2026" not in text.split("The values as a table")[1].split("</table>")[0] and "still running" in text


def test_the_definition_says_what_is_set_aside_of_this_value(browse: Browse, demo: Workspace) -> None:
    row = demo.answer([{"kpi": "lead_response_time", "period": "2026-Q1", "as_of": AS_OF}])[0]["rows"][0]
    assert f"not answered yet: {row['excluded']['unanswered']}" in browse().get("/kpis/lead_response_time?period=2026-Q1").text


def test_the_sql_is_shown_to_who_asks_for_it(browse: Browse) -> None:
    client = browse()
    assert "tracked_deals" in client.get("/kpis/win_rate").text and "FROM" not in client.get("/kpis/win_rate").text
    assert "FROM" in client.get("/kpis/win_rate?sql=1").text


def test_median_and_ninth_decile_stand_where_the_kpi_has_them(browse: Browse) -> None:
    client = browse()
    assert "90th percentile" in client.get("/kpis/lead_response_time").text
    assert "90th percentile" not in client.get("/kpis/win_rate").text


def test_a_reps_page_holds_their_own_rows_only(browse: Browse, demo: Workspace) -> None:
    everybody = demo.answer([{"kpi": "win_rate", "period": "2026-Q1", "as_of": AS_OF, "by": ["rep"]}])[0]["rows"]
    own = next(row for row in everybody if row["by"]["rep"])
    rep = Visitor("Someone", "rep", "rep", Viewer(own["by"]["rep"]), own["by"]["rep"])
    shown = rows_of(browse(rep).get("/kpis/win_rate?by=rep&period=2026-Q1").text)
    assert [row[1] for row in shown] == [EN.percent(own["value"])]


def test_an_analyst_sees_no_names_of_persons(browse: Browse, demo: Workspace) -> None:
    named = rows_of(browse().get("/kpis/win_rate?by=rep&period=2026-Q1").text)
    text = browse(Visitor("A", "analyst", "executive", EVERYTHING, nameless=True)).get("/kpis/win_rate?by=rep&period=2026-Q1").text
    assert named and not [row[0] for row in named if row[0] in text]


def test_the_filters_offer_the_values_that_occur_and_keep_the_rest(browse: Browse) -> None:
    text = browse().get("/kpis/win_rate?period=2026-Q1&by=rep&f.region=DACH").text
    menu = text.split('name="f.team"')[0].rsplit("<form", 1)[1]
    assert 'name="f.region" value="DACH"' in menu and 'name="by" value="rep"' in menu
    assert 'name="f.team" value="Sales DACH"' in text and "Region: <b>DACH</b>" in text


def test_a_rep_is_offered_no_team_of_others(browse: Browse, demo: Workspace) -> None:
    rows = demo.answer([{"kpi": "new_opportunities", "period": "2026-Q1", "as_of": AS_OF, "by": ["rep", "team"]}])[0]["rows"]
    rep, team = next((row["by"]["rep"], row["by"]["team"]) for row in rows if row["by"]["rep"] and row["by"]["team"])
    others = {row["by"]["team"] for row in rows} - {team, None}
    text = browse(Visitor("S", "rep", "rep", Viewer(rep), rep)).get("/kpis/win_rate?period=2026-Q1").text
    assert others and not [other for other in others if f'name="f.team" value="{other}"' in text]


def test_the_catalogue_finds_kpis_by_name_in_each_language(browse: Browse) -> None:
    assert browse().get("/kpis?q=win+rate").text.count("<dt>") >= 3
    assert "win_rate" in browse().get("/kpis?q=获胜率", headers={"accept-language": "zh-CN"}).text
    assert "Nothing was found for “coffee”" in browse().get("/kpis?q=coffee").text
