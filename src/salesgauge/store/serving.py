"""Holds the generation in force open for many questions and threads, and follows when a load has made another one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from salesgauge.store.generation import Generation, pointer_of
from salesgauge.store.opened import Opened
from salesgauge.store.session import Session

SESSIONS = 4  # that run at the same time; who comes later waits


class Served:
    """One generation while it is served. Its sessions are used again, each by one thread at a time."""

    def __init__(self, opened: Opened, places: threading.BoundedSemaphore) -> None:
        self.opened = opened
        self._idle: list[Session] = []
        self._places, self._lock = places, threading.Lock()
        self.readers = 0   # questions that are being answered from it
        self.over = False  # another generation is in force

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of one's own; one that met an error is not used again."""
        with self._places:
            with self._lock:
                session = self._idle.pop() if self._idle else None
            session = session or Session(self.opened)
            try:
                yield session
                session.end()
            except BaseException:
                session.close()
                raise
            with self._lock:
                self._idle.append(session)

    def close(self) -> None:
        """Ends it; nobody reads it any more."""
        for session in self._idle:
            session.close()
        self._idle.clear()
        self.opened.close()


class Serving:
    """The generations of one workspace, as they come. `opening` opens the one in force. For several threads.

    `follow`: every reading looks which generation is in force; without it the first one stays until `switch`.
    """

    def __init__(self, root: Path, current: Callable[[], Generation], opening: Callable[[Generation], Opened], *, sessions: int = SESSIONS,
                 follow: bool = True) -> None:
        self._root, self._current, self._opening, self._follow = root, current, opening, follow
        self._places = threading.BoundedSemaphore(sessions)
        self._served: Served | None = None
        self._lock, self._switching = threading.Lock(), threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Served]:
        """A generation that stays open until the end of the block, whatever is loaded meanwhile."""
        served = self._entered()
        try:
            yield served
        finally:
            self._left(served)

    def is_newest(self, served: Served) -> bool:
        """Whether no load has made another generation since."""
        return pointer_of(self._root) == served.opened.generation.pointer

    def serves_instead(self, chosen: Generation) -> bool:
        """Whether another generation is served than `chosen`, which stands for the same one in force: one of the two is damaged."""
        served = self._served
        return served is not None and served.opened.generation.pointer == chosen.pointer and served.opened.generation.name != chosen.name

    def switch(self, prepare: Callable[[Served], None], *, doubted: bool = False) -> bool:
        """Goes over to the generation in force, after `prepare` has been called with it; says whether that is another one. `doubted`: the
        one that is served may have been damaged since, so that another one stands in for it; WorkspaceError where none can."""
        with self._switching:
            served = self._served
            if served is not None and not doubted and self.is_newest(served):
                return False
            chosen = self._current()
            if served is not None and (chosen.name, chosen.pointer) == (served.opened.generation.name, served.opened.generation.pointer):
                return False
            fresh = Served(self._opening(chosen), self._places)
            try:
                prepare(fresh)
            except BaseException:
                fresh.close()
                raise
            self._replace(fresh)
            return True

    def close(self) -> None:
        """Ends serving, as soon as what is being answered is."""
        self._replace(None)

    def _entered(self) -> Served:
        while True:
            with self._lock:
                served = self._served
                if served is not None and not self._follow:
                    served.readers += 1
                    return served
            if served is None or not self.is_newest(served):
                self.switch(lambda fresh: None)
                continue
            with self._lock:
                if not served.over:
                    served.readers += 1
                    return served

    def _left(self, served: Served) -> None:
        with self._lock:
            served.readers -= 1
            last = served.over and not served.readers
        if last:
            served.close()

    def _replace(self, fresh: Served | None) -> None:
        with self._lock:
            before, self._served = self._served, fresh
            if before is not None:
                before.over = True
            unused = before is not None and not before.readers
        if before is not None and unused:
            before.close()
