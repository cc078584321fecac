"""The scale of a chart."""

from __future__ import annotations

import pytest

from salesgauge.charts.scale import scale, within_reach


@pytest.mark.parametrize(("values", "found"), [
    ([0.18, 0.22, None], (0.18, 0.2, 0.22)), ([0, 570_000], (0, 300_000, 600_000)), ([12, 12], (10.5, 12, 13.5)), ([0, 0], (0, 0.5, 1)),
    ([], (0, 0.5, 1)), ([-40, 30], (-40, 0, 40)), ([-5, -4], (-5, -4.5, -4))])
def test_a_scale_holds_all_values_between_round_numbers(values: list[float | None], found: tuple[float, float, float]) -> None:
    assert scale(values) == pytest.approx(found)


@pytest.mark.parametrize("values", [[3.3, 9.9], [0.001, 0.00102], [-1e9, 7e8], [1e-12, 5e-12], [99.99999999]])
def test_no_value_lies_outside(values: list[float | None]) -> None:
    foot, middle, top = scale(values)
    assert foot < middle < top and middle - foot == pytest.approx(top - middle)
    assert all(foot - 1e-9 * top <= v <= top + 1e-9 * abs(top) for v in values if v is not None)


def test_sums_begin_at_zero() -> None:
    assert scale([900, 1000], from_zero=True)[0] == 0 and scale([900, 1000])[0] > 0


def test_an_interval_of_few_cases_leaves_the_values_their_room() -> None:
    assert within_reach([-500, None, 19], [20, 30]) == [10, None, 19]
    assert within_reach([900.0], [20, 30]) == [40]
    assert within_reach([1.0], [None]) == [None]


def test_an_interval_of_a_duration_is_not_drawn_below_zero() -> None:
    assert within_reach([-15, 3, 90], [20, 30], duration=True) == [10, 10, 40]
    assert within_reach([-15, 3, 90], [5, 30], duration=True) == [0, 3, 55]
    assert within_reach([-15, -90], [-5, 30], duration=True) == [-15, -40]
