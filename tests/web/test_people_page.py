"""The page of the people, and how the employee survey keeps its answers."""

from __future__ import annotations

import re

from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace
from web.conftest import Browse

AS_OF = "2026-05-20T09:02:00Z"


def part(text: str, name: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', text, re.DOTALL)
    assert found, name
    return found[1]


def test_no_team_of_fewer_than_five_answers_is_shown(browse: Browse, demo: ServedWorkspace) -> None:
    client = browse(workspace=demo)
    rows = demo.answer([{"kpi": "employee_satisfaction", "period": "2026", "by": ["team"], "as_of": AS_OF}])[0]["rows"]
    assert any(row["n"] < 5 for row in rows)
    for row in re.findall(r"<tr.*?</tr>", part(client.get("/people?period=2026").text, "satisfaction"), re.DOTALL)[1:]:
        cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)]
        assert cells[1] == "not shown: too few answers" or int(cells[-1].rstrip("*")) >= 5


def test_a_filter_does_not_bring_few_answers_to_light(browse: Browse, demo: ServedWorkspace) -> None:
    rows = demo.answer([{"kpi": "employee_satisfaction", "period": "2026-Q1", "by": ["team"], "as_of": AS_OF}])[0]["rows"]
    team = next(row["by"]["team"] for row in rows if row["by"]["team"] and 0 < row["n"] < 5)
    text = browse(workspace=demo).get("/people", params={"period": "2026-Q1", "f.team": team}).text
    card = re.search(r'id="card-employee_satisfaction">(.*?)</article>', text, re.DOTALL)
    assert card and "not shown: too few answers" in card[1] and 'class="value"' not in card[1] and "<path" not in card[1]


def test_the_ramp_curve_says_its_cases(browse: Browse, demo: ServedWorkspace) -> None:
    rows = demo.answer([{"kpi": "ramp_curve", "period": "2024-05-01..2026-05-01", "by": ["tenure_month"],
                           "as_of": AS_OF}], figures=True)[0]["rows"]
    first = sum(row["denominator"] for row in rows if row["by"]["tenure_month"] in ("0", "1", "2"))
    said = part(browse(workspace=demo).get("/people?period=2026-Q2").text, "ramp")
    months = re.search(r"Rep-months</th>(.*?)</tr>", said, re.DOTALL)
    assert months and re.findall(r">(\d+)\*?<", months[1])[0] == str(first)


def test_what_lacks_a_table_says_which(browse: Browse, bare: Workspace) -> None:
    answer = browse(workspace=bare).get("/people")
    assert answer.status_code == 200 and "no data: needs survey_responses" in answer.text
