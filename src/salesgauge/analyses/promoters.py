"""The promoters, passives and detractors behind a net promoter score.

Each answer counts 100, 0 or -100. Their sum, number and standard deviation tell how many there are of each: with P promoters and D
detractors among n answers, sum = 100 (P - D) and sum of squares = 10000 (P + D) = (n - 1) s^2 + sum^2 / n.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesgauge.analyses.differences import deviation

EACH = 100        # what a promoter adds to the score's numerator, and a detractor takes from it
CLOSE = 1e-4      # by how much a count may miss a whole number for the digits of its sum


@dataclass(frozen=True)
class Promoters:
    """How many answers were 9 or 10, how many 7 or 8, how many 6 or less."""

    promoters: int
    passives: int
    detractors: int


def promoters(row: Mapping[str, Any]) -> Promoters | None:
    """From a row of an answer of net_promoter_score. None without answers, or with a single one of several kinds that cannot be told
    apart: it has no deviation."""
    n, total = row["n"], row["numerator"]
    if not n:
        return None
    both = abs(total) / EACH if n == 1 else ((n - 1) * deviation(row) ** 2 + total ** 2 / n) / EACH ** 2
    found = round(both)
    more = (found + round(total / EACH)) / 2
    if abs(both - found) > CLOSE * max(1, n) or more != int(more):
        return None
    return Promoters(int(more), n - found, found - int(more))
