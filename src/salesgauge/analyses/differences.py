"""Which slices differ from the rest by more than chance.

Each slice is tested against all the others together, two-sided:

- a proportion (a subset of cases): Fisher's exact test (R. A. Fisher, The Design of Experiments, 1935), or where every expected count
  is at least 5 the chi-square test without correction, which then says the same and is quick (W. G. Cochran, Biometrics 10, 1954);
- a mean: Welch's t test (B. L. Welch, Biometrika 34, 1947) from n, mean and standard deviation; the deviation is that of the answer's
  Student interval, half = t(0.975, n - 1) s / sqrt(n), and the rest's is put together from its slices:
  sum of (n_i - 1) s_i^2 + n_i (mean_i - mean)^2;
- sums, counts and ratios of two unlike things carry no deviation: they are not tested.

Among many slices some look special by chance alone: p is adjusted for all slices tested together (Y. Benjamini and Y. Hochberg, JRSS B 57,
1995), and a slice differs where the adjusted p is below 0.05: of those that are said to differ, at most one in twenty is expected to be
chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Literal

from salesgauge.semantics.intervals import student_quantile
from salesgauge.semantics.kpi import Kpi

LEAST = 10     # cases that a slice, and the rest, must have
LEVEL = 0.05   # of the false discovery rate
DIGITS = 1e-9  # of a mean: a deviation no larger is what sums lose, not one
EXPECTED = 5   # the least expected count for the chi-square test

Test = Literal["fisher", "chi_square", "welch"]
Verdict = Literal["better", "worse", "higher", "lower"]


@dataclass(frozen=True)
class Difference:
    """A slice beside the rest. `p` and `adjusted` are None where it was not tested: too few cases, or nothing to test by."""

    key: str | None
    value: float | None
    n: int
    rest: float | None
    rest_n: int
    test: Test | None
    p: float | None
    adjusted: float | None
    verdict: Verdict | None

    @property
    def by_more_than_chance(self) -> bool:
        """Whether the slice differs from the rest by more than chance, all slices considered."""
        return self.adjusted is not None and self.adjusted < LEVEL


def differences(kpi: Kpi, rows: Sequence[Mapping[str, Any]], by: str) -> tuple[Difference, ...]:
    """Each row of an answer by one dimension, in one period, against the others together; in the order of the rows.
    Of rows that are withheld nothing is told, nor are they among the others."""
    return adjusted(tested(kpi, rows, by))


def tested(kpi: Kpi, rows: Sequence[Mapping[str, Any]], by: str) -> tuple[Difference, ...]:
    """As `differences`, but each p stands alone: `adjusted` is None until all that is looked at together is adjusted together.

    Raises ValueError for rows of several periods or dimensions: a slice would be among its own rest.
    """
    rows = [row for row in rows if not row.get("withheld")]
    keys = [row["by"].get(by) for row in rows]
    if any(set(row["by"]) != {by} for row in rows) or len(set(keys)) != len(keys):
        raise ValueError(f"differences are told of one period by {by} alone")
    if kpi.interval == "wilson":
        yes, n = (sum(int(row[side]) for row in rows) for side in ("numerator", "denominator"))
        return tuple(_proportion(kpi, row, by, yes, n) for row in rows)
    if kpi.interval == "student":
        others = _others([_Cases.of(row) for row in rows])
        return tuple(_mean(kpi, row, by, rest) for row, rest in zip(rows, others, strict=True))
    return tuple(Difference(row["by"][by], row["value"], row["n"], None, 0, None, None, None, None) for row in rows)


def adjusted(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """The differences with p adjusted for all of them together."""
    raw = [d.p for d in found if d.p is not None]
    if not raw:
        return tuple(found)
    from scipy.stats import false_discovery_control  # imported where used: it takes longer than a page does
    steps = iter(false_discovery_control(raw, method="bh"))
    return tuple(d if d.p is None else replace(d, adjusted=float(next(steps))) for d in found)


def _difference(kpi: Kpi, row: Mapping[str, Any], by: str, rest: float | None, rest_n: int, test: Test | None,
                p: float | None) -> Difference:
    verdict: Verdict | None = None
    if p is not None and rest is not None and row["value"] != rest:
        above = row["value"] > rest
        verdict = (("better" if above == (kpi.better == "up") else "worse") if kpi.better in ("up", "down")
                   else "higher" if above else "lower")
    return Difference(row["by"][by], row["value"], row["n"], rest, rest_n, test, p, None, verdict)


def _proportion(kpi: Kpi, row: Mapping[str, Any], by: str, all_yes: int, all_n: int) -> Difference:
    yes, n = int(row["numerator"]), int(row["denominator"])
    rest_yes, rest_n = all_yes - yes, all_n - n
    rest = rest_yes / rest_n if rest_n else None
    if n < LEAST or rest_n < LEAST:
        return _difference(kpi, row, by, rest, rest_n, None, None)
    from scipy.stats import chi2_contingency, fisher_exact
    table = [[yes, n - yes], [rest_yes, rest_n - rest_yes]]
    total, share = n + rest_n, (yes + rest_yes) / (n + rest_n)
    if min(n, rest_n) * min(share, 1 - share) >= EXPECTED and total:
        return _difference(kpi, row, by, rest, rest_n, "chi_square", float(chi2_contingency(table, correction=False).pvalue))
    return _difference(kpi, row, by, rest, rest_n, "fisher", float(fisher_exact(table).pvalue))


@dataclass(frozen=True)
class _Cases:
    """How many cases, their sum, and the sum of their squared deviations from their mean."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Cases:
        """The cases behind a row; none where it has none."""
        return cls(row["n"], row["numerator"], (row["n"] - 1) * deviation(row) ** 2) if row["n"] else cls()

    def __add__(self, other: _Cases) -> _Cases:
        """Both together (T. F. Chan, G. H. Golub, R. J. LeVeque, The American Statistician 37, 1983)."""
        if not self.n or not other.n:
            return self if self.n else other
        n, apart = self.n + other.n, self.total / self.n - other.total / other.n
        return _Cases(n, self.total + other.total, self.squares + other.squares + apart**2 * self.n * other.n / n)


