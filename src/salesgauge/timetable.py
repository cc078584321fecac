"""Which connected systems are read when, and how that went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import names, read
from salesgauge.state.runs import DONE, Told

RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=6)  # after one failure; twice as long after each further one


@dataclass(frozen=True)
class Standing:
    """How a connection stands. `kind` and `schedule` are as its file says (empty: none); `fault` says why the file or its schedule cannot
    be used; `told` is what is known of its runs (None: it was never read); `due` when it is read next (UTC; None: when told to)."""

    name: str
    kind: str
    schedule: str
    fault: str
    told: Told | None
    due: datetime | None

    def as_json(self) -> dict[str, Any]:
        """It as plain values."""
        last, good = (self.told.last, self.told.good) if self.told else (None, None)
        brought = last.brought if last else None
        return {"connection": self.name, "kind": self.kind, "schedule": self.schedule or None, "next": _iso(self.due),
                "last_good": _iso(good.ended if good else None), "last": _iso(last.began if last else None),
                "outcome": last.outcome if last else None, "failures": self.told.failures if self.told else 0,
                "new": brought.new if brought else None, "changed": brought.changed if brought else None,
                "gone": brought.gone if brought else None, "aside": brought.aside if brought else None,
                "error": self.fault or (last.error if last else None)}


def standings(workspace: Path, zone: ZoneInfo, told: Mapping[str, Told], now: datetime) -> list[Standing]:
    """How each connection of a workspace stands, by name; times of the day are those of `zone`."""
    return [_standing(workspace, name, zone, told.get(name), now) for name in names(workspace)]


def _standing(workspace: Path, name: str, zone: ZoneInfo, told: Told | None, now: datetime) -> Standing:
    kind = schedule = ""
    try:
        connection = read(workspace, name)
        kind, schedule = connection.kind, connection.schedule or ""
        return Standing(name, kind, schedule, "", told, _due(schedule, zone, told, now) if schedule else None)
    except SourceError as problem:
        return Standing(name, kind, schedule, problem.message, told, None)


def _due(schedule: str, zone: ZoneInfo, told: Told | None, now: datetime) -> datetime:
    """When it is read next: by its schedule since it was read last, however many times were missed meanwhile; sooner after a failure."""
    from salesgauge.sources.connections.schedule import read_schedule
    said = read_schedule(schedule, zone)
    if told is None:
        return now
    by_schedule = said.after(told.last.began)
    if told.last.outcome == DONE:
        return by_schedule
    since = told.last.ended or told.last.began
    return min(by_schedule, since + min(RETRY * (1 << min(max(told.failures - 1, 0), 10)), LONGEST_RETRY))


def _iso(instant: datetime | None) -> str | None:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None
