"""The right to write a workspace: its lock, the connection that loads, and a scratch folder. One writer at a time."""

from __future__ import annotations

import fcntl
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from salesgauge.errors import Busy, WorkspaceError
from salesgauge.staging import literal
from salesgauge.store.generation import FOLDER
from salesgauge.store.spilling import memory_allowed

LOCK, SCRATCH = "lock", "scratch"
_held: dict[Path, int] = {}  # the locks of this process, with the thread that holds each


@contextmanager
def hold(workspace: Path) -> Iterator[None]:
    """Holds the lock of the workspace's store; a thread that holds it may hold it again. Busy where another has it."""
    path = (workspace / FOLDER / LOCK).resolve()
    if _held.get(path) == threading.get_ident():
        yield
        return
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("a")
    except OSError as problem:
        raise WorkspaceError(f"cannot write to {workspace}: {problem.strerror or problem}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{workspace} is being loaded already; try again when that load is done") from None
        _held[path] = threading.get_ident()
        try:
            yield
        finally:
            del _held[path]


@dataclass(frozen=True)
class Writing:
    """A connection set up for loading and a folder for what is only needed until the load ends."""

    con: duckdb.DuckDBPyConnection
    scratch: Path


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__


@contextmanager
def writing(workspace: Path, *, memory: int | None = None, threads: int | None = None) -> Iterator[Writing]:
    """Holds the workspace's lock and gives a connection whose memory is bounded (in bytes) and spills into the store's scratch folder."""
    with hold(workspace):
        scratch = workspace / FOLDER / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        con = duckdb.connect(":memory:")
        try:
            con.execute(f"SET memory_limit = '{memory or memory_allowed()}B'")
            con.execute(f"SET temp_directory = {literal(str(scratch / 'spill'))}")
            con.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'")
            if threads:
                con.execute(f"SET threads = {int(threads)}")
            yield Writing(con, scratch)
        except duckdb.OutOfMemoryException as problem:
            raise WorkspaceError(f"the load needs more memory than it may use: {_first_line(problem)}") from None
        except (duckdb.IOException, OSError) as problem:
            raise WorkspaceError(f"cannot write to {workspace}: {_first_line(problem)}") from None
        finally:
            con.close()
            shutil.rmtree(scratch, ignore_errors=True)
