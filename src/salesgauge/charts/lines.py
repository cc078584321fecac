"""A chart of lines over a stretch of days or periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from salesgauge.charts.drawing import coordinate, path, runs, svg

WIDTH, HEIGHT = 400.0, 160.0


@dataclass(frozen=True)
class Line:
    """Values from left to right (None: a gap); `kind` names its look: actual, forecast, previous, target. With `lows` and `highs` the
    band of the interval is drawn behind."""

    values: Sequence[float | None]
    kind: str
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()


def lines(drawn: Sequence[Line], steps: int, least: float, most: float, *, rule_at: float | None = None,
          grid: Sequence[float] = ()) -> Markup:
    """Lines over `steps` places on a scale from `least` to `most`; `grid` values get a thin line, `rule_at` (a place) an upright rule."""
    spread = most - least or 1.0

    def at(place: float, value: float) -> tuple[float, float]:
        return WIDTH * place / max(1, steps - 1), HEIGHT - (value - least) / spread * HEIGHT

    content = "".join(f'<path class="grid" d="M0 {coordinate(at(0, value)[1])}H{coordinate(WIDTH)}"/>' for value in grid)
    if rule_at is not None:
        content += f'<path class="rule" d="M{coordinate(at(rule_at, least)[0])} 0V{coordinate(HEIGHT)}"/>'
    for line in drawn:
        ends = [None if low is None or high is None else (at(i, low), at(i, high))
                for i, (low, high) in enumerate(zip(line.lows, line.highs, strict=True))]
        content += "".join(f'<path class="band" d="{path([*(low for low, _ in run), *(high for _, high in reversed(run))])}Z"/>'
                           for run in runs(ends) if len(run) > 1)
        points = [None if v is None else at(i, v) for i, v in enumerate(line.values)]
        for run in runs(points):
            content += (f'<path class="line {line.kind}" d="{path(run)}"/>' if len(run) > 1
                        else f'<path class="dot {line.kind}" d="M{coordinate(run[0][0])} {coordinate(run[0][1])}h0"/>')
    return svg(WIDTH, HEIGHT, content, "lines")
