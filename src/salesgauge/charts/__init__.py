"""Charts drawn by the server as small SVG. They hold no text: labels stand in HTML beside them, so that they scale and can be read
aloud; colours come from the page's style sheet by class."""

from salesgauge.charts.bars import bar, bullet, floating, scale_dot
from salesgauge.charts.lines import Line, lines
from salesgauge.charts.spark import sparkline

__all__ = ["Line", "bar", "bullet", "floating", "lines", "scale_dot", "sparkline"]
