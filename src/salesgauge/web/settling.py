"""Brings tags of replies into the numbers: a little after the last of them, so that many make one load."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from salesgauge.errors import WorkspaceError
from salesgauge.state import State
from salesgauge.workspace import Workspace

QUIET = 10.0  # seconds without a new tag after which they are brought in
LONGEST = 60.0  # seconds that a tag waits at most while others follow
AGAIN = 5.0   # seconds until the next try, while a load goes on
_log = logging.getLogger("salesgauge.web")


def due(first: float, last: float) -> float:
    """When tags are brought in, of which the first was given at `first` and the last at `last` (seconds of one clock)."""
    return min(last + QUIET, first + LONGEST)


class Settling(threading.Thread):
    """Brings in what was tagged before the server started, then what is noted."""

    def __init__(self, workspace: Workspace, state: State, clock: Callable[[], datetime]) -> None:
        super().__init__(name="settling", daemon=True)
        self._workspace, self._state, self._clock = workspace, state, clock
        self._turn, self._ended = threading.Condition(), False
        self._first: float | None = None  # of the tags that wait
        self._due: float | None = time.monotonic()

    def note(self) -> None:
        """A reply was tagged."""
        with self._turn:
            now = time.monotonic()
            self._first = now if self._first is None else self._first
            self._due = due(self._first, now)
            self._turn.notify_all()

    def end(self) -> None:
        """Ends it after the load that goes on; what was not brought in yet is at the next start, or by the next load."""
        with self._turn:
            self._ended = True
            self._turn.notify_all()

    def settle(self) -> bool:
        """Brings in what the store does not have yet; says whether that was done: not while a load goes on."""
        try:
            self._workspace.settle(now=self._clock(), state=self._state)
        except WorkspaceError as problem:
            _log.info("tags wait: %s", problem.message)
            return False
        return True

    def run(self) -> None:
        """Goes on until `end`."""
        while self._wait():
            if not self.settle():
                with self._turn:
                    self._due = self._due or time.monotonic() + AGAIN

    def _wait(self) -> bool:
        """Waits until there is something to bring in; False where it is to end."""
        with self._turn:
            while not self._ended and (self._due is None or self._due > time.monotonic()):
                self._turn.wait(None if self._due is None else self._due - time.monotonic())
            self._first = self._due = None
            return not self._ended
