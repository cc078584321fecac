from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from salesgauge.demo.sizes import TIMEZONE
from salesgauge.demo.workdays import DAY, OPENS, SHIFT, as_date, clock, day_number

CLOCK = clock(date(2026, 6, 30))


def _local(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds())


def _utc(text: str) -> str:
    return datetime.fromtimestamp(int(CLOCK.utc(np.array([_local(text)]))[0]), UTC).strftime("%Y-%m-%d %H:%M")


def test_three_years_end_on_the_last_day() -> None:
    assert (as_date(CLOCK.first), as_date(CLOCK.last)) == (date(2023, 7, 1), date(2026, 6, 30))
    leap = clock(date(2024, 2, 28))
    assert (as_date(leap.first), as_date(leap.last)) == (date(2021, 2, 28), date(2024, 2, 28))


def test_a_local_time_that_occurs_twice_is_the_first_of_the_two() -> None:
    assert _utc("2025-10-26 02:30") == "2025-10-26 00:30"
    assert _utc("2025-10-26 03:00") == "2025-10-26 02:00"


def test_a_local_time_that_is_skipped_is_the_moment_of_the_change() -> None:
    assert _utc("2026-03-29 01:59") == "2026-03-29 00:59"
    assert _utc("2026-03-29 02:30") == _utc("2026-03-29 03:00") == "2026-03-29 01:00"


def test_every_hour_is_read_as_the_zone_reads_it() -> None:
    zone = ZoneInfo(TIMEZONE)
    hours = np.arange(CLOCK.first * DAY, CLOCK.end, 3_600)
    read = CLOCK.utc(hours)
    for local, utc in list(zip(hours.tolist(), read.tolist(), strict=True))[::7]:
        back = datetime.fromtimestamp(utc, UTC).astimezone(zone).replace(tzinfo=None)
        skipped = (datetime(2024, 3, 31, 3), datetime(2025, 3, 30, 3), datetime(2026, 3, 29, 3))
        assert back in (datetime(1970, 1, 1) + timedelta(seconds=local), *skipped)


def test_working_time_runs_only_on_working_days_in_working_hours() -> None:
    at = CLOCK.at_work(np.arange(10**9, 10**9 + 400 * SHIFT, 1_234_567) % (500 * SHIFT) + 200 * SHIFT)
    assert ((at % DAY >= OPENS) & (at % DAY < OPENS + SHIFT)).all()
    assert np.is_busday((at // DAY).astype("datetime64[D]")).all()


def test_working_time_and_instant_are_each_others_inverse() -> None:
    worked = np.arange(200 * SHIFT, 300 * SHIFT, 977)
    assert (CLOCK.worked(CLOCK.at_work(worked)) == worked).all()


def test_an_hour_after_friday_evening_is_monday_morning() -> None:
    friday = np.array([_local("2026-06-26 20:15")])
    assert CLOCK.later(friday, np.array([3_600]))[0] == _local("2026-06-29 10:00")


def test_christmas_is_no_working_day() -> None:
    eve = np.array([_local("2025-12-23 18:30")])
    assert CLOCK.later(eve, np.array([60]))[0] == _local("2025-12-29 09:01")
    assert day_number(date(2025, 12, 25)) not in CLOCK.workdays
