"""Pace against a quota."""

from datetime import date

from salesgauge.analyses.pace import cumulative, pace
from salesgauge.periods import Span

MARCH = Span(date(2025, 3, 1), date(2025, 4, 1))  # begins on a Saturday; 21 workdays


def test_the_share_of_the_period_is_told_in_workdays_and_today_is_still_to_come() -> None:
    found = pace(50, 210, MARCH, date(2025, 3, 10))  # a Monday; five workdays are over
    assert (found.days, found.elapsed, found.left) == (21, 5, 16)
    assert (found.steady, found.ahead) == (50, 0)
    assert (found.gap, found.needed_per_day, found.booked_per_day) == (160, 10, 10)
    assert found.attainment == 50 / 210


def test_before_the_period_nothing_and_after_it_everything_is_over() -> None:
    assert (pace(0, 10, MARCH, date(2025, 1, 1)).elapsed, pace(0, 10, MARCH, date(2025, 9, 1)).left) == (0, 0)
    assert pace(0, 10, MARCH, date(2025, 9, 1)).needed_per_day is None
    assert pace(0, 10, MARCH, date(2025, 1, 1)).booked_per_day is None


def test_a_quota_that_is_reached_leaves_no_gap() -> None:
    found = pace(300, 210, MARCH, date(2025, 3, 10))
    assert (found.gap, found.needed_per_day, found.coverage(100)) == (0, 0, None)


def test_without_a_quota_there_is_no_pace_to_keep() -> None:
    found = pace(300, None, MARCH, date(2025, 3, 10))
    assert [found.attainment, found.steady, found.ahead, found.gap, found.needed_per_day] == [None] * 5
    assert found.line() == []
    assert pace(300, 0, MARCH, date(2025, 3, 10)).attainment is None


def test_holidays_are_no_workdays_and_a_weekend_counts_its_days() -> None:
    assert pace(0, 1, MARCH, date(2025, 3, 10), {date(2025, 3, 3)}).elapsed == 4
    weekend = pace(0, 1, Span(date(2025, 3, 1), date(2025, 3, 3)), date(2025, 3, 2))
    assert (weekend.days, weekend.elapsed) == (2, 1)


def test_the_pipeline_covers_the_gap_so_many_times() -> None:
    assert pace(50, 150, MARCH, date(2025, 3, 10)).coverage(250) == 2.5


def test_bookings_are_added_up_in_time_order() -> None:
    assert cumulative([(date(2025, 3, 2), 5), (date(2025, 3, 1), 1)]) == [(date(2025, 3, 1), 1), (date(2025, 3, 2), 6)]
