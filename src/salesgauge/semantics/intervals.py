"""Intervals of 95 % confidence: how far a figure may lie from the truth by chance alone."""

from __future__ import annotations

import math
from collections.abc import Callable

_Z = 1.959963984540054  # the standard normal's 97.5th percentile


def wilson(successes: float, trials: float) -> tuple[float, float] | None:
    """Wilson's score interval of a proportion (E. B. Wilson, JASA 22, 1927); None without trials."""
    if not trials:
        return None
    share, zz = successes / trials, _Z * _Z
    middle = (share + zz / (2 * trials)) / (1 + zz / trials)
    half = _Z / (1 + zz / trials) * math.sqrt(share * (1 - share) / trials + zz / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def student_quantile(freedom: int) -> float:
    """The 97.5th percentile of Student's t with that many degrees of freedom."""
    from scipy.special import stdtrit  # imported where used: it takes longer than a small question does
    return float(stdtrit(freedom, 0.975))


def student(n: int, mean: float, deviations: float, quantile: Callable[[int], float] = student_quantile) -> tuple[float, float] | None:
    """Student's t interval of a mean, from n values whose squared deviations from it sum to `deviations`; None below two values.
    `quantile` gives `student_quantile`, perhaps from memory."""
    if n < 2:
        return None
    half = quantile(n - 1) * math.sqrt(max(0.0, deviations) / (n - 1) / n)
    return mean - half, mean + half
