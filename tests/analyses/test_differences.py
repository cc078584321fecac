"""Differences that are larger than chance, and hints made of them."""

import math
from random import Random
from typing import Any

import pytest
from scipy import stats

from analyses.answers import kpi, mean, proportion, row
from salesgauge.analyses.coaching import coaching
from salesgauge.analyses.differences import deviation, differences

Rows = list[dict[str, Any]]


def test_a_share_far_from_the_rest_differs_and_is_named_better_or_worse() -> None:
    rows = [proportion(80, 100, rep="A"), proportion(20, 100, rep="B"), proportion(50, 100, rep="C")]
    a, b, c = differences(kpi("win_rate_decided"), rows, "rep")
    assert [(d.verdict, d.by_more_than_chance) for d in (a, b)] == [("better", True), ("worse", True)]
    assert (a.test, a.rest, a.rest_n) == ("chi_square", 0.35, 200)
    assert a.p == pytest.approx(stats.chi2_contingency([[80, 20], [70, 130]], correction=False).pvalue)
    assert not c.by_more_than_chance


def test_few_expected_cases_are_tested_exactly() -> None:
    a, _b = differences(kpi("win_rate_decided"), [proportion(0, 12, rep="A"), proportion(3, 30, rep="B")], "rep")
    assert a.test == "fisher"
    assert a.p == pytest.approx(stats.fisher_exact([[0, 12], [3, 27]]).pvalue)


def test_too_few_cases_are_not_tested() -> None:
    a, b = differences(kpi("win_rate_decided"), [proportion(9, 9, rep="A"), proportion(0, 90, rep="B")], "rep")
    assert (a.p, a.adjusted, a.verdict, a.by_more_than_chance) == (None, None, None, False)
    assert b.p is None  # its rest has too few


def test_a_mean_is_tested_as_if_the_values_themselves_were_there() -> None:
    random = Random(1)
    values = {rep: [random.gauss(middle, 3) for _ in range(n)] for rep, middle, n in (("A", 10, 15), ("B", 13, 20), ("C", 12, 11))}
    found = differences(kpi("average_deal_value"), [mean(v, rep=rep) for rep, v in values.items()], "rep")
    for d in found:
        rest = [v for rep, vs in values.items() if rep != d.key for v in vs]
        assert d.test == "welch"
        assert d.p == pytest.approx(stats.ttest_ind(values[str(d.key)], rest, equal_var=False).pvalue)
    raw = [d.p for d in found]
    assert [d.adjusted for d in found] == pytest.approx(list(stats.false_discovery_control(raw, method="bh")))


def test_the_deviation_is_that_of_the_interval() -> None:
    assert deviation(mean([1, 2, 3, 4])) == pytest.approx(math.sqrt(5 / 3))
    assert deviation(mean([7])) == 0


class Counted(dict[str, Any]):
    """A row that counts how often it is looked at."""

    looks = 0

    def __getitem__(self, name: str) -> Any:
        Counted.looks += 1
        return super().__getitem__(name)


@pytest.mark.parametrize("of", ["average_deal_value", "win_rate_decided"])
def test_of_many_slices_each_is_looked_at_a_few_times_and_not_once_for_every_other(of: str) -> None:
    many = [Counted(proportion(1, 1, rep=f"R{n}") if of == "win_rate_decided" else mean([float(n)], rep=f"R{n}")) for n in range(400)]
    Counted.looks = 0
    assert all(d.p is None and d.rest_n == 399 for d in differences(kpi(of), many, "rep"))
    assert Counted.looks < 20 * len(many)


def test_the_rest_is_put_together_without_what_a_difference_of_large_sums_would_lose() -> None:
    rows = [mean([1e9, 1e9 + 1], rep="A"), mean([0.001 * n for n in range(12)], rep="B"), mean([0.002 * n for n in range(12)], rep="C")]
    *_, last = differences(kpi("average_deal_value"), rows[1:], "rep")
    assert last.p == pytest.approx(stats.ttest_ind([0.002 * n for n in range(12)], [0.001 * n for n in range(12)], equal_var=False).pvalue)
    beside_large = differences(kpi("average_deal_value"), [*rows[1:], rows[0]], "rep")[2]
    assert beside_large.rest == pytest.approx(sum(0.003 * n for n in range(12)) / 24, rel=1e-12)


def test_single_cases_among_the_rest_count_by_their_distance() -> None:
    rows = [mean([float(n) for n in range(12)], rep="A"), *(mean([float(n)], rep=f"S{n}") for n in range(12))]
    first = differences(kpi("average_deal_value"), rows, "rep")[0]
    assert first.p == pytest.approx(1)


def test_where_all_cases_are_equal_nothing_can_be_told() -> None:
    assert differences(kpi("average_deal_value"), [mean([1.0] * 10, rep="A"), mean([2.0] * 10, rep="B")], "rep")[0].p is None


def test_nor_where_they_are_equal_but_for_the_last_digits_of_sums() -> None:
    rows = [mean([0.1] * n, rep=f"R{n}") for n in (10, 11, 13, 17, 19)]
    assert [d.p for d in differences(kpi("average_deal_value"), rows, "rep")] == [None] * 5


def test_a_band_is_neither_better_nor_worse() -> None:
    rows = [proportion(80, 100, channel="A"), proportion(20, 100, channel="B")]
    assert differences(kpi("lead_to_opportunity_rate"), rows, "channel")[0].verdict == "higher"


def test_sums_are_not_tested() -> None:
    assert [d.p for d in differences(kpi("bookings"), [row(5, rep="A"), row(900, rep="B")], "rep")] == [None, None]


@pytest.mark.parametrize("rows", [[proportion(1, 2, rep="A"), proportion(1, 2, rep="A", start="2025-02-01")],
                                  [proportion(1, 2, rep="A", team="T")]])
def test_a_slice_is_never_among_its_own_rest(rows: Rows) -> None:
    with pytest.raises(ValueError, match="one period"):
        differences(kpi("win_rate"), rows, "rep")


def team(random: Random, shares: dict[str, float]) -> Rows:
    return [proportion(sum(random.random() < share for _ in range(60)), 60, rep=rep) for rep, share in shares.items()]


def test_among_equals_hardly_anybody_is_said_to_differ() -> None:
    random = Random(2)
    alike = {f"R{n}": 0.4 for n in range(10)}
    said = [len(coaching([(kpi("win_rate_decided"), team(random, alike)), (kpi("lead_response_rate"), team(random, alike))]))
            for _ in range(40)]
    assert sum(hints > 0 for hints in said) <= 5  # unadjusted, every second team would have some


def test_who_differs_is_found_with_what_they_differ_in() -> None:
    shares = {f"R{n}": 0.4 for n in range(9)} | {"star": 0.8}
    hints = coaching([(kpi("win_rate_decided"), team(Random(3), shares)),
                      (kpi("lead_response_rate"), team(Random(4), {**shares, "star": 0.4, "R1": 0.05})),
                      (kpi("lead_to_opportunity_rate"), team(Random(3), shares))])  # a band gives no hints
    assert {(h.rep, h.kpi.id, h.difference.verdict) for h in hints} == {
        ("star", "win_rate_decided", "better"), ("R1", "lead_response_rate", "worse")}
    assert [h.difference.adjusted for h in hints] == sorted(h.difference.adjusted or 0 for h in hints)
