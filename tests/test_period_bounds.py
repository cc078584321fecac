"""Periods and instants at the edges of what can be read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from salesgauge.errors import BadPeriod, BadQuery
from salesgauge.periods import days_before, read_instant, read_period

EAST, WEST = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


@pytest.mark.parametrize("text", ["0001", "1799", "2201", "9999", "0001-01-01..9999-12-31", "2199-12-31..2201-01-02"])
def test_a_period_outside_the_years_that_can_be_read_is_an_error_that_names_them(text: str) -> None:
    with pytest.raises(BadPeriod):
        read_period(text)


@pytest.mark.parametrize("zone", [EAST, WEST])
@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31"])
def test_an_instant_outside_them_is_an_error_too(text: str, zone: ZoneInfo) -> None:
    with pytest.raises(BadQuery):
        read_instant(text, zone)


def test_a_window_that_reaches_before_the_calendar_begins_with_it() -> None:
    assert days_before(datetime(2025, 1, 1, tzinfo=UTC), 1_000_000, WEST) == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(("period", "months"), [
    ("2025", 12), ("2025-Q1", 3), ("2025-03", 1), ("FY2026", 12), ("2024-11-01..2026-02-01", 15), ("2025-01-02..2025-02-01", 0),
    ("2025-01-01..2025-02-02", 0), ("2025-W07", 0), ("2025-03-01", 0)])
def test_a_period_tells_how_many_months_it_is_and_of_one_that_cuts_a_month_none(period: str, months: int) -> None:
    assert read_period(period).whole_months == months
