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

from salesgauge.periods import FIRST_YEAR, LAST_YEAR

DAYS = "zone_days"                  # the table made by `make_days`
_DAY = 86400
_EPOCH = datetime(1970, 1, 1)
_SECOND, _STEP = timedelta(seconds=1), timedelta(days=3)
_START, _END = (datetime(FIRST_YEAR - 1, 12, 31) - _EPOCH).days, (datetime(LAST_YEAR + 1, 1, 3) - _EPOCH).days
_NEVER = "TIMESTAMP '2300-01-01'"


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


def make_days(con: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> None:
    """Makes the temporary table `zone_days`, one row per day from 1799 to 2201 (offsets in microseconds):

    - of a local time t of that day: the offset is `local_before` while t < `local_switch`, else `local_after`; where
      `gap_from` <= t < `local_switch` the clock skipped t, and it stands for t + `local_after` - `local_before`;
    - of a UTC time t of that day: the offset is `utc_before` while t < `utc_switch`, else `utc_after`.

    A local time that occurs twice is so the first of the two, a skipped one is read with the offset in force before it.
    """
    first, found = changes(zone.key)
    lists = {"moment": [c.at for c in found], "before": [c.before for c in found], "after": [c.after for c in found],
             "begin_day": [(c.at + min(c.before, c.after)) // _DAY for c in found],
             "switch_day": [(c.at + max(c.before, c.after)) // _DAY for c in found], "utc_day": [c.at // _DAY for c in found]}
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE zone_changes AS
        SELECT *, lead(switch_day, 1, {_END}) OVER (ORDER BY moment) AS next_switch_day, lead(utc_day, 1, {_END}) OVER (ORDER BY moment) AS next_utc_day
        FROM (SELECT {', '.join(f'unnest({values}::BIGINT[]) AS {name}' for name, values in lists.items())})""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {DAYS} AS
        WITH days AS (SELECT unnest(range({_START}, {_END})) AS number),
        local_change AS (SELECT unnest(range(begin_day, switch_day + 1)) AS number, * FROM zone_changes),
        local_plain AS (SELECT unnest(range(switch_day + 1, next_switch_day)) AS number, after AS shift FROM zone_changes
                        UNION ALL SELECT unnest(range({_START}, coalesce(min(switch_day), {_END}))), {first} FROM zone_changes),
        utc_plain AS (SELECT unnest(range(utc_day + 1, next_utc_day)) AS number, after AS shift FROM zone_changes
                      UNION ALL SELECT unnest(range({_START}, coalesce(min(utc_day), {_END}))), {first} FROM zone_changes)
        SELECT DATE '1970-01-01' + d.number::INTEGER AS day,
               coalesce(l.before, p.shift) * 1000000 AS local_before,
               coalesce(make_timestamp((l.moment + greatest(l.before, l.after)) * 1000000), {_NEVER}) AS local_switch,
               coalesce(l.after, p.shift) * 1000000 AS local_after,
               CASE WHEN l.after > l.before THEN make_timestamp((l.moment + l.before) * 1000000) ELSE {_NEVER} END AS gap_from,
               coalesce(u.before, q.shift) * 1000000 AS utc_before,
               coalesce(make_timestamp(u.moment * 1000000), {_NEVER}) AS utc_switch,
               coalesce(u.after, q.shift) * 1000000 AS utc_after
        FROM days d LEFT JOIN local_change l ON l.number = d.number
             LEFT JOIN local_plain p ON p.number = d.number
             LEFT JOIN zone_changes u ON u.utc_day = d.number LEFT JOIN utc_plain q ON q.number = d.number""")
    con.execute("DROP TABLE zone_changes")


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