def _others(several: Sequence[_Cases]) -> list[_Cases]:
    """For each all the others together: those before it and those after it, so that the work grows with how many there are and not with
    their square, and nothing is taken away from a sum, which would leave its rounding behind."""
    before = list(accumulate(several, initial=_Cases()))
    after = list(accumulate(reversed(several), initial=_Cases()))[::-1]
    return [before[place] + after[place + 1] for place in range(len(several))]


def _mean(kpi: Kpi, row: Mapping[str, Any], by: str, others: _Cases) -> Difference:
    n, rest_n = row["n"], others.n
    rest = others.total / rest_n if rest_n else None
    if rest is None or n < LEAST or rest_n < LEAST:
        return _difference(kpi, row, by, rest, rest_n, None, None)
    own, of_rest, mean = deviation(row), math.sqrt(others.squares / (rest_n - 1)), row["numerator"] / n
    if max(own, of_rest) <= DIGITS * abs(mean):  # every case equal: there is no chance to measure by
        return _difference(kpi, row, by, rest, rest_n, None, None)
    from scipy.stats import ttest_ind_from_stats
    p = float(ttest_ind_from_stats(mean, own, n, rest, of_rest, rest_n, equal_var=False).pvalue)
    return _difference(kpi, row, by, rest, rest_n, "welch", p)


def deviation(row: Mapping[str, Any]) -> float:
    """The standard deviation (n - 1) behind a row's Student interval; 0 of a single case."""
    if row["n"] < 2 or row["low"] is None:
        return 0.0
    half = (float(row["high"]) - float(row["low"])) / 2
    return half * math.sqrt(row["n"]) / student_quantile(row["n"] - 1)
