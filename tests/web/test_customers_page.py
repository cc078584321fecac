"""The page of the customers."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace
from web.conftest import Browse, words

AS_OF = "2026-05-20T09:02:00Z"


def answer(demo: ServedWorkspace, figure: str, period: str = "2026-Q1", **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = demo.answer([{"kpi": figure, "period": period, "as_of": AS_OF, **more}], figures=True)[0]["rows"]
    return rows


@pytest.fixture(scope="module")
def text(browse: Browse, demo: ServedWorkspace) -> str:
    return browse(workspace=demo).get("/customers?period=2026-Q1").text


def section(text: str, name: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', text, re.DOTALL)
    assert found, name
    return found[1]


def test_a_cell_of_the_heat_map_says_its_share_and_cases_and_opens_them(text: str, demo: ServedWorkspace) -> None:
    rows = answer(demo, "cohort_retention", "2025-Q1", by=["age"])
    third = next(row for row in rows if row["by"]["age"] == "3")
    cell = re.search(r'<td class="shade-\d"><a href="/figures/cohort_retention/records\?period=2025-Q1&amp;f\.age=3&amp;[^"]*">(.*?)</a>',
                     text, re.DOTALL)
    assert cell and words(cell[1]) == f"{third['value'] * 100:.0f}% {third['numerator']} of {third['denominator']}"


def test_cohorts_reach_as_far_as_quarters_are_over(text: str) -> None:
    rows = re.findall(r"<tr>.*?</tr>", section(text, "cohorts"), re.DOTALL)
    last = next(row for row in rows if "Q1 2026" in row)
    assert len(re.findall(r'class="shade-', last)) == 1  # at the end of its own quarter; the second is not over on the 20th of May


def test_the_largest_accounts_are_shown_with_what_they_are_together(text: str, demo: ServedWorkspace) -> None:
    rows = answer(demo, "account_purchases", by=["account"])
    whole = sum(row["value"] for row in rows)
    ten = sorted((row["value"] for row in rows if row["by"]["account"]), reverse=True)[:10]
    said = words(section(text, "weights"))
    assert f"The 10 largest accounts make {sum(ten) / whole * 100:.1f}% of all purchases" in said
    assert f"{ten[0] / whole * 100:.1f}%" in said


def test_promoters_and_detractors_are_those_among_the_records(text: str, demo: ServedWorkspace) -> None:
    found = demo.records({"kpi": "net_promoter_score", "period": "2026-Q1", "as_of": AS_OF}, "numerator")["rows"]
    kinds = Counter(row["contribution"] for row in found)
    said = words(section(text, "voices"))
    for name, count in (("Promoters (9–10)", kinds[100]), ("Passives (7–8)", kinds[0]), ("Detractors (0–6)", kinds[-100])):
        assert re.search(rf"{re.escape(name)} {count} response", said), name


def test_customers_lost_are_those_of_the_churn_rate(text: str, demo: ServedWorkspace) -> None:
    [row] = answer(demo, "churn_rate")
    tile = re.search(r'id="tile-lost">(.*?)</article>', text, re.DOTALL)
    assert tile and words(tile[1]).startswith(f"Customers lost {row['numerator']} of {row['denominator']} active at the start")


def test_what_lacks_a_table_says_which(browse: Browse, bare: Workspace) -> None:
    answer = browse(workspace=bare).get("/customers")
    assert answer.status_code == 200 and "no data: needs contracts" in answer.text and "no data: needs survey_responses" in answer.text
