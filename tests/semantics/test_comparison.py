"""A value beside that of the period before."""

from typing import Any

import pytest

from salesgauge.catalogue import built_in
from salesgauge.semantics.comparison import FEW, Comparison


def compared(kpi: str, now: float | None, before: float | None, n: int = 100) -> Comparison:
    rows: list[dict[str, Any]] = [{"value": value, "n": n} for value in (now, before)]
    return Comparison(built_in()[kpi], rows[0], rows[1])


@pytest.mark.parametrize(("kpi", "now", "before", "verdict"), [
    ("win_rate", 0.3, 0.2, "better"), ("win_rate", 0.2, 0.3, "worse"),
    ("churn_rate", 0.2, 0.3, "better"), ("churn_rate", 0.3, 0.2, "worse"),
    ("cost_per_lead", 3, 2, "higher"), ("cost_per_lead", 2, 3, "lower"), ("average_retail_price", 2, 3, "lower"),
    ("win_rate", 0.1 + 0.2, 0.3, "unchanged"), ("win_rate", None, 0.3, None), ("win_rate", 0.3, None, None),
])
def test_better_is_what_the_kpi_says_is_better(kpi: str, now: float | None, before: float | None, verdict: str | None) -> None:
    assert compared(kpi, now, before).verdict == verdict


def test_a_change_is_told_in_the_unit_and_as_growth() -> None:
    assert (compared("revenue", 30, 20).change, compared("revenue", 30, 20).growth) == (10, 0.5)
    assert compared("forecast_bias", 0.1, -0.2).growth == pytest.approx(1.5)
    assert compared("revenue", 30, 0).growth is None
    assert compared("win_rate", None, 1).change is None


def test_a_share_of_few_cases_is_a_small_sample_and_a_count_is_none() -> None:
    assert compared("win_rate", 0.3, 0.2, FEW - 1).small
    assert not compared("win_rate", 0.3, 0.2, FEW).small
    assert not compared("new_leads", 3, 2, 3).small
    assert not compared("win_rate", None, None, 0).small
