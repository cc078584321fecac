"""Charts: numbers become shapes, gaps stay gaps, nothing leaves its box."""

from __future__ import annotations

import re

from salesgauge import charts


def numbers(drawing: str) -> list[float]:
    return [float(n) for d in re.findall(r' d="([^"]+)"', drawing) for n in re.findall(r"-?\d+\.?\d*", d)]


def test_a_sparkline_lies_in_its_box_whatever_the_scale() -> None:
    for values in ([1e9, 2e9, -3e9], [0.001, 0.002], [5.0], [2.0, 2.0, 2.0]):
        assert all(-0.01 <= n <= 100.01 for n in numbers(charts.sparkline(values)))


def test_a_gap_in_a_sparkline_stays_a_gap() -> None:
    drawing = charts.sparkline([1.0, 2.0, None, 3.0, 4.0])
    assert drawing.count('class="line"') == 2


def test_a_sparkline_without_values_is_empty() -> None:
    assert "path" not in charts.sparkline([None, None]) and "path" not in charts.sparkline([])


def test_the_running_period_is_dashed() -> None:
    assert charts.sparkline([1.0, 2.0, 3.0], running=True).count("dashed") == 1
    assert "dashed" not in charts.sparkline([1.0, 2.0, 3.0])


def test_the_band_of_an_interval_needs_both_ends() -> None:
    assert charts.sparkline([1.0, 2.0], [0.5, 1.0], [2.0, 3.0]).count("band") == 1
    assert "band" not in charts.sparkline([1.0, 2.0], [None, 1.0], [2.0, None])


def test_a_bar_is_as_long_as_its_share_and_never_longer_than_its_box() -> None:
    assert 'width="25"' in charts.bar(1, 4)
    assert 'width="100"' in charts.bar(9, 4)
    assert 'width="0"' in charts.bar(-1, 4) and 'width="0"' in charts.bar(None, 4) and 'width="0"' in charts.bar(1, 0)


def test_a_step_of_a_waterfall_lies_between_its_ends() -> None:
    assert 'x="25" y="0" width="50"' in charts.floating(75, 25, 0, 100, "bad")


def test_a_line_chart_draws_each_line_and_its_rule() -> None:
    drawn = [charts.Line([0, 1, None, 2, 3], "actual"), charts.Line([3, 3, 3, 3, 3], "target")]
    drawing = charts.lines(drawn, 5, 0, 3, rule_at=2, grid=[1, 2])
    assert drawing.count('class="line actual"') == 2 and drawing.count('class="grid"') == 2 and drawing.count('class="rule"') == 1
