"""Facts that are kept as files beside a generation: built once, read by every session, bounded in number.

    W/store/cache/g-000012-<digest>/deals.parquet                                   as of everything known, or of every instant
    W/store/cache/g-000012-<digest>/deals@20250131T093000000000-20250131.parquet    as of an instant (that of the latest event by then)

A file that a session reads is under a shared lock, so that no other process takes it away meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import duckdb

MOST = 8  # instants of one fact that are kept; the least recently used go first
MOST_ASKED = 256  # marks that a fact was asked for once
_WRITING = threading.RLock()  # a thread of this process builds at a time: each build uses every core


class Held:
    """A kept file that stays where it is until it is let go."""

    def __init__(self, path: Path, lock: IO[bytes] | None) -> None:
        self.path, self._lock = path, lock

    def release(self) -> None:
        """Lets it go."""
        if self._lock is not None:
            self._lock.close()


class KeptFacts:
    """The kept facts of one generation under one set of definitions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def held(self, name: str, stamp: str | None, write: Callable[[Path], None]) -> Held | None:
        """The file of a fact as of the instant `stamp` (None: of no instant in particular); where it is absent `write` makes it. None
        where it cannot be kept."""
        path = self._path(name, stamp)
        found = _hold(path, passing=stamp is not None)
        if found is None:
            with _WRITING:
                found = _hold(path, passing=stamp is not None)  # another thread may have made it
                if found is None and self._made(path, write):
                    found = _hold(path, passing=stamp is not None)
                    self._tidy(name)
        return found

    def has(self, name: str, stamp: str | None) -> bool:
        """Whether the file of a fact is there."""
        return self._path(name, stamp).exists()

    def asked_before(self, name: str, stamp: str | None) -> bool:
        """Whether this was asked of a fact already; notes that it was. Where nothing can be noted it was."""
        mark = self._path(name, stamp).with_suffix(".asked")
        try:
            if mark.exists():
                return True
            self._folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
            for old in sorted(self._folder.glob("*.asked"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[MOST_ASKED:]:
                old.unlink(missing_ok=True)
        except OSError:
            return True
        return False

    def _path(self, name: str, stamp: str | None) -> Path:
        return self._folder / (f"{name}@{stamp}.parquet" if stamp else f"{name}.parquet")

    def _made(self, path: Path, write: Callable[[Path], None]) -> bool:
        partial = path.with_suffix(f".{os.getpid()}.partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write(partial)
            partial.replace(path)
        except (OSError, duckdb.IOException):
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            return False
        return True

    def _tidy(self, name: str) -> None:
        """Removes the instants of a fact that were not used for longest, but those that a session reads."""
        with suppress(OSError):
            used = sorted(self._folder.glob(f"{name}@*.parquet"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for path in used[MOST:]:
                with suppress(OSError), path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()


def _hold(path: Path, passing: bool) -> Held | None:
    """Takes hold of a file, None where it is absent. What is the same as of every instant is never taken away alone: it needs no lock."""
    if not passing:
        return Held(path, None) if path.exists() else None
    try:
        file = path.open("rb")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file.fileno()).st_nlink:
            with suppress(OSError):
                os.utime(path)  # used just now
            return Held(path, file)
    except OSError:  # a file system without locks
        pass
    file.close()
    return None
