"""Makes a server's first pages ready before anybody asks: SQL compiled, facts of the generation built, answers remembered."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import Callable
from datetime import datetime

import httpx

from salesgauge.errors import SalesgaugeError
from salesgauge.semantics.question import EVERYTHING
from salesgauge.web.app import create_app
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace

PATHS = ("/", "/pipeline", "/leaderboards", "/kpis/win_rate", "/customers")
EVERY = 2.0  # seconds between two looks at which generation is in force
_log = logging.getLogger("salesgauge.web")


def settle() -> None:
    """Takes what is in memory for what stays there: to look through all of it for garbage again and again costs a page 0.15 seconds now and
    then. What went since the last time is let go of."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Warming(threading.Thread):
    """Opens the pages that most people open, as somebody who sees everything, at the start and after each load, and then does what is to be
    done `after` that."""

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime], after: Callable[[], None] = lambda: None) -> None:
        super().__init__(name="warming", daemon=True)
        everyone = Visitor("", "executive", "executive", EVERYTHING)
        self._workspace, self._after, self._ended = workspace, after, threading.Event()
        self._app = create_app(workspace, who=lambda request: everyone, clock=clock)

    def run(self) -> None:
        """Goes on until `end`."""
        seen = None
        while True:
            name = self._generation()
            if name is not None and name != seen:
                asyncio.run(self.open_pages())
                self._after()
                seen = name
            if self._ended.wait(EVERY):
                return

    def end(self) -> None:
        """Ends it after the page that is being opened."""
        self._ended.set()

    async def open_pages(self) -> None:
        """Opens each page once; what goes wrong is for the person to see who opens it."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://localhost") as client:
            for path in PATHS:
                if self._ended.is_set():
                    return
                answer = await client.get(path)
                if answer.status_code >= 500:
                    _log.warning("%s could not be made ready: %s", path, answer.status_code)

    def _generation(self) -> str | None:
        try:
            return self._workspace.generation().name
        except SalesgaugeError:  # nothing was loaded yet, or the store is damaged: who opens a page is told
            return None
