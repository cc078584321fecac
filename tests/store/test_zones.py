"""Local time and UTC, against zoneinfo (fold=0)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from salesgauge.store.zones import DAYS, Change, changes, local_of, make_days, utc_of

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Europe/London",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Manila",
    "Africa/Freetown",
]
EPOCH = datetime(1970, 1, 1)


@cache
def calendar(zone: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET threads = 1")
    make_days(con, ZoneInfo(zone))
    return con


def convert(zone: str, times: list[datetime], zoned: bool) -> list[tuple[datetime, datetime]]:
    """UTC and local time of each of `times`, which are UTC where `zoned`, else local."""
    known = str(zoned).lower()
    listed = ", ".join(f"TIMESTAMP '{t.isoformat(sep=' ')}'" for t in times)
    return (
        calendar(zone)
        .execute(
            f"SELECT {utc_of('t', known, 'd')}, {local_of('t', known, 'd')} "
            f"FROM (SELECT unnest([{listed}]) AS t, unnest(range({len(times)})) AS place) "
            f"LEFT JOIN {DAYS} d ON d.day = CAST(t AS DATE) ORDER BY place"
        )
        .fetchall()
    )


def expected(zone: str, time: datetime, zoned: bool) -> tuple[datetime, datetime]:
    utc = time.replace(tzinfo=UTC) if zoned else time.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return utc.replace(tzinfo=None), utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def near_changes(zone: str) -> st.SearchStrategy[datetime]:
    moments = [EPOCH + timedelta(seconds=c.at) for c in changes(zone)[1]] or [EPOCH]
    return st.builds(lambda moment, seconds: moment + timedelta(seconds=seconds), st.sampled_from(moments), st.integers(-90_000, 90_000))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("zoned", [True, False], ids=["utc", "local"])
@effort(max_examples=8, deadline=None)
@given(data=st.data())
def test_every_time_is_what_zoneinfo_says(zone: str, zoned: bool, data: st.DataObject) -> None:
    times = data.draw(
        st.lists(st.one_of(near_changes(zone), st.datetimes(datetime(1800, 1, 1), datetime(2200, 12, 31))), min_size=1, max_size=200)
    )
    assert convert(zone, times, zoned) == [expected(zone, t, zoned) for t in times]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("zoned", [True, False], ids=["utc", "local"])
def test_the_seconds_around_each_change_are_what_zoneinfo_says(zone: str, zoned: bool) -> None:
    moments = [EPOCH + timedelta(seconds=c.at + shift) for c in changes(zone)[1] for shift in (0, c.before, c.after)]
    times = [m + timedelta(seconds=s) for m in moments or [EPOCH] for s in (-1, 0, 1)]
    assert convert(zone, times, zoned) == [expected(zone, t, zoned) for t in times]


def test_a_change_is_found_to_the_second() -> None:
    first, found = changes("Europe/Berlin")
    assert first == 3208
    assert found[0] == Change(int((datetime(1893, 3, 31, 23, 6, 32) - EPOCH).total_seconds()), 3208, 3600)
    assert Change(int((datetime(2024, 3, 31, 1) - EPOCH).total_seconds()), 3600, 7200) in found


def test_a_whole_day_that_a_zone_skipped_is_read_with_the_offset_before() -> None:
    assert convert("Pacific/Apia", [datetime(2011, 12, 30, 12)], False) == [(datetime(2011, 12, 30, 22), datetime(2011, 12, 31, 12))]
