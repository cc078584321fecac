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

FIRST_YEAR, LAST_YEAR = 1800, 2200  # instants outside are unreadable
DAYS = "zone_days"                  # the table made by `make_days`
_DAY = 86400
_STEP = timedelta(days=3)
_NEVER = "TIMESTAMP '2300-01-01'"


@dataclass(frozen=True)
class Change:
    """At `at` (seconds since 1970, UTC) the zone's offset goes from `before` to `after` (seconds east of Greenwich)."""

    at: int
    before: int
    after: int


def _offset(zone: ZoneInfo, seconds: int) -> int:
    utc = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    offset = zone.fromutc(utc.replace(tzinfo=zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


@lru_cache(maxsize=8)
def changes(key: str) -> tuple[int, tuple[Change, ...]]:
    """The offset in force before all changes, and every change of the zone between the years read, in order."""
    zone = ZoneInfo(key)
    epoch = datetime(1970, 1, 1)
    low = int((datetime(FIRST_YEAR - 1, 12, 30) - epoch).total_seconds())
    end = int((datetime(LAST_YEAR + 1, 1, 3) - epoch).total_seconds())
    first = before = _offset(zone, low)
    found = []
    while low < end:
        high = low + int(_STEP.total_seconds())
        after = _offset(zone, high)
        if after != before:
            left, right = low, high
            while right - left > 1:
                middle = (left + right) // 2
                left, right = (middle, right) if _offset(zone, middle) == before else (left, middle)
            found.append(Change(right, before, after))
        low, before = high, after
    return first, tuple(found)


def _timestamp(seconds: int) -> str:
    return f"make_timestamp({seconds * 1_000_000})"


def make_days(con: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> None:
    """Makes the temporary table `zone_days`, one row per day from 1799 to 2201 (offsets in microseconds):

    - of a local time t of that day: the offset is `local_before` while t < `local_switch`, else `local_after`; where
      `gap_from` <= t < `local_switch` the clock skipped t, and it stands for t + `local_after` - `local_before`;
    - of a UTC time t of that day: the offset is `utc_before` while t < `utc_switch`, else `utc_after`.

    A local time that occurs twice is so the first of the two, a skipped one is read with the offset in force before it.
    """
    first, found = changes(zone.key)
    local: dict[int, str] = {}
    utc: dict[int, str] = {}
    for c in found:
        begins, switches = c.at + min(c.before, c.after), c.at + max(c.before, c.after)
        gap = _timestamp(begins) if c.after > c.before else _NEVER
        for day in range(begins // _DAY, switches // _DAY + 1):
            local[day] = f"({day}, {c.before}, {_timestamp(switches)}, {c.after}, {gap})"
        utc[c.at // _DAY] = f"({c.at // _DAY}, {c.before}, {_timestamp(c.at)}, {c.after})"
    con.execute("CREATE OR REPLACE TEMP TABLE zone_local AS SELECT * FROM (VALUES "
                f"{', '.join(local.values()) or '(NULL::INTEGER, 0, NULL::TIMESTAMP, 0, NULL::TIMESTAMP)'}) v(day, before, switch, after, gap)")
    con.execute("CREATE OR REPLACE TEMP TABLE zone_utc AS SELECT * FROM (VALUES "
                f"{', '.join(utc.values()) or '(NULL::INTEGER, 0, NULL::TIMESTAMP, 0)'}) v(day, before, switch, after)")
    steps = [f"(-100000, {first})", *(f"({(c.at + max(c.before, c.after)) // _DAY + 1}, {c.after})" for c in found)]
    utc_steps = [f"(-100000, {first})", *(f"({c.at // _DAY + 1}, {c.after})" for c in found)]
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {DAYS} AS
        WITH days AS (SELECT unnest(generate_series(DATE '1799-12-31', DATE '2201-01-02', INTERVAL 1 DAY))::DATE AS day),
        numbered AS (SELECT day, day - DATE '1970-01-01' AS number FROM days),
        plain(number, local_offset) AS (VALUES {', '.join(steps)}),
        plain_utc(number, utc_offset) AS (VALUES {', '.join(utc_steps)})
        SELECT n.day,
               coalesce(l.before, p.local_offset) * 1000000::BIGINT AS local_before,
               coalesce(l.switch, {_NEVER}) AS local_switch,
               coalesce(l.after, p.local_offset) * 1000000::BIGINT AS local_after,
               coalesce(l.gap, {_NEVER}) AS gap_from,
               coalesce(u.before, q.utc_offset) * 1000000::BIGINT AS utc_before,
               coalesce(u.switch, {_NEVER}) AS utc_switch,
               coalesce(u.after, q.utc_offset) * 1000000::BIGINT AS utc_after
        FROM numbered n ASOF JOIN plain p ON n.number >= p.number ASOF JOIN plain_utc q ON n.number >= q.number
             LEFT JOIN zone_local l ON l.day = n.number LEFT JOIN zone_utc u ON u.day = n.number""")
    con.execute("DROP TABLE zone_local; DROP TABLE zone_utc")


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
