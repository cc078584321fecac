"""Promoters, passives and detractors, told from a net promoter score's answer."""

from __future__ import annotations

import math
from typing import Any

import pytest

from salesgauge.analyses.promoters import Promoters, promoters
from salesgauge.semantics.intervals import student


def row(more: int, passive: int, less: int) -> dict[str, Any]:
    """The row of an answer with so many promoters, passives and detractors."""
    scores = [100] * more + [0] * passive + [-100] * less
    n, mean = len(scores), sum(scores) / len(scores)
    interval = student(n, mean, math.fsum((score - mean) ** 2 for score in scores))
    low, high = interval or (None, None)
    return {"numerator": float(sum(scores)), "n": n, "value": mean, "low": low, "high": high}


@pytest.mark.parametrize("counts", [(5, 3, 2), (0, 4, 0), (7, 0, 0), (0, 0, 3), (1, 0, 1), (400, 350, 333), (2, 90_000, 1)])
def test_the_counts_behind_a_score_are_found_again(counts: tuple[int, int, int]) -> None:
    assert promoters(row(*counts)) == Promoters(*counts)


@pytest.mark.parametrize("counts", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_a_single_answer_is_what_it_is(counts: tuple[int, int, int]) -> None:
    assert promoters(row(*counts)) == Promoters(*counts)


def test_without_answers_there_are_none() -> None:
    assert promoters({"numerator": 0, "n": 0, "value": None, "low": None, "high": None}) is None


def test_what_no_answers_can_give_is_not_told() -> None:
    assert promoters(row(5, 3, 2) | {"numerator": 250.0}) is None
