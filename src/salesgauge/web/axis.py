"""The scale of a chart: few round numbers that hold what is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable

from salesgauge.web.page import Page

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)  # steps of a scale, times a power of ten
LARGE = 10_000.0                     # from here on an amount is written in short
STEPS = 2                            # so that there are about three lines


def scale(values: Iterable[float | None], *, from_zero: bool = False) -> tuple[float, ...]:
    """The values of the lines of a chart, from the lowest to the highest: they hold all `values` (None ones aside) between them."""
    known = [v for v in values if v is not None] or [0.0]
    least, most = min(known), max(known)
    if from_zero:
        least, most = min(0.0, least), max(0.0, most)
    rough = (most - least) / STEPS or abs(most) / STEPS or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(r * power for r in ROUND if r * power >= rough * (1 - 1e-9))
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return tuple(round(n * step, 12) for n in range(first, max(last, first + 1) + 1))


def tick_texts(page: Page, ticks: tuple[float, ...]) -> tuple[str, ...]:
    """What stands at the lines of a scale of money, the highest first: large amounts in short, small ones without needless decimals."""
    words, currency = page.words, page.currency
    if max(abs(tick) for tick in ticks) >= LARGE:
        return tuple(words.compact(tick, currency) if tick else words.money(0, currency, 0) for tick in reversed(ticks))
    digits = 0 if all(tick == int(tick) for tick in ticks) else None
    return tuple(words.money(tick, currency, digits) for tick in reversed(ticks))
