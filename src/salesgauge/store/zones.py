"""The workspace's time zone as a table of days, so that UTC and local time are joined, never asked of an engine.

Everything comes from zoneinfo. A zone changes its offset at most once on a day and not twice within four days (true of every zone of the
tz database from 1800 to 2200; the tests compare with zoneinfo), so one row per day tells all that happens on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from numpy.typing import NDArray

from salesgauge.periods import FIRST_YEAR, LAST_YEAR

DAYS = "zone_days"                  # the table made by `make_days`
Numbers = NDArray[np.int64]
_DAY = 86400
_EPOCH = datetime(1970, 1, 1)
_SECOND, _STEP = timedelta(seconds=1), timedelta(days=3)
_NEVER = int((datetime(2300, 1, 1) - _EPOCH).total_seconds())
_START, _END = (datetime(FIRST_YEAR - 1, 12, 31) - _EPOCH).days, (datetime(LAST_YEAR + 1, 1, 3) - _EPOCH).days


@dataclass(frozen=True)
class Change:
    """At `at` (seconds since 1970, UTC) the zone's offset goes from `before` to `after` (seconds east of Greenwich)."""

    at: int
    before: int
    after: int


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds())


def _offset(zone: ZoneInfo, utc: datetime) -> timedelta:
    """The offset in force at `utc`, which carries the zone itself as `fromutc` wants it."""
    return zone.fromutc(utc).utcoffset() or timedelta()


@lru_cache(maxsize=8)
def changes(key: str) -> tuple[int, tuple[Change, ...]]:
    """The offset in force before all changes, and every change of the zone between the years read, in order."""
    zone = ZoneInfo(key)
    low, end = datetime(FIRST_YEAR - 1, 12, 28, tzinfo=zone), datetime(LAST_YEAR + 1, 1, 3, tzinfo=zone)
    first = before = _offset(zone, low)
    found = []
    while low < end:
        high = low + _STEP
        after = _offset(zone, high)
        if after != before:
            left, right = low, high
            while right - left > _SECOND:
                middle = left + (right - left) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                left, right = (middle, right) if _offset(zone, middle) == before else (left, middle)
            found.append(Change(_seconds(right.replace(tzinfo=None)), int(before.total_seconds()), int(after.total_seconds())))
        low, before = high, after
    return int(first.total_seconds()), tuple(found)


def _in_force(first: int, found: tuple[Change, ...], days: list[int]) -> Numbers:
    """Per day the offset that the zone has when a day begins, where the n-th change is over on the n-th of `days`."""
    edges = np.array([_START, *days, _END])
    return np.repeat(np.array([first, *(c.after for c in found)]), np.diff(edges))


def make_days(con: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> None:
    """Makes the temporary table `zone_days`, one row per day from 1799 to 2201 (offsets in microseconds):

    - of a local time t of that day: the offset is `local_before` while t < `local_switch`, else `local_after`; where
      `gap_from` <= t < `local_switch` the clock skipped t, and it stands for t + `local_after` - `local_before`;
    - of a UTC time t of that day: the offset is `utc_before` while t < `utc_switch`, else `utc_after`.

    A local time that occurs twice is so the first of the two, a skipped one is read with the offset in force before it.
    """
    first, found = changes(zone.key)
    local = _in_force(first, found, [(c.at + max(c.before, c.after)) // _DAY + 1 for c in found])
    utc = _in_force(first, found, [c.at // _DAY + 1 for c in found])
    columns = {"day": np.arange(_START, _END), "local_before": local, "local_after": local.copy(), "utc_before": utc,
               "utc_after": utc.copy(), **{name: np.full(_END - _START, _NEVER) for name in ("local_switch", "gap_from", "utc_switch")}}

    def put(day: int, **values: int) -> None:
        for name, value in values.items():
            columns[name][day - _START] = value
    for c in found:
        begins, switches = c.at + min(c.before, c.after), c.at + max(c.before, c.after)
        for day in range(begins // _DAY, switches // _DAY + 1):
            put(day, local_before=c.before, local_switch=switches, local_after=c.after, gap_from=begins if c.after > c.before else _NEVER)
        put(c.at // _DAY, utc_before=c.before, utc_switch=c.at, utc_after=c.after)
    con.register("zone_columns", columns)
    shifts = ", ".join(f"{name} * 1000000 AS {name}" for name in columns if name.endswith(("before", "after")))
    times = ", ".join(f"make_timestamp({name} * 1000000) AS {name}" for name in columns if name.endswith(("switch", "from")))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {DAYS} AS "
                f"SELECT DATE '1970-01-01' + day::INTEGER AS day, {shifts}, {times} FROM zone_columns")
    con.unregister("zone_columns")


def utc_of(time: str, zoned: str, days: str) -> str:
    """SQL: the UTC timestamp of `time`, which is UTC already where `zoned`; `days` is the alias of its day's row."""
    shift = f"CASE WHEN {time} < {days}.local_switch THEN {days}.local_before ELSE {days}.local_after END"
    return f"CASE WHEN {zoned} THEN {time} ELSE make_timestamp(epoch_us({time}) - {shift}) END"


def local_of(time: str, zoned: str, days: str) -> str:
    """SQL: the local timestamp of `time`, which is UTC where `zoned`, else local as written."""
    shift = f"CASE WHEN {time} < {days}.utc_switch THEN {days}.utc_before ELSE {days}.utc_after END"
    gap = f"{time} >= {days}.gap_from AND {time} < {days}.local_switch"
    return (f"CASE WHEN {zoned} THEN make_timestamp(epoch_us({time}) + {shift}) "
            f"WHEN {gap} THEN make_timestamp(epoch_us({time}) + {days}.local_after - {days}.local_before) ELSE {time} END")
