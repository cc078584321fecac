"""A trend without axes: a line with its interval, the last point marked, the running period dashed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from salesgauge.charts.drawing import Point, coordinate, path, runs, svg

WIDTH, HEIGHT, MARGIN = 100.0, 32.0, 3.0


def sparkline(values: Sequence[float | None], lows: Sequence[float | None] = (), highs: Sequence[float | None] = (), *,
              running: bool = False) -> Markup:
    """The values from left to right, a gap where one is None; `lows` and `highs` give the band of their interval where both are known.
    `running`: the last period is not over, its stretch is dashed."""
    known = [v for v in (*values, *lows, *highs) if v is not None]
    if not any(v is not None for v in values):
        return svg(WIDTH, HEIGHT, "", "spark")
    least, most = min(known), max(known)
    spread = most - least or 1.0

    def at(place: int, value: float) -> Point:
        x = WIDTH * place / max(1, len(values) - 1)
        return x, HEIGHT - MARGIN - (value - least) / spread * (HEIGHT - 2 * MARGIN)

    points = [None if v is None else at(i, v) for i, v in enumerate(values)]
    drawn = _band(lows, highs, at)
    tail = running and len(points) > 1 and points[-1] is not None and points[-2] is not None
    solid = points[:-1] if tail else points
    drawn += "".join(f'<path class="line" d="{path(run)}"/>' for run in runs(solid) if len(run) > 1)
    if tail:
        drawn += f'<path class="line dashed" d="{path([p for p in points[-2:] if p is not None])}"/>'
    lone = [run[0] for run in runs(points) if len(run) == 1]
    last = next(p for p in reversed(points) if p is not None)
    # a stroke of no length with round ends stays round however the drawing is stretched
    drawn += "".join(f'<path class="dot" d="M{coordinate(x)} {coordinate(y)}h0"/>' for x, y in dict.fromkeys([*lone, last]))
    return svg(WIDTH, HEIGHT, drawn, "spark")


def _band(lows: Sequence[float | None], highs: Sequence[float | None], at: Callable[[int, float], Point]) -> str:
    """The area between both ends of the interval, for each stretch where both are known."""
    ends = [None if low is None or high is None else (at(place, low), at(place, high))
            for place, (low, high) in enumerate(zip(lows, highs, strict=True))]
    return "".join(f'<path class="band" d="{path([*(low for low, _ in run), *(high for _, high in reversed(run))])}Z"/>'
                   for run in runs(ends) if len(run) > 1)
