"""The tables of periods that facts and questions read, and the local calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb

from salesgauge.periods import FIRST_YEAR, LAST_YEAR, Horizon, Span, day_start, days_before
from salesgauge.settings import Settings
from salesgauge.store.zones import changes

if TYPE_CHECKING:
    from salesgauge.store.instants import Instant


def timestamp(moment: datetime) -> str:
    """A UTC instant as SQL text, without zone."""
    return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"


def day(when: date) -> str:
    """A date as SQL text."""
    return f"DATE '{when.isoformat()}'"


def at_instant(sql: str, instant: Instant) -> str:
    """SQL as of an instant, for what has no parameters, as a view."""
    return sql.replace("$as_of_at", f"CAST({timestamp(instant.at)} AS TIMESTAMP)").replace("$as_of_on", day(instant.on))


_DAYS = ("SELECT span, CAST(UNNEST(generate_series(start_on, end_on - INTERVAL 1 DAY, INTERVAL 1 DAY)) AS DATE) AS day FROM "
         "(SELECT * FROM (VALUES {}) v(span, start_on, end_on))")
SPAN_TABLES = ("spans", "span_days", "span_months")


class SpanTables:
    """The tables of the periods of a moment, on one connection, each made when something that reads it is run: most questions read one of
    them, and to make all takes as long as such a question. They stay while the next moment is the same, else they are gone: what was not
    made is not there, so that nobody reads a former moment's."""

    def __init__(self, con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self._con, self._settings = con, settings
        self._spans: list[Span] | None = None
        self._as_of: datetime | None = None
        self._made: set[str] = set()

    def at(self, spans: Sequence[Span], as_of: datetime | None) -> None:
        """Begins a moment of these periods, numbered from 0. The variables `from_on` and `until_on` are the first day of all of them and
        that after their last: no parameters, since DuckDB does not move a condition on a parameter below a join where another condition
        stands beside it."""
        if (list(spans), as_of) == (self._spans, self._as_of):
            return
        for name in self._made:
            self._con.execute(f"DROP TABLE {name}")
        self._made.clear()
        self._spans, self._as_of = list(spans), as_of
        first, after = min((span.start for span in spans), default=date.min), max((span.end for span in spans), default=date.min)
        self._con.execute(f"SET VARIABLE from_on = {day(first)}; SET VARIABLE until_on = {day(after)}")

    def make(self, sql: str) -> None:
        """Makes those that SQL reads."""
        for name in SPAN_TABLES:
            if f'"{name}"' in sql and name not in self._made:
                self._create(name)
                self._made.add(name)

    def _create(self, name: str) -> None:
        """A period that starts after the as-of instant has no rows."""
        zone, settings = self._settings.zone, self._settings
        horizons = [(str(number), span, Horizon.of(span, zone, self._as_of)) for number, span in enumerate(self._spans or ())]
        started = [(number, span, h) for number, span, h in horizons if h.started]
        if name == "span_days":
            rows = ", ".join(f"({number}::BIGINT, {day(span.start)}, {day(span.end)})" for number, span, _h in started)
            self._con.execute(f"CREATE TEMP TABLE span_days AS {_DAYS.format(rows)}" if rows else
                              "CREATE TEMP TABLE span_days (span BIGINT, day DATE)")
        elif name == "span_months":
            _create(self._con, name, "span BIGINT, month_on DATE, next_month_on DATE",
                    [(number, day(m.start), day(m.end)) for number, _span, h in started for m in h.months()])
        else:
            _create(self._con, name,
                    "span BIGINT, start_on DATE, end_on DATE, start_at TIMESTAMP, end_at TIMESTAMP, horizon_at TIMESTAMP, horizon_on DATE, "
                    "last_on DATE, year_ago_at TIMESTAMP, year_ago_on DATE, start_window_at TIMESTAMP, horizon_window_at TIMESTAMP, "
                    "year_ago_window_at TIMESTAMP, forecast_cutoff_at TIMESTAMP",
                    [(number, *_times(span, h, settings)) for number, span, h in started])


def _times(span: Span, h: Horizon, settings: Settings) -> tuple[str, ...]:
    """A period's row in `spans`, after its number."""
    zone, window = settings.zone, settings.activity_window_days
    year_ago, cutoff = days_before(h.at, 365, zone), day_start(span.start + timedelta(days=settings.forecast_cutoff_days), zone)
    return (day(span.start), day(span.end), timestamp(h.start_at), timestamp(h.end_at), timestamp(h.at), day(h.on), day(h.last_on),
            timestamp(year_ago), day(h.on - timedelta(days=365)), timestamp(days_before(h.start_at, window, zone)),
            timestamp(days_before(h.at, window, zone)), timestamp(days_before(year_ago, window, zone)), timestamp(cutoff))


def outer_days(con: duckdb.DuckDBPyConnection) -> dict[str, date]:
    """The first day of all the spans of a connection, and that after their last, as the parameters that they are on an engine."""
    found = con.execute("SELECT getvariable('from_on'), getvariable('until_on')").fetchone()
    assert found is not None
    return {"from_on": found[0], "until_on": found[1]}


def _create(con: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    if values:
        con.execute(f"INSERT INTO {name} VALUES {values}")


def create_calendar_days(con: duckdb.DuckDBPyConnection) -> None:
    """Creates `calendar_days`: the days of the years that can be read."""
    first, last = day_number(date(FIRST_YEAR, 1, 1)), day_number(date(LAST_YEAR + 1, 1, 1))
    con.execute(f"CREATE OR REPLACE TEMP TABLE calendar_days AS SELECT DATE '1970-01-01' + number::INTEGER AS day "
                f"FROM range({first}, {last}) AS numbers(number)")


def create_local_days(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Creates `local_days`: the instant (UTC) at which each local day of the years that can be read begins."""
    offset, found = changes(settings.timezone)
    starts, offsets = [day_number(date(FIRST_YEAR, 1, 1))], [offset]
    for change in found:
        # the first midnight that the clock shows after the change, not again after it went back
        starts.append(-(-(change.at + max(change.before, change.after)) // 86400))
        offsets.append(change.after)
    ends = [*starts[1:], day_number(date(LAST_YEAR + 1, 1, 1))]
    con.execute("CREATE OR REPLACE TEMP TABLE local_days AS SELECT DATE '1970-01-01' + number::INTEGER AS day, "
                "make_timestamp((number * 86400 - seconds) * 1000000) AS starts_at "
                "FROM (SELECT UNNEST(range(first, last)) AS number, seconds "
                f"FROM (SELECT UNNEST({starts}) AS first, UNNEST({ends}) AS last, UNNEST({offsets}) AS seconds))")


def day_number(when: date) -> int:
    """Days since 1970."""
    return when.toordinal() - date(1970, 1, 1).toordinal()


def create_oversight(con: duckdb.DuckDBPyConnection) -> None:
    """Creates `oversight` from `fact_rep_history`: whose rows a viewer sees, from when to when: their own, and those of reps whose
    manager they are, directly or through other managers (the closure of manager_id, each interval cut to its chain)."""
    reports: dict[str, list[tuple[str, date, date]]] = {}
    reps = set()
    for rep, manager, start, end in con.execute("SELECT rep_id, manager_id, valid_from, valid_to FROM fact_rep_history").fetchall():
        reps.add(rep)
        if manager is not None:
            reports.setdefault(manager, []).append((rep, start, end))
    rows = {(viewer, viewer, date.min, date.max) for viewer in reps | reports.keys()}
    for viewer in reports:
        waiting, seen = [(viewer, date.min, date.max)], set()
        while waiting:
            manager, since, until = waiting.pop()
            for rep, start, end in reports.get(manager, ()):
                link = (rep, max(start, since), min(end, until))
                if link[1] < link[2] and link not in seen:
                    seen.add(link)
                    rows.add((viewer, *link))
                    waiting.append(link)
    con.execute("CREATE OR REPLACE TEMP TABLE oversight (viewer VARCHAR, rep_id VARCHAR, valid_from DATE, valid_to DATE)")
    if rows:
        con.executemany("INSERT INTO oversight VALUES (?, ?, ?, ?)", sorted(rows))


def add_viewer(con: duckdb.DuckDBPyConnection, viewer: str) -> None:
    """Adds to `oversight` that a viewer sees their own rows, where it does not say so yet."""
    con.execute("INSERT INTO oversight SELECT $viewer, $viewer, $start, $end WHERE NOT EXISTS (FROM oversight WHERE viewer = $viewer)",
                {"viewer": viewer, "start": date.min, "end": date.max})
