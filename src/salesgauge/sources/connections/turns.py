"""Whose turn it is: a lock that lies beside what it guards, and goes with the process that holds it."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from salesgauge.errors import Busy, WorkspaceError


@contextmanager
def turn(path: Path, taken: str, wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Holds the lock `path`. Where another holds it: Busy with the words `taken`, or with `wait` that is called before each further try.
    WorkspaceError where no file can be made there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as problem:
        raise WorkspaceError(f"cannot write to {path.parent}: {problem.strerror or problem}") from None
    with file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if wait is None:
                    raise Busy(taken) from None
                wait()
        yield
