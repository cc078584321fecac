"""The databases in memory that read a store: how many bytes they may use, and where they put what does not fit: W/store/spill/<unique>, a
folder of its own for each open database.

Two databases that spill into one folder write over each other's files, and end both processes. Who has a folder holds a lock on it, so
that what a killed process left can be told, and goes with the next load.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb

SPILL = "spill"
MEMORY = 5 * 1024**3 // 2  # of a database; with what it holds beside that a process stays below 4 GB


def memory_allowed() -> int:
    """Bytes that a load or a question may use: half of the machine, at most 2.5 GB."""
    return min(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2, MEMORY)


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


class Database:
    """A database in memory to read parts and kept facts of the store in this folder with, until `close`. `con` is its connection, which
    gives others; all together use `memory` bytes at most (None: as many as are allowed)."""

    def __init__(self, store: Path, memory: int | None = None) -> None:
        self._spill = Spill(store)
        self.con = duckdb.connect(config={"temp_directory": str(self._spill.path), "memory_limit": f"{memory or memory_allowed()}B"})
        self.con.execute("SET TimeZone = 'UTC'")

    def close(self) -> None:
        """Ends it, after the connections that it gave."""
        self.con.close()
        self._spill.close()


@contextmanager
def reading(store: Path, memory: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to such a database of one's own."""
    with closing(Database(store, memory)) as database:
        yield database.con


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
