"""Keeps a worker beside a server: started where a connection has a schedule, started again where it died, ended with the server."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import names, read

EVERY = 2.0             # seconds between two looks
FIRST, MOST = 1.0, 300.0  # seconds until it is started again after it died; twice as long each time
SOUND = 600.0           # seconds after which one that died is not taken for one that cannot start
GRACE = 15.0            # seconds that it has to end when it is told to
_log = logging.getLogger("salesgauge.worker")


class Process(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """Its exit code (below 0: the signal that ended it); None while it goes on."""

    def terminate(self) -> None:
        """Tells it to end."""

    def kill(self) -> None:
        """Ends it."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has one; subprocess.TimeoutExpired after so many seconds."""


class Keeper:
    """One worker: `wanted` says whether there is anything for it to do, `start` starts it."""

    def __init__(self, wanted: Callable[[], bool], start: Callable[[], Process]) -> None:
        self._wanted, self._start = wanted, start
        self._process: Process | None = None
        self._began = self._not_before = 0.0
        self._died = 0  # times, one after the other

    def look(self, now: float) -> None:
        """Starts it where it is wanted and not there; `now` is in seconds of a clock that goes forward."""
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            self._process = None
            if code == 0:  # it had nothing to do any more
                self._died = 0
            else:
                self._died = 1 if now - self._began > SOUND else self._died + 1
                wait = min(FIRST * 2 ** min(self._died - 1, 20), MOST)
                self._not_before = now + wait
                _log.warning("the worker that reads connected systems ended (%s); it is started again in %.0f seconds",
                             f"exit code {code}" if code > 0 else f"signal {-code}", wait)
        if now >= self._not_before and self._wanted():
            self._process, self._began = self._start(), now

    def end(self) -> None:
        """Ends it, in the middle of what it does if need be."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class Keeping(threading.Thread):
    """Keeps the worker of a workspace for as long as a server runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(name="keeping", daemon=True)
        self._keeper, self._ended = Keeper(lambda: has_schedule(folder), lambda: started(folder)), threading.Event()

    def run(self) -> None:
        """Goes on until `end`."""
        while True:
            self._keeper.look(time.monotonic())
            if self._ended.wait(EVERY):
                self._keeper.end()
                return

    def end(self) -> None:
        """Ends it, and the worker."""
        self._ended.set()


def has_schedule(folder: Path) -> bool:
    """Whether a connection of the workspace has a schedule."""
    for name in names(folder):
        try:
            if read(folder, name).schedule:
                return True
        except SourceError:  # the page of the data and `salesgauge sync --status` say what is wrong with its file
            continue
    return False


def started(folder: Path) -> Process:
    """The worker of a workspace, started. It ends when this process does: its standard input ends then."""
    return subprocess.Popen([sys.executable, "-m", "salesgauge.worker", str(folder)], stdin=subprocess.PIPE)
