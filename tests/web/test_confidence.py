"""Answers given in confidence: whatever is asked, nobody can be told from what is told."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from salesgauge.semantics.answer import cut
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.confidence import FEWEST, too_small
from salesgauge.web.desk import Desk
from salesgauge.web.visitor import Visitor
from web.conftest import EXECUTIVE, NOW, Browse, words

WHOLE = "the whole"
KPI = "employee_satisfaction"
PRESENT = "2026-05-20T09:00:00+00:00"
MONTHS = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)][:17]
PERIODS = [*MONTHS, *(f"{year}-Q{quarter}" for year in (2025, 2026) for quarter in range(1, 5)), "2024", "2025", "2026"]


@pytest.mark.parametrize(("cases", "hidden"), [
    ({"a": 9, "b": 5, "c": 6}, set()),
    ({"a": 9, "b": 7, "c": 2}, {"b", "c"}),               # c alone could be told from the whole: the next one goes with it
    ({"a": 9, "b": 3, "c": 2}, {"b", "c"}),               # together they are enough
    ({"a": 9, "b": 3, "c": 1}, {"a", "b", "c"}),          # together they are too few
    ({"a": 4}, {"a"}),
    ({"a": 8, "b": 0}, set()),                            # nobody answered: nothing to tell
])
def test_small_groups_and_what_would_tell_on_them_are_hidden(cases: dict[str | None, int], hidden: set[str]) -> None:
    assert too_small(cases, 5) == hidden


def test_without_a_least_number_nothing_is_hidden() -> None:
    assert too_small({"a": 1}, 0) == frozenset()


@pytest.fixture(scope="module")
def manager(demo: ServedWorkspace) -> str:
    """The manager most of whose reports answered."""
    rows = demo.answer([{"kpi": KPI, "period": "2025", "by": ["manager"]}])[0]["rows"]
    best = max((row for row in rows if row["by"]["manager"]), key=lambda row: row["n"])
    return str(best["by"]["manager"])


def told(desk: Desk, viewer: Viewer) -> dict[tuple[str, str | None], int]:
    """How many answers are behind everything that is told of these periods: of all (WHOLE) and by team."""
    asked = [(period, by) for period in PERIODS for by in ([], ["team"])]
    answers = desk.answer([{"kpi": KPI, "period": period, "as_of": PRESENT, "by": by} for period, by in asked], viewer)
    found: dict[tuple[str, str | None], int] = {}
    for (period, _by), answer in zip(asked, answers, strict=True):
        for row in answer["rows"]:
            if row["n"]:
                assert not row.get("withheld") and row["n"] >= FEWEST, (period, row)
                found[period, row["by"].get("team", WHOLE)] = row["n"]
    return found


def test_an_order_of_values_tells_nothing_of_those_that_are_withheld(demo: ServedWorkspace) -> None:
    desk, query = Desk(demo, lambda: NOW), {"kpi": KPI, "period": "2026-Q1", "as_of": PRESENT, "by": ["team"]}
    [whole] = desk.answer([query])
    assert any(row.get("withheld") for row in whole["rows"])
    [first] = desk.answer([query | {"first": 3}])
    assert first == cut(whole, 3)
    [every] = desk.answer([query | {"first": 99}])
    hidden = [row["by"]["team"] for row in every["rows"] if row.get("withheld")]
    assert hidden == [row["by"]["team"] for row in whole["rows"] if row.get("withheld")]  # by name, not by what is withheld


@pytest.mark.parametrize("whose", ["executive", "manager"])
def test_no_difference_of_what_is_told_is_that_of_few_answers(demo: ServedWorkspace, manager: str, whose: str) -> None:
    """The answers behind every number that is told: of two that lie within each other, and of the whole and its teams, either nothing or
    enough is left."""
    viewer = EVERYTHING if whose == "executive" else Viewer(manager, reports=True)
    found = told(Desk(demo, lambda: NOW), viewer)
    assert len(found) > 10
    sets = {}
    for period, team in found:
        query = {"kpi": KPI, "period": period, "as_of": PRESENT, **({} if team == WHOLE else {"where": {"team": [team]}})}
        sets[period, team] = {row["id"] for row in demo.records(query, "denominator", viewer)["rows"]}
        assert len(sets[period, team]) == found[period, team]
    for (one, some), (other, others) in combinations(sets.items(), 2):
        for larger, smaller in ((some, others), (others, some)):
            if smaller < larger:
                assert len(larger - smaller) >= FEWEST, (one, other)
    for period in PERIODS:
        if (period, WHOLE) in sets:
            rest = sets[period, WHOLE].difference(*(ids for (of, team), ids in sets.items() if of == period and team != WHOLE))
            assert not rest or len(rest) >= FEWEST, period


def test_a_team_that_is_hidden_is_so_by_its_filter_as_well(demo: ServedWorkspace) -> None:
    desk = Desk(demo, lambda: NOW)
    whole = desk.answer([{"kpi": KPI, "period": "2026-Q1", "as_of": PRESENT, "by": ["team"]}])[0]["rows"]
    hidden = [row["by"]["team"] for row in whole if row.get("withheld")]
    assert hidden and all(row["value"] is None and row["n"] is None and row["numerator"] is None for row in whole if row.get("withheld"))
    everyone = [row["by"]["team"] for row in whole]
    for teams, is_told in ((hidden[:1], False), (everyone, True), ([t for t in everyone if t not in hidden] + hidden[:1], False)):
        row = desk.answer([{"kpi": KPI, "period": "2026-Q1", "as_of": PRESENT, "where": {"team": teams}}])[0]["rows"][0]
        assert (row["value"] is not None) == is_told, teams


@pytest.mark.parametrize("asked", [
    {"by": ["tenure"]}, {"by": ["team", "region"]}, {"where": {"manager": ["R1"]}}, {"period": "2026-01-01..2026-02-10"}, {"grain": "week"},
    {"period": "2025-12-01..2026-03-01"}])
def test_what_would_cut_across_is_refused(demo: ServedWorkspace, asked: dict[str, Any]) -> None:
    answer = Desk(demo, lambda: NOW).answer([{"kpi": KPI, "period": "2026-Q1", "as_of": PRESENT, **asked}])[0]
    assert answer["error"]["code"] == "confidential", answer


def test_a_running_period_is_told_as_of_now_alone(demo: ServedWorkspace) -> None:
    desk = Desk(demo, lambda: NOW)
    for as_of, is_told in (("2026-05-19", False), ("2026-04-01", True), (PRESENT, True), ("2026-03-30", False)):
        period = "2026-Q1" if as_of < "2026-05" else "2026-Q2"
        row = desk.answer([{"kpi": KPI, "period": period, "as_of": as_of}])[0]["rows"][0]
        assert bool(row.get("withheld")) != is_told, as_of


def test_no_page_file_or_program_gets_a_single_answer(browse: Browse, demo: ServedWorkspace, manager: str) -> None:
    rows = demo.records({"kpi": KPI, "period": "2026-Q1"}, "denominator")["rows"]
    row = next(each for each in rows if each["row"]["rep_id"])
    name, rep = row["id"], row["row"]["rep_id"]
    for visitor in (EXECUTIVE, Visitor("M", "manager", "manager", Viewer(manager, reports=True), manager),
                    Visitor("R", "rep", "rep", Viewer(rep), rep)):
        client = browse(visitor)
        refused = {address: client.get(address) for address in (
            f"/kpis/{KPI}/records?period=2026-Q1", f"/kpis/{KPI}/records?period=2026-Q1&q={name}",
            f"/kpis/{KPI}/records.csv?period=2026-Q1", f"/api/v1/records?kpi={KPI}&period=2026-Q1", f"/records/survey_responses/{name}")}
        assert {a: r.status_code for a, r in refused.items()} == dict.fromkeys(refused, 403) | {f"/records/survey_responses/{name}": 404}
        assert all(name not in r.text.replace(a, "").replace(f"/records/survey_responses/{name}", "") for a, r in refused.items())
        said = client.get(f"/records/reps/{rep}")
        assert said.status_code == 404 or "Survey answered" not in said.text


def test_the_page_of_the_kpi_says_why_a_dimension_is_not_told(browse: Browse) -> None:
    text = words(browse().get(f"/kpis/{KPI}?period=2026-Q1&by=tenure").text)
    assert "nobody shall be told from them" in text
    assert browse().get(f"/kpis/{KPI}?period=2026-Q1&by=team").status_code == 200
    assert browse().get(f"/kpis/{KPI}?period=2026&by=team&across=region&grain=month").status_code == 200
    assert browse().get(f"/leaderboards?kpi={KPI}&by=team&period=2026-Q1").status_code == 200
    assert browse().get(f"/explore?kpi={KPI}&by=team&period=2026&grain=quarter").status_code == 200
    assert browse().get(f"/kpis/{KPI}/breakdown.csv?by=team&period=2026-Q1").status_code == 200
