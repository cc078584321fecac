"""When a system is read: what a schedule says, on the workspace's clock, also where that is put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesgauge.errors import SourceError
from salesgauge.sources.connections.schedule import read_schedule

BERLIN = ZoneInfo("Europe/Berlin")


def runs(said: str, start: str, count: int, zone: ZoneInfo = BERLIN) -> list[str]:
    """The next times after a local time, as the clock shows them, with the zone's offset."""
    found, instant = [], datetime.fromisoformat(start).replace(tzinfo=zone)
    for _ in range(count):
        instant = read_schedule(said, zone).after(instant)
        assert instant.tzinfo is UTC
        found.append(instant.astimezone(zone).strftime("%a %d %H:%M%z"))
    return found


@pytest.mark.parametrize(("said", "expected"), [
    ("every 15 minutes", ["Wed 10 12:15+0200", "Wed 10 12:30+0200"]), ("every hour", ["Wed 10 13:00+0200", "Wed 10 14:00+0200"]),
    ("Every  2 days", ["Fri 12 12:00+0200", "Sun 14 12:00+0200"]), ("daily 06:00", ["Thu 11 06:00+0200", "Fri 12 06:00+0200"]),
    ("weekdays 7:30", ["Thu 11 07:30+0200", "Fri 12 07:30+0200"]), ("monday 06:00", ["Mon 15 06:00+0200", "Mon 22 06:00+0200"]),
    ("30 12 * * *", ["Wed 10 12:30+0200", "Thu 11 12:30+0200"]), ("0 */8 * * *", ["Wed 10 16:00+0200", "Thu 11 00:00+0200"]),
    ("0 6 1 * *", ["Wed 01 06:00+0200", "Sat 01 06:00+0200"]), ("0 6 * jul mon", ["Mon 06 06:00+0200", "Mon 13 06:00+0200"])])
def test_a_schedule_comes_when_it_says(said: str, expected: list[str]) -> None:
    assert runs(said, "2026-06-10T12:00", 2) == expected


@pytest.mark.parametrize(("field", "days"), [
    ("0", "Sun"), ("7", "Sun"), ("1-5", "Mon Tue Wed Thu Fri"), ("5-7", "Fri Sat Sun"), ("0-2", "Mon Tue Sun"), ("sun", "Sun"),
    ("mon,wed", "Mon Wed"), ("*/2", "Tue Thu Sat Sun"), ("1-5/2", "Mon Wed Fri"), ("3/2", "Wed Fri")])
def test_cron_counts_the_days_of_the_week_from_sunday(field: str, days: str) -> None:
    assert [run[:3] for run in runs(f"0 6 * * {field}", "2026-06-07T12:00", len(days.split()))] == days.split()


def test_a_time_that_the_clock_leaves_out_or_shows_twice_comes_once() -> None:
    assert runs("daily 02:30", "2026-03-28T12:00", 3) == ["Sun 29 03:30+0200", "Mon 30 02:30+0200", "Tue 31 02:30+0200"]
    assert runs("daily 02:30", "2026-10-24T12:00", 3) == ["Sun 25 02:30+0200", "Mon 26 02:30+0100", "Tue 27 02:30+0100"]
    sao_paulo = ZoneInfo("America/Sao_Paulo")  # where midnight itself was left out
    assert runs("daily 00:00", "2018-11-03T12:00", 2, sao_paulo) == ["Sun 04 01:00-0200", "Mon 05 00:00-0200"]
    assert runs("every 1 hour", "2026-10-25T01:30", 3) == ["Sun 25 02:30+0200", "Sun 25 02:30+0100", "Sun 25 03:30+0100"]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from(("daily 02:30", "*/20 1-3 * * *", "daily 00:00")))
def test_it_goes_forward_and_a_day_is_never_left_out(start: datetime, said: str) -> None:
    schedule = read_schedule(said, BERLIN)
    times = [start.replace(tzinfo=UTC)]
    for _ in range(6):
        times.append(schedule.after(times[-1]))
    assert all(0 < (later - earlier).total_seconds() <= 25 * 3600 for earlier, later in pairwise(times))


@pytest.mark.parametrize(("said", "why"), [
    ("", "write \"every 15 minutes\""), ("every 0 minutes", "cannot read"), ("hourly", "cannot read"), ("daily 24:00", "cannot read"),
    ("weekday 06:00", "there is no 'weekday'; did you mean weekdays"), ("61 * * * *", "higher than the maximum"),
    ("0 6 * * 8", "no day of the week"), ("0 6 * * mo", "no day of the week"), ("0 6 * * 5-1", "ends before it begins"),
    ("0 6 1 * 1", "days of the month and of the week"), ("0 6 31 2 *", "never comes"), ("* * * * * *", "cannot read")])
def test_what_says_no_time_is_refused_in_words(said: str, why: str) -> None:
    with pytest.raises(SourceError) as refused:
        read_schedule(said, BERLIN)
    assert why in refused.value.message

