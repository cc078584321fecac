"""The scale of a chart."""

from __future__ import annotations

import pytest

from salesgauge.web.axis import scale


@pytest.mark.parametrize(("values", "from_zero", "ticks"), [
    ([3, 97], True, (0, 50, 100)),
    ([301, 349], False, (300, 325, 350)),
    ([0.12, None, 0.31], False, (0.1, 0.2, 0.3, 0.4)),
    ([7, 7], False, (5, 10)),
    ([], True, (0, 1)),
    ([-40, 20], True, (-50, 0, 50)),
])
def test_the_lines_are_few_and_round_and_hold_every_value(values: list[float | None], from_zero: bool, ticks: tuple[float, ...]) -> None:
    found = scale(values, from_zero=from_zero)
    assert found == pytest.approx(ticks)
    known = [v for v in values if v is not None]
    assert all(found[0] <= v <= found[-1] for v in known) and len(found) <= 5
