"""A server reads a connected system by its schedule, in a process beside it that comes back when it dies and ends with its server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from salesgauge.errors import Busy
from salesgauge.sources.connections.connection import FOLDER, read, reschedule
from salesgauge.sources.connections.turns import turn
from salesgauge.state import State
from salesgauge.worker.__main__ import LOCK
from sources.connections.company import Company

pytestmark = pytest.mark.more
T = TypeVar("T")
PATIENCE = 120  # seconds within which each step must have happened


def until(found: Callable[[], T]) -> T:
    """What is found, as soon as it is."""
    give_up = time.monotonic() + PATIENCE
    while not (result := found()):
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.1)
    return result


def worker_of(server: int) -> int:
    """The worker that a server has started; 0: none."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(place.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent == server and b"salesgauge.worker" in place.joinpath("cmdline").read_bytes():
                return int(place.name)
        except OSError:  # it has ended meanwhile
            continue
    return 0


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def serve(folder: Path, said: Path) -> subprocess.Popen[bytes]:
    with said.open("wb") as file:
        return subprocess.Popen([sys.executable, "-m", "salesgauge", "serve", "-w", str(folder), "--port", "0"], stdout=subprocess.DEVNULL,
                                stderr=file, env={**os.environ, "PYTHONUNBUFFERED": "1"})


def test_a_schedule_is_kept_whatever_dies(tmp_path: Path) -> None:
    company, said = Company(tmp_path), tmp_path / "said"
    reschedule(read(company.folder, "crm"), "daily 06:00")  # what was never read is read at once
    server = serve(company.folder, said)
    try:
        with closing(State.open(company.folder)) as state:
            def done(name: str) -> bool:
                with state.look() as unit:
                    return any(run.outcome == "done" and run.scheduled for run in unit.runs.recent(name))
            until(lambda: done("crm"))
            assert len(company.deals()) == 6
            with pytest.raises(Busy), turn(company.folder / FOLDER / LOCK, "there is one"):
                pass
            first = worker_of(server.pid)
            os.kill(first, signal.SIGKILL)
            second = until(lambda: {worker_of(server.pid)} - {0, first}).pop()
            assert "the worker that reads connected systems ended (signal 9)" in said.read_text()
            company.connect("other", "o-", "{}")
            reschedule(read(company.folder, "other"), "daily 06:00")
            until(lambda: done("other"))
            assert len(company.deals()) == 12
        server.send_signal(signal.SIGKILL)
        server.wait()
        until(lambda: not is_there(second))
        server = serve(company.folder, said)
        third = until(lambda: worker_of(server.pid))
        server.send_signal(signal.SIGINT)
        # 130, or 0 where the signal came while the pages were being opened: either way it ended by itself, and so did its worker
        assert server.wait(PATIENCE) in (0, 130) and not is_there(third)
    finally:
        server.kill()
        server.wait()
        company.database.close()
