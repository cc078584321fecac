"""Which periods a trend shows, and which it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from starlette.datastructures import QueryParams

from salesgauge.periods import Span, pieces
from salesgauge.settings import Settings
from salesgauge.web.kpis.stretch import grains, stretch, usual_grain
from salesgauge.web.view import View, read_view

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


def view(address: str, fiscal: int = 1) -> View:
    return read_view(QueryParams(address), Settings("Europe/Berlin", "EUR", fiscal_year_start=fiscal), NOW, None)


@pytest.mark.parametrize(("address", "grain", "first", "last", "count"), [
    ("period=2026-Q2", "quarter", "2024-04-01", "2026-07-01", 9), ("period=2026-Q2", "month", "2025-06-01", "2026-07-01", 13),
    ("period=2026-Q2", "day", "2026-04-01", "2026-07-01", 91), ("period=2026-02", "day", "2026-01-29", "2026-03-01", 31),
    ("period=2026-Q2", "week", "2026-01-05", "2026-07-06", 26), ("period=2026-Q2", "year", "2022-01-01", "2027-01-01", 5),
    ("period=2025-11-03..2026-05-20", "day", "2026-02-17", "2026-05-20", 92)])
def test_a_trend_ends_with_the_page_and_has_room_for_its_period(address: str, grain: str, first: str, last: str, count: int) -> None:
    found = stretch(view(address), grain).span
    assert (f"{found.start}", f"{found.end}", len(pieces(found, grain))) == (first, last, count)


@pytest.mark.parametrize(("compare", "earlier"), [
    ("previous", Span(date(2024, 5, 1), date(2025, 6, 1))), ("year", Span(date(2024, 6, 1), date(2025, 7, 1))),
    ("2025-Q4", Span(date(2024, 12, 1), date(2026, 1, 1))), ("none", None)])
def test_the_earlier_line_has_as_many_periods(compare: str, earlier: Span | None) -> None:
    found = stretch(view(f"period=2026-Q2&compare={compare}"), "month")
    assert found.earlier == earlier
    assert earlier is None or len(pieces(earlier, "month")) == len(pieces(found.span, "month"))


def test_weeks_are_compared_with_weeks_of_last_year() -> None:
    earlier = stretch(view("period=2026-Q2&compare=year"), "week").earlier
    assert earlier is not None and earlier.start.weekday() == 0 and (earlier.end - earlier.start).days == 26 * 7


def test_fiscal_grains_are_offered_where_the_fiscal_year_differs() -> None:
    assert "fiscal_year" not in grains(1) and grains(4)[-2:] == ("fiscal_quarter", "fiscal_year")
    fiscal = view("period=FY2027-Q1", fiscal=4)
    assert usual_grain(fiscal) == "fiscal_quarter"
    assert stretch(fiscal, "fiscal_year").span == Span(date(2022, 4, 1), date(2027, 4, 1))
    assert stretch(fiscal, "year").span == Span(date(2022, 1, 1), date(2027, 1, 1))


def test_a_stretch_of_days_has_the_grain_that_suits_its_length() -> None:
    assert [usual_grain(view(f"period={p}")) for p in ("2026-05-02..2026-05-09", "2026-01-02..2026-05-01", "2024-01-02..2026-05-01")] == [
        "day", "week", "month"]
