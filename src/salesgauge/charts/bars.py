"""Bars in the rows of tables and under the values of cards. All lie in a box 100 wide: positions are percentages."""

from __future__ import annotations

from markupsafe import Markup

from salesgauge.charts.drawing import coordinate, share, svg

HEIGHT = 10.0


def _rect(x: float, width: float, kind: str, y: float = 0, height: float = HEIGHT) -> str:
    return f'<rect class="{kind}" x="{coordinate(x)}" y="{coordinate(y)}" width="{coordinate(width)}" height="{coordinate(height)}"/>'


def _mark(x: float, kind: str = "mark") -> str:
    return f'<path class="{kind}" d="M{coordinate(max(0.5, min(99.5, x)))} 0V{coordinate(HEIGHT)}"/>'


def bar(value: float | None, most: float, *, mark: float | None = None, low: float | None = None, high: float | None = None,
        kind: str = "fill") -> Markup:
    """A bar from 0 to `value` where `most` is the full width; `mark` a rule across it (a quota), `low` and `high` the line of its
    interval."""
    drawn = _rect(0, share(value, most), kind)
    if low is not None and high is not None:
        start, end = share(low, most), share(high, most)
        drawn += f'<path class="whisker" d="M{coordinate(start)} {coordinate(HEIGHT / 2)}H{coordinate(end)}"/>'
    if mark is not None:
        drawn += _mark(share(mark, most))
    return svg(100, HEIGHT, drawn, "bar")


def bullet(value: float | None, target: float, pace: float | None = None) -> Markup:
    """What accumulates towards a target: the part reached, the target as a rule, the steady pace as a mark below."""
    most = max(target, value or 0) or 1
    drawn = _rect(0, 100, "track", 2, 4) + _rect(0, share(value, most), "fill", 2, 4) + _mark(share(target, most))
    if pace is not None:
        x = share(pace, most)
        drawn += f'<path class="pace" d="M{coordinate(x)} 6.5L{coordinate(x - 1.4)} 10H{coordinate(x + 1.4)}Z"/>'
    return svg(100, HEIGHT, drawn, "bullet")


def floating(start: float, end: float, least: float, most: float, kind: str) -> Markup:
    """A bar from `start` to `end` on a scale from `least` to `most`: a step of a waterfall."""
    spread = most - least or 1.0
    left, right = sorted(100 * (v - least) / spread for v in (start, end))
    return svg(100, HEIGHT, _rect(left, max(right - left, 0.4), kind), "bar")


def scale_dot(value: float | None, least: float, most: float, *, low: float | None = None, high: float | None = None) -> Markup:
    """A dot on a scale from `least` to `most`, on the band from `low` to `high` where there is one."""
    spread = most - least or 1.0

    def at(number: float) -> float:
        return max(0.0, min(100.0, 100 * (number - least) / spread))

    drawn = f'<path class="axis" d="M0 {HEIGHT / 2:g}H100"/>'
    if low is not None and high is not None:
        drawn += _rect(at(low), at(high) - at(low), "band", 2.5, 5)
    if value is not None:
        drawn += f'<path class="dot" d="M{coordinate(at(value))} {HEIGHT / 2:g}h0"/>'
    return svg(100, HEIGHT, drawn, "scale")
