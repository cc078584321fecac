"""The worker reads what is due, once, whatever was missed, and goes on after what failed. Time is a number here; nothing waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.state import State
from salesgauge.state.runs import Brought
from salesgauge.worker.work import Worker
from salesgauge.workspace import Workspace

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


@dataclass
class Office:
    """A workspace with connections, its worker and a clock. `lasts` is how long a reading takes, `faults` what goes wrong with which."""

    folder: Path
    now: datetime = START
    lasts: timedelta = timedelta(minutes=1)
    faults: dict[str, Exception] = field(default_factory=dict)
    read: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        Workspace.create(self.folder, "Europe/Berlin", "EUR", {})
        self.state = State.open(self.folder, lambda: self.now, environment={})
        self.worker = Worker(self.folder, self.state, lambda: self.now, lambda: None, self._read)

    def connect(self, name: str, schedule: str | None) -> None:
        Connection(self.folder / FOLDER, name, "sql", schedule=schedule).write()

    def _read(self, workspace: Workspace, state: State, name: str, clock: Callable[[], datetime], **how: Any) -> Any:
        self.read.append((name, f"{self.now.astimezone(workspace.settings.zone):%a %H:%M}"))
        with state.change() as unit:
            number = unit.runs.begin(name, scheduled=how["scheduled"])
        self.now += self.lasts
        if name in self.faults:
            with state.change() as unit:
                unit.runs.fail(number, str(self.faults[name]))
            raise self.faults[name]
        with state.change() as unit:
            unit.runs.finish(number, Brought(None, 0, 0, 0, 0))
        return SimpleNamespace(load=SimpleNamespace(changed=False))

    def until(self, end: datetime) -> list[tuple[str, str]]:
        """What is read by then."""
        self.read.clear()
        while self.now < end:
            following = self.worker.work()
            assert following is not None
            self.now = min(max(following, self.now + timedelta(seconds=1)), end)
        return self.read


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "w")
    yield made
    made.state.close()


def test_what_was_never_read_is_read_at_once_and_then_as_its_schedule_says(office: Office) -> None:
    office.connect("crm", "every 20 minutes")
    office.connect("byhand", None)
    assert office.until(START + timedelta(hours=1)) == [("crm", "Mon 10:00"), ("crm", "Mon 10:20"), ("crm", "Mon 10:40")]


def test_times_of_the_day_are_those_of_the_company(office: Office) -> None:
    office.connect("crm", "weekdays 06:00")
    office.until(START + timedelta(minutes=5))
    office.now = START + timedelta(days=3, hours=19)  # Friday 05:00 in Berlin, and the server was off meanwhile
    read = office.until(START + timedelta(days=8))
    assert [at for _name, at in read] == ["Fri 05:00", "Fri 06:00", "Mon 06:00", "Tue 06:00"]


def test_many_that_were_missed_are_made_up_for_by_one(office: Office) -> None:
    office.connect("crm", "every 5 minutes")
    office.until(START + timedelta(minutes=3))
    office.now = START + timedelta(days=2, minutes=2)
    assert office.until(office.now + timedelta(minutes=4)) == [("crm", "Wed 10:02")]


def test_several_are_read_one_after_the_other_the_longest_overdue_first(office: Office) -> None:
    for name, schedule in (("b", "every 10 minutes"), ("a", "every 10 minutes"), ("c", "every hour")):
        office.connect(name, schedule)
    office.lasts = timedelta(minutes=4)
    assert office.until(START + timedelta(minutes=22)) == [
        ("a", "Mon 10:00"), ("b", "Mon 10:04"), ("c", "Mon 10:08"), ("a", "Mon 10:12"), ("b", "Mon 10:16")]


def test_a_reading_that_takes_longer_than_its_schedule_does_not_keep_others_from_theirs(office: Office) -> None:
    office.connect("slow", "every minute")
    office.connect("other", "every minute")
    office.lasts = timedelta(minutes=30)
    assert [name for name, _at in office.until(START + timedelta(hours=2))] == ["other", "slow", "other", "slow"]


def test_one_that_fails_is_tried_again_later_and_later_and_costs_no_other_its_turn(
        office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.connect("crm", "daily 10:00")
    office.connect("shop", "every 30 minutes")
    office.faults["crm"] = SourceError("crm: it cannot be reached (ConnectError)")
    with caplog.at_level(logging.WARNING, logger="salesgauge.worker"):
        read = office.until(START + timedelta(hours=1, minutes=20))
    assert [at for name, at in read if name == "crm"] == ["Mon 10:00", "Mon 10:06", "Mon 10:17", "Mon 10:38", "Mon 11:19"]
    assert [at for name, at in read if name == "shop"] == ["Mon 10:01", "Mon 10:31", "Mon 11:01"]
    assert caplog.messages[0] == "reading crm: crm: it cannot be reached (ConnectError)"
    del office.faults["crm"]
    later = office.until(START + timedelta(days=1, minutes=5))
    assert [at for name, at in later if name == "crm"] == ["Mon 12:40", "Tue 10:00"]


def test_a_mistake_of_the_program_says_its_kind_only_and_the_worker_goes_on(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.connect("crm", "every 10 minutes")
    office.faults["crm"] = TypeError("token 4711")
    with caplog.at_level(logging.DEBUG):
        assert len(office.until(START + timedelta(minutes=8))) == 2
    assert "TypeError" in caplog.text and "4711" not in caplog.text


def test_a_connection_that_cannot_be_used_stands_still_and_the_others_go_on(office: Office) -> None:
    office.connect("crm", "now and then")
    office.connect("shop", "every hour")
    (office.folder / FOLDER / "bad.toml").write_text("kind =")
    assert office.until(START + timedelta(minutes=2)) == [("shop", "Mon 10:00")]


def test_a_workspace_that_cannot_be_opened_is_why_nothing_was_read(office: Office) -> None:
    office.connect("crm", "every 20 minutes")
    own = office.folder / "kpis.py"
    own.write_text("this is no KPI")
    assert office.until(START + timedelta(minutes=12)) == []
    with office.state.look() as unit:
        runs = unit.runs.recent("crm")
    assert [run.began.strftime("%H:%M") for run in runs] == ["09:05", "09:00"] and "kpis.py" in str(runs[0].error)
    own.unlink()
    assert office.until(START + timedelta(minutes=16)) == [("crm", "Mon 10:15")]


def test_it_sees_a_schedule_that_is_made_or_taken_away_meanwhile(office: Office) -> None:
    office.connect("shop", "every hour")
    office.until(START + timedelta(minutes=2))
    office.connect("crm", "daily 06:00")
    assert office.until(office.now + timedelta(minutes=2)) == [("crm", "Mon 10:02")]
    office.connect("crm", None)
    office.connect("shop", None)
    assert office.worker.work() is None
