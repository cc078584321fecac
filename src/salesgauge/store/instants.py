"""The instant that stands for others: between two events nothing becomes known, so what is known is the same."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple

import duckdb

from salesgauge.schema import EVERY_DAY, TABLES, Event, Kind
from salesgauge.staging import ident

When = datetime | date

MOST = 256  # intervals remembered of each event
_NEVER = datetime(1, 1, 1)


class Instant(NamedTuple):
    """An as-of instant as compiled SQL takes it: UTC without zone, and the local day."""

    at: datetime
    on: date

    def __str__(self) -> str:
        return f"{self.at.isoformat(timespec='microseconds').replace(':', '')}-{self.on.isoformat()}"


class _Known(NamedTuple):
    """From when (None: ever) to when, the end exclusive (None: for ever), `latest` is the latest of an event's times."""

    latest: When | None
    until: When | None


class LatestEvents:
    """Finds the latest of the events of one generation at or before an instant. For several threads; each brings its own connection,
    which has the canonical tables."""

    def __init__(self) -> None:
        self._known: dict[Event, list[_Known]] = {}
        self._lock = threading.Lock()

    def anchor(self, con: duckdb.DuckDBPyConnection, events: Collection[Event], instant: Instant) -> Instant:
        """The instant that stands for `instant` where only these events matter: the latest of their instants at or before it and the
        latest of their dates at or before its day (with EVERY_DAY its day); the first of the calendar where there is none. Whatever
        compares those columns with it by `<=` gets what it gets of `instant`."""
        latest = self._latest(con, [event for event in events if event != EVERY_DAY], instant)
        at = max((when for event, when in latest.items() if isinstance(when, datetime)), default=_NEVER)
        on = max((when for when in latest.values() if not isinstance(when, datetime)), default=_NEVER.date())
        return Instant(at, instant.on if EVERY_DAY in events else on)

    def _latest(self, con: duckdb.DuckDBPyConnection, events: Collection[Event], instant: Instant) -> Mapping[Event, When]:
        found: dict[Event, When] = {}
        asked: list[Event] = []
        for event in events:
            known = self._remembered(event, instant)
            if known is None:
                asked.append(event)
            elif known.latest is not None:
                found[event] = known.latest
        if asked:
            for event, known in self._read(con, asked, instant).items():
                self._remember(event, known)
                if known.latest is not None:
                    found[event] = known.latest
        return found

    def _read(self, con: duckdb.DuckDBPyConnection, events: Collection[Event], instant: Instant) -> dict[Event, _Known]:
        parts = []
        for table, column in events:
            name, bound = ident(column), "$on" if _is_date((table, column)) else "$at"
            parts.append(f"(SELECT [max({name}) FILTER ({name} <= {bound}), min({name}) FILTER ({name} > {bound})] FROM {ident(table)})")
        values = {name: value for name, value in (("at", instant.at), ("on", instant.on)) if any(f"${name}" in part for part in parts)}
        row = con.execute(f"SELECT {', '.join(parts)}", values).fetchone()
        assert row is not None
        return {event: _Known(*pair) for event, pair in zip(events, row, strict=True)}

    def _remembered(self, event: Event, instant: Instant) -> _Known | None:
        when = instant.on if _is_date(event) else instant.at
        with self._lock:
            for known in self._known.get(event, ()):
                if (known.latest is None or known.latest <= when) and (known.until is None or when < known.until):
                    return known
        return None

    def _remember(self, event: Event, known: _Known) -> None:
        with self._lock:
            kept = self._known.setdefault(event, [])
            if known not in kept:
                kept.insert(0, known)
                del kept[MOST:]


def _is_date(event: Event) -> bool:
    column = TABLES[event[0]].column(event[1])
    assert column is not None, event
    return column.kind is Kind.DATE
