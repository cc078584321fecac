"""The parts of panels that are worked out from numbers alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from starlette.datastructures import QueryParams

from salesgauge.analyses.pace import pace
from salesgauge.periods import Span
from salesgauge.settings import Settings
from salesgauge.web.panels.changes import last_week
from salesgauge.web.panels.course import scale, steadily
from salesgauge.web.view import View, read_view


@pytest.mark.parametrize(("most", "step", "count"), [
    (0, 1, 1), (1, 0.5, 2), (3, 1, 3), (3.1, 2, 2), (7, 2.5, 3), (99, 50, 2), (100, 50, 2), (1_580_000, 1_000_000, 2), (0.03, 0.01, 3)])
def test_a_scale_has_round_steps_and_at_most_three_grid_lines(most: float, step: float, count: int) -> None:
    found, lines = scale(most)
    assert found == pytest.approx(step) and lines == count and found * lines >= most * (1 - 1e-9)


@pytest.mark.parametrize("span", [Span(date(2026, 4, 1), date(2026, 7, 1)), Span(date(2026, 5, 2), date(2026, 5, 4))])  # a week-end
def test_the_steady_line_is_the_pace_of_each_day(span: Span) -> None:
    line = steadily(1000.0, span)
    days = [*span.days(), span.end]
    assert line == pytest.approx([pace(0.0, 1000.0, span, day).steady for day in days]) and line[-1] == 1000.0


def seen(address: str) -> View:
    now = datetime(2026, 5, 20, 9, tzinfo=UTC)
    return read_view(QueryParams(address), Settings("Europe/Berlin", "EUR"), now, date(2026, 5, 19))


def test_last_week_ends_today_or_with_the_period() -> None:
    assert last_week(seen("period=2026-Q2")) == Span(date(2026, 5, 14), date(2026, 5, 21))
    assert last_week(seen("period=2026-Q1")) == Span(date(2026, 3, 25), date(2026, 4, 1))
    assert last_week(seen("period=2026-Q3")) is None
