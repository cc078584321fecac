"""What surfaces ask beside plain answers comes from an engine as from the local store: records, viewers, filters, figures, SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from engines.conftest import Twin
from engines.servers import STARTED
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace

pytestmark = [pytest.mark.more, pytest.mark.parametrize("engine", STARTED)]

PERIOD = {"period": "2025"}
SIDES = (({"kpi": "win_rate_decided", **PERIOD}, "numerator"), ({"kpi": "revenue", **PERIOD}, "numerator"),
         ({"kpi": "win_rate", **PERIOD, "as_of": "2025-02-14"}, "denominator"),
         ({"kpi": "lead_response_time", **PERIOD}, "numerator"))

def near(found: Any, expected: Any) -> bool:
    """Whether two answers are the same, apart from the last digits of sums."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(near(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(near, found, expected))
    if isinstance(expected, float):
        return isinstance(found, float | int) and found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    return type(found) is type(expected) and bool(found == expected)


@pytest.fixture
def reps(made_up: Workspace) -> list[str]:
    return [name for name, _shown in made_up.find("reps", "", limit=3)]


def test_the_records_behind_a_number_are_the_same_for_every_viewer(engine: str, made_up: Workspace, twin: Twin, reps: list[str]) -> None:
    there, some = twin(made_up, engine), 0
    for query, side in SIDES:
        for viewer in (EVERYTHING, *(Viewer(rep, reports) for rep in (*reps, "nobody' OR 1=1 --") for reports in (False, True))):
            expected = made_up.records(query, side, viewer)
            assert near(there.records(query, side, viewer), expected)
            some += bool(expected["rows"])
    assert some > len(SIDES)


def test_a_page_of_records_is_the_same(engine: str, made_up: Workspace, twin: Twin) -> None:
    query, side = SIDES[0]
    ours, theirs = (workspace.records_page(query, side, search="o", sort="contribution", descending=True, limit=3)
                    for workspace in (made_up, twin(made_up, engine)))
    assert theirs == ours


def test_filters_take_whatever_text_and_empty_ones_too(engine: str, made_up: Workspace, twin: Twin) -> None:
    kinds: list[list[str | None]] = [["web"], [None], [None, "web", "大", "it's", "100%", "a\\b"], ["'); --"], []]
    queries = [{"kpi": "revenue", "period": "2024-06-01..2025-07-01", "grain": "month", "by": ["rep"], "where": {"channel": values}}
               for values in kinds]
    assert near(twin(made_up, engine).answer(queries), made_up.answer(queries))


def test_the_first_groups_are_the_same(engine: str, made_up: Workspace, twin: Twin) -> None:
    queries = [{"kpi": kpi, "period": "2025", "grain": "quarter", "by": by, "first": 2} for kpi, by in
               (("revenue", ["product"]), ("win_rate", ["rep"]), ("sales_cycle_length", ["channel", "rep"]),
                ("account_purchases", ["account"]))]
    expected = made_up.answer(queries, figures=True)
    assert sum(answer["left_out"] for answer in expected) > 10
    assert near(twin(made_up, engine).answer(queries, figures=True), expected)


def test_figures_and_columns_of_the_companys_own_are_answered(engine: str, pack: Callable[[str], Workspace], twin: Twin) -> None:
    local = pack("tiny")
    with local.session() as session:
        own = [(table, name) for table, names in session.shape(False).extras for name in names]
    figures = [{"kpi": name, "period": "2024"} for name in list(local.figures)[:8]]
    queries = [*figures, *({"kpi": kpi, "period": "2024", "by": [name]} for table, name in own for kpi, of in
                           (("win_rate_decided", "opportunities"), ("revenue", "orders")) if table == of)]
    expected = local.answer(queries, figures=True)
    assert sum("rows" in answer for answer in expected) > 8 or not own
    assert near(twin(local, engine).answer(queries, figures=True), expected)


def test_the_sql_that_is_told_is_the_engines(engine: str, made_up: Workspace, twin: Twin) -> None:
    told = twin(made_up, engine).sql({"kpi": "win_rate", "period": "2025", "as_of": "2025-02-01"})
    assert "$as_of_at" in "".join(told.values())
    assert "$spans" in told["question"]
    assert not any("⟦" in sql for sql in told.values())
    assert told != made_up.sql({"kpi": "win_rate", "period": "2025", "as_of": "2025-02-01"})


def test_a_server_asks_the_engine_and_remembers(engine: str, made_up: Workspace, twin: Twin) -> None:
    query = {"kpi": "win_rate_decided", "period": "2025", "grain": "month"}
    with closing(ServedWorkspace(twin(made_up, engine).folder)) as served:
        first = served.answer([query])
        assert near(first, made_up.answer([query]))
        assert served.answer([query]) == first
