"""The right to write a workspace: its lock, the connection that loads, and a scratch folder. One writer at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from salesgauge.errors import WorkspaceError
from salesgauge.staging import literal
from salesgauge.store.generation import FOLDER

LOCK, SCRATCH = "lock", "scratch"
MEMORY = 3 * 1024**3
_held: dict[Path, int] = {}  # the locks of this process, with the thread that holds each


@contextmanager
def hold(workspace: Path) -> Iterator[None]:
    """Holds the lock of the workspace's store; a thread that holds it may hold it again. WorkspaceError where another has it."""
    root = workspace / FOLDER
    root.mkdir(exist_ok=True)
    path = (root / LOCK).resolve()
    if _held.get(path) == threading.get_ident():
        yield
        return
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read(40).strip()
            raise WorkspaceError(f"{workspace} is being loaded by another process{f' ({owner})' if owner else ''}; try again when it is done") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        _held[path] = threading.get_ident()
        try:
            yield
        finally:
            del _held[path]
            file.truncate(0)


@dataclass(frozen=True)
class Writing:
    """A connection set up for loading and a folder for what is only needed until the load ends."""

    con: duckdb.DuckDBPyConnection
    scratch: Path


def memory_for_loading() -> int:
    """Bytes that a load may use: half of the machine, at most 3 GB."""
    return min(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2, MEMORY)


@contextmanager
def writing(workspace: Path, *, memory: int | None = None, threads: int | None = None) -> Iterator[Writing]:
    """Holds the workspace's lock and gives a connection whose memory is bounded (in bytes) and spills into the store's scratch folder."""
    with hold(workspace):
        scratch = workspace / FOLDER / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        con = duckdb.connect(":memory:")
        try:
            con.execute(f"SET memory_limit = '{memory or memory_for_loading()}B'")
            con.execute(f"SET temp_directory = {literal(str(scratch / 'spill'))}")
            con.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'")
            if threads:
                con.execute(f"SET threads = {int(threads)}")
            yield Writing(con, scratch)
        finally:
            con.close()
            shutil.rmtree(scratch, ignore_errors=True)
