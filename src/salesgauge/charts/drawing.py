"""How numbers become coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from markupsafe import Markup

Point = tuple[float, float]
T = TypeVar("T")


def coordinate(number: float) -> str:
    """A coordinate with two decimals, no more than it needs."""
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def share(part: float | None, whole: float) -> float:
    """A part of a whole as a percentage between 0 and 100; 0 where there is nothing to show."""
    return 0.0 if part is None or whole <= 0 else max(0.0, min(100.0, 100 * part / whole))


def runs(points: Sequence[T | None]) -> list[list[T]]:
    """The stretches of points (or pairs of them) without a gap."""
    found: list[list[T]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def path(points: Iterable[Point]) -> str:
    """A path of straight lines through points."""
    return "M" + "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)


def svg(width: float, height: float, content: str, kind: str) -> Markup:
    """A drawing of that size in its own units, stretched to the box that the style sheet gives it; screen readers pass it over.
    `content` is built from numbers and names of ours alone."""
    return Markup(f'<svg class="{kind}" viewBox="0 0 {coordinate(width)} {coordinate(height)}" preserveAspectRatio="none" '
                  f'aria-hidden="true" focusable="false">{content}</svg>')
