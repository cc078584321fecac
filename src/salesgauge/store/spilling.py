"""Where a database puts what does not fit in memory: W/store/spill/<unique>, a folder of its own for each open database.

Two databases that spill into one folder write over each other's files, and end both processes. Who has a folder holds a lock on it, so
that what a killed process left can be told, and goes with the next load.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

SPILL = "spill"


class Spill:
    """A folder to spill into, until `close`; where it cannot be made (nothing can be written) nothing spills."""

    def __init__(self, store: Path) -> None:
        self._handle: int | None = None
        while self._handle is None:
            self.path = store / SPILL / secrets.token_hex(8)
            try:
                self._handle = self._taken()
            except OSError:
                break

    def _taken(self) -> int | None:
        """The folder, made and held; None where it was swept between the two."""
        self.path.mkdir(parents=True)
        handle = os.open(self.path, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_SH)
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)
        return None

    def close(self) -> None:
        """Removes it, after the database was closed."""
        if self._handle is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._handle)
            self._handle = None


def sweep_spills(store: Path) -> None:
    """Removes the folders that nobody holds."""
    for folder in (store / SPILL).glob("*"):
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)
