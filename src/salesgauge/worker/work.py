"""What the worker does: it reads the systems that are due, one after the other, and says when the next one is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge import settings
from salesgauge.errors import SalesgaugeError
from salesgauge.state import State
from salesgauge.timetable import Standing, standings
from salesgauge.worker.running import run
from salesgauge.workspace import Workspace

if TYPE_CHECKING:
    from salesgauge.sources.syncing import Synced

Read = Callable[..., "Synced"]  # as `run`
_log = logging.getLogger("salesgauge.worker")


class Worker:
    """Reads the systems of a workspace as their schedules say. One after the other: a load of one would wait for that of another anyway.

    `clock` gives the present instant (UTC), `pause` waits a little while another load goes on, `read` reads one and writes that down.
    """

    def __init__(self, folder: Path, state: State, clock: Callable[[], datetime], pause: Callable[[], None], read: Read = run) -> None:
        self._folder, self._state, self._clock, self._pause, self._read = folder, state, clock, pause, read

    def work(self) -> datetime | None:
        """Reads what is due, what is overdue longest first; gives when the next one is, None where nothing has a schedule. What goes wrong
        with one system is written down and said in the log, and costs no other its turn."""
        tried = set[str]()
        while True:
            waiting = self._waiting()
            due = [each for each in waiting if each.name not in tried and each.due is not None and each.due <= self._clock()]
            if not due:
                return waiting[0].due if waiting else None
            tried.add(due[0].name)
            self._bring(due[0].name)

    def _waiting(self) -> list[Standing]:
        """The connections with a schedule, the next one first."""
        now = self._clock()
        with self._state.look() as unit:
            told = unit.runs.told()
        found = [each for each in standings(self._folder, settings.read(self._folder).zone, told, now) if each.due is not None]
        return sorted(found, key=lambda each: (each.due or now, each.name))

    def _bring(self, name: str) -> None:
        try:
            workspace = self._workspace(name)
            synced = self._read(workspace, self._state, name, self._clock, scheduled=True, wait=self._pause)
            if synced.load.changed:
                workspace.make_ready(self._clock())
        except SalesgaugeError as problem:
            _log.warning("reading %s: %s", name, problem.message)
        except Exception as problem:  # a mistake of ours costs this run, not the others; its words may hold anything
            _log.error("reading %s: an error of the program: %s", name, type(problem).__name__)

    def _workspace(self, name: str) -> Workspace:
        """The workspace, opened each time: its settings and own KPIs may have changed. Where it cannot be, that is why nothing is read."""
        try:
            return Workspace(self._folder)
        except SalesgaugeError as problem:
            with self._state.change() as unit:
                unit.runs.fail(unit.runs.begin(name, scheduled=True), problem.message)
            raise
