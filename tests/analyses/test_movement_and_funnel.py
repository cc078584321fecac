"""The waterfall and the funnel."""

import itertools

import pytest

from analyses.answers import proportion, row
from salesgauge.analyses.funnel import funnels
from salesgauge.analyses.waterfall import DUE, OPEN, waterfall


def test_each_step_of_a_waterfall_begins_where_the_last_ended() -> None:
    steps = waterfall([row(100, 4, movement="opening"), row(-30, 1, movement="won"), row(50, 2, movement="new")])
    assert [s.movement for s in steps] == [*DUE, "closing"]
    assert [(s.start, s.end, s.change) for s in steps if s.n] == [(0, 100, 100), (100, 150, 50), (150, 120, -30), (0, 120, 120)]
    assert steps[-1].n == 5
    assert all(one.end == other.start for one, other in itertools.pairwise(steps[:-1]))


def test_a_waterfall_of_all_open_deals_has_no_pushes() -> None:
    assert [s.movement for s in waterfall([], OPEN)] == [*OPEN, "closing"]
    assert waterfall([], OPEN)[-1].end == 0


@pytest.mark.parametrize("rows", [
    [row(1, movement="stolen")], [row(1, movement="new"), row(1, movement="new", start="2025-02-01", end="2025-03-01")],
    [row(1, movement="new", rep="R1")], [row(1)]])
def test_what_does_not_fit_into_a_waterfall_is_an_error(rows: list[dict[str, object]]) -> None:
    with pytest.raises(ValueError, match="one period by movement"):
        waterfall(rows)


STAGES = [{"pipeline": "P", "stage": "late", "position": 2.0, "is_closed": False},
          {"pipeline": "P", "stage": "early", "position": 1.0, "is_closed": False},
          {"pipeline": "P", "stage": "Won", "position": 3.0, "is_closed": True}]


def test_a_funnel_has_the_open_stages_in_their_order_and_unknown_ones_last() -> None:
    [funnel] = funnels(STAGES, [row(9, pipeline="P", stage="aaa"), row(4, pipeline="P", stage="early")],
                       [proportion(3, 4, pipeline="P", stage="early")], [row(2.5, 4, pipeline="P", stage="early") | {"median": 2.0}])
    assert [step.stage for step in funnel.steps] == ["early", "late", "aaa"]
    first, second, _unknown = funnel.steps
    assert (first.entries, first.exits, first.moved_on, first.conversion, first.days, first.median_days) == (4, 4, 3, 0.75, 2.5, 2.0)
    assert first.low is not None and first.low < 0.75
    assert (second.entries, second.exits, second.conversion, second.days) == (0, 0, None, None)
    assert (funnel.widest, funnel.through) == (9, None)


def test_what_passes_every_stage_is_the_product() -> None:
    [funnel] = funnels(STAGES, [], [proportion(3, 4, pipeline="P", stage="early"), proportion(1, 2, pipeline="P", stage="late")])
    assert funnel.through == 0.375


def test_pipelines_have_funnels_of_their_own() -> None:
    found = funnels(STAGES, [row(1, pipeline=None, stage="x"), row(1, pipeline="A", stage="x")], [])
    assert [f.pipeline for f in found] == ["A", "P", None]


def test_a_funnel_is_of_one_period() -> None:
    with pytest.raises(ValueError, match="one period"):
        funnels(STAGES, [row(1, pipeline="P", stage="x"), row(1, pipeline="P", stage="x", start="2025-02-01")], [])
