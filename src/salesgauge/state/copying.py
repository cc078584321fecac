"""A copy of the state's database while people go on using it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from salesgauge.errors import WorkspaceError
from salesgauge.state.database import FILE, FOLDER, VARIABLE

FILES = (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")  # the database, and what SQLite keeps beside it meanwhile
_BUSY_SECONDS = 20


def lies_elsewhere(environment: Mapping[str, str]) -> bool:
    """Whether the state lies in a database of its own, that the environment names, and not in the workspace."""
    return bool(environment.get(VARIABLE))


def copy_state(folder: Path, target: Path) -> bool:
    """Copies the state's database in the workspace `folder`, as of one moment, to the file `target`; says whether there is one.

    Who writes to it meanwhile does not wait. WorkspaceError where it cannot be read or is damaged.
    """
    path = folder / FOLDER / FILE
    if not path.exists() or not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, that holds everything
            said = copy.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as problem:
        raise WorkspaceError(f"the state's database {path} cannot be read: {problem}") from None
    if said != ("ok",):
        raise WorkspaceError(f"the state's database {path} is damaged: {said[0]}; restore a backup")
    return True
