"""The scale of a chart: round numbers at its foot, middle and top, so that the labels beside it can be read at a glance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def scale(values: Iterable[float | None], *, from_zero: bool = False) -> tuple[float, float, float]:
    """Foot, middle and top of a scale that holds all values; `from_zero`: it begins (or ends) at zero."""
    known = [v for v in values if v is not None]
    least, most = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero or (least >= 0 and least < most / 2):
        least, most = min(least, 0.0), max(most, 0.0)
    if least == most:
        least, most = (least - abs(least) / 10, most + abs(most) / 10) if least else (0.0, 1.0)
    rough = (most - least) / 2
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s for s in (factor * magnitude for magnitude in (power, 10 * power) for factor in _STEPS)
                if math.floor(least / s) * s + 2 * s >= most - s * 1e-9)
    foot = math.floor(least / step) * step
    return foot, foot + step, foot + 2 * step


def within_reach(ends: Sequence[float | None], values: Iterable[float | None], *, duration: bool = False) -> list[float | None]:
    """The ends of intervals, none farther from the values than these are from each other: one that a few cases make very wide would
    leave the values themselves no room. Of a `duration` none lies below zero, where no value does."""
    known = [v for v in values if v is not None]
    if not known:
        return [None] * len(ends)
    least, most = min(known), max(known)
    reach = max(most - least, max(abs(least), abs(most)) / 4)
    lowest = max(least - reach, 0.0) if duration and least >= 0 else least - reach
    return [None if end is None else min(max(end, lowest), most + reach) for end in ends]
