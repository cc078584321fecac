"""The worker is started where there is something to do, and again where it died, and ends with its server."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import pytest

from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.worker.keeping import FIRST, GRACE, MOST, SOUND, Keeper, has_schedule


class Fake:
    """A process that ends when it is told to, or when it likes."""

    def __init__(self, stubborn: bool = False) -> None:
        self.code: int | None = None
        self.stubborn, self.heard = stubborn, list[str]()

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.heard.append("terminate")
        self.code = None if self.stubborn else 0

    def kill(self) -> None:
        self.heard.append("kill")
        self.code = -9

    def wait(self, timeout: float | None = None) -> int:
        if self.code is None:
            assert timeout == GRACE
            raise subprocess.TimeoutExpired("worker", timeout)
        return self.code


class Place:
    """A keeper whose processes are seen."""

    def __init__(self, stubborn: bool = False) -> None:
        self.wanted, self.started = True, list[Fake]()
        self.stubborn = stubborn
        self.keeper = Keeper(lambda: self.wanted, self.start)

    def start(self) -> Fake:
        self.started.append(Fake(self.stubborn))
        return self.started[-1]


def test_there_is_one_where_it_is_wanted_and_none_where_not() -> None:
    place = Place()
    place.wanted = False
    place.keeper.look(0)
    assert place.started == []
    place.wanted = True
    for now in (1, 2, 3):
        place.keeper.look(now)
    assert len(place.started) == 1
    place.started[0].code, place.wanted = 0, False
    place.keeper.look(4)
    place.wanted = True
    place.keeper.look(5)
    assert len(place.started) == 2


def test_one_that_dies_is_told_of_and_started_again_later_and_later(caplog: pytest.LogCaptureFixture) -> None:
    place, now, waits = Place(), 0.0, list[float]()
    with caplog.at_level(logging.WARNING, logger="salesgauge.worker"):
        for _ in range(12):
            place.keeper.look(now)
            number = len(place.started)
            place.started[-1].code = -11
            died = now
            while len(place.started) == number:
                place.keeper.look(now)
                now += 0.5
            waits.append(now - died)
    assert waits[:4] == [1.5, 2.5, 4.5, 8.5] and waits[-1] == MOST + 0.5
    assert caplog.messages[0] == f"the worker that reads connected systems ended (signal 11); it is started again in {FIRST:.0f} seconds"


def test_one_that_dies_after_a_long_time_is_started_again_soon() -> None:
    place = Place()
    place.keeper.look(0)
    place.started[0].code = 2
    place.keeper.look(1)
    place.keeper.look(3)
    place.started[1].code = 2
    place.keeper.look(3 + SOUND + 1)
    place.keeper.look(3 + SOUND + 1 + FIRST)
    assert len(place.started) == 3


@pytest.mark.parametrize(("stubborn", "heard"), [(False, ["terminate"]), (True, ["terminate", "kill"])])
def test_it_ends_with_the_server(stubborn: bool, heard: list[str]) -> None:
    place = Place(stubborn)
    place.keeper.end()
    place.keeper.look(0)
    place.keeper.end()
    assert place.started[0].heard == heard


def test_a_workspace_needs_one_where_a_connection_has_a_schedule(tmp_path: Path) -> None:
    assert not has_schedule(tmp_path)
    Connection(tmp_path / FOLDER, "crm", "sql").write()
    (tmp_path / FOLDER / "bad.toml").write_text("kind =")
    assert not has_schedule(tmp_path)
    Connection(tmp_path / FOLDER, "shop", "sql", schedule="every hour").write()
    assert has_schedule(tmp_path)
