"""The scale of a chart: round numbers at its foot, middle and top, so that the labels beside it can be read at a glance."""

from __future__ import annotations

import math
from collections.abc import Iterable

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


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
