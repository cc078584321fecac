"""The band of an interval behind a line."""

from __future__ import annotations

from salesgauge.charts import Line, lines


def test_a_band_breaks_where_an_interval_is_missing() -> None:
    whole = lines([Line([1, 1, 1, 1, 1], "actual", [0] * 5, [2] * 5)], 5, 0, 2)
    broken = lines([Line([1, 1, 1, 1, 1], "actual", [0, 0, None, 0, 0], [2, 2, 2, 2, 2])], 5, 0, 2)
    lone = lines([Line([1, 1, 1], "actual", [None, 0, None], [None, 2, None])], 3, 0, 2)
    assert (whole.count('"band"'), broken.count('"band"'), lone.count('"band"')) == (1, 2, 0)
