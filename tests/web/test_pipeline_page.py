"""The page of the pipeline."""

from __future__ import annotations

import re
from typing import Any

import pytest

from salesgauge.language import language
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.pages.pipeline import pipelines
from salesgauge.web.view import instant_text
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import NOW, Browse, words

WORDS = language("en")


def asked(workspace: Workspace, figure: str, viewer: Viewer = EVERYTHING, **more: Any) -> list[dict[str, Any]]:
    query = {"kpi": figure, "period": "2026-Q2", "as_of": instant_text(NOW), **more}
    answer = workspace.answer([query], viewer, figures=True)[0]
    rows: list[dict[str, Any]] = answer["rows"]
    return rows


@pytest.fixture(scope="module")
def text(browse: Browse, demo: ServedWorkspace) -> str:
    return browse(workspace=demo).get("/pipeline?period=2026-Q2").text


def tile(text: str, name: str) -> str:
    """What a tile says, without its marks."""
    found = re.search(rf'id="tile-{name}">(.*?)</article>', text, re.DOTALL)
    assert found
    return words(found[1])


def test_it_opens_with_the_pipeline_that_holds_the_most_money(text: str, demo: ServedWorkspace) -> None:
    worth = {row["by"]["pipeline"]: row for row in asked(demo, "open_pipeline", by=["pipeline"])}
    largest = max(worth.values(), key=lambda row: row["value"])
    assert f'aria-current="true">{largest["by"]["pipeline"]}<' in text
    assert WORDS.compact(largest["value"], "EUR") in tile(text, "open_pipeline")


def test_pipelines_are_kept_apart(text: str, browse: Browse, demo: ServedWorkspace) -> None:
    other = browse(workspace=demo).get("/pipeline?period=2026-Q2&pipeline=customer").text
    assert "Discovery" in text and "Identified" not in text
    assert "Identified" in other and "Discovery" not in other


def test_a_pipeline_that_is_not_there_gives_the_largest(browse: Browse, demo: ServedWorkspace) -> None:
    assert "Discovery" in browse(workspace=demo).get("/pipeline?period=2026-Q2&pipeline=nowhere").text


def test_the_order_of_pipelines_is_that_of_their_money() -> None:
    def row(name: str | None, value: float) -> dict[str, Any]:
        return {"by": {"pipeline": name}, "value": value}
    assert pipelines([{"pipeline": "c"}], [row("a", 1), row(None, 2), row("b", 3)], [row("d", 9)]) == ["b", None, "a", "c", "d"]


def test_coverage_is_what_is_due_over_what_the_quota_lacks(text: str, demo: ServedWorkspace) -> None:
    due = sum(row["value"] for row in asked(demo, "open_pipeline", by=["due"]) if row["by"]["due"] in ("overdue", "this_period"))
    gap = asked(demo, "quota")[0]["value"] - asked(demo, "bookings")[0]["value"]
    assert f"{WORDS.number(due / gap, 1)}×" in tile(text, "coverage")


def test_each_stage_opens_its_records(text: str, demo: ServedWorkspace) -> None:
    rows = asked(demo, "stage_conversion", by=["stage"], where={"pipeline": ["new_business"]})
    proposal = next(row for row in rows if row["by"]["stage"] == "Proposal")
    said = re.search(r'<a href="(/figures/stage_conversion/records[^"]*f\.stage=Proposal[^"]*)">([^<]*)</a>', text)
    assert said and said[2] == WORDS.percent(proposal["value"]) and "f.pipeline=new_business" in said[1]


def test_what_a_filter_cannot_tell_says_so(browse: Browse, demo: ServedWorkspace) -> None:
    filtered = browse(workspace=demo).get("/pipeline?period=2026-Q2&f.product=P001").text
    assert "does not have this dimension" in tile(filtered, "coverage")  # no quota belongs to a product
    [row] = asked(demo, "open_pipeline", where={"product": ["P001"], "pipeline": ["new_business"]})
    assert WORDS.compact(row["value"], "EUR") in tile(filtered, "open_pipeline")


def test_a_rep_sees_the_own_pipeline(browse: Browse, demo: ServedWorkspace) -> None:
    rep = asked(demo, "open_deals", by=["rep"])[0]["by"]["rep"]
    viewer = Viewer(rep)
    page = browse(Visitor("A rep", "rep", "rep", viewer, rep_id=rep), demo).get("/pipeline?period=2026-Q2").text
    worth = asked(demo, "open_pipeline", viewer, by=["pipeline"])
    assert WORDS.compact(max(row["value"] for row in worth), "EUR") in tile(page, "open_pipeline")


def test_what_lacks_a_table_says_which(browse: Browse, bare: Workspace) -> None:
    page = browse(workspace=bare).get("/pipeline").text
    assert "no data: needs stages" in page and "no data: needs quotas" in tile(page, "coverage")
    assert "€21K" in tile(page, "open_pipeline")  # 100 + 200 + ... + 2000; the deals whose amount was unreadable have none
    assert "60 records set aside: no amount" in tile(page, "open_pipeline")
