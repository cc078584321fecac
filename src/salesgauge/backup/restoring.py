"""Reading a backup: all of it is compared with its index before anything is where a workspace would be."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from salesgauge import settings
from salesgauge.backup.archive import BLOCK, INDEX, Held, Index, Summing, read_index, reading, unpacked
from salesgauge.errors import BackupError
from salesgauge.store.generation import current
from salesgauge.store.parts import sync


def check_backup(backup: Path) -> Index:
    """Reads a backup to its end; BackupError, with what is wrong, where it is damaged or incomplete."""
    return _read(backup, None)


def restore_backup(backup: Path, workspace: Path) -> Index:
    """Makes the workspace that a backup holds, in a folder that is absent or empty: all of it or nothing, whenever the process dies.

    BackupError where the backup is damaged or incomplete, or the folder holds something already; WorkspaceError where a newer program
    made the workspace.
    """
    if workspace.exists() and (not workspace.is_dir() or any(workspace.iterdir())):
        raise BackupError(f"{workspace} holds something already; move it away, or name a folder that is not there yet")
    with _making(workspace) as folder:
        index = _read(backup, folder)
        settings.read(folder)
        found = current(folder)
        if found is None if index.generation else found is not None:
            raise BackupError(f"{backup} is damaged: it does not hold the generation {index.generation} that it names; take another one")
        if found is not None and found.damage is not None:
            raise BackupError(f"{backup} is damaged: {found.damage}; take another one")
        for path, _folders, _files in os.walk(folder, topdown=False):
            sync(Path(path))
        try:
            folder.rename(workspace)
        except OSError as problem:
            raise BackupError(f"cannot make {workspace}: {problem.strerror or problem}") from None
    sync(workspace.parent)
    return index


@contextmanager
def _making(workspace: Path) -> Iterator[Path]:
    """A folder beside the workspace's place, held so that no other restores there; what a killed restore left is removed first."""
    path = workspace.parent / f".{workspace.resolve().name}.restoring"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise BackupError(f"cannot write to {workspace.parent}: {problem.strerror or problem}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in path.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        yield path
    except BlockingIOError:
        raise BackupError(f"{workspace} is being restored already") from None
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    finally:
        os.close(handle)


def _read(backup: Path, folder: Path | None) -> Index:
    """Reads all of a backup, into `folder` where one is given, and compares it with its index."""
    found: dict[str, Held] = {}
    index: Index | None = None
    with reading(backup):
        for name, contents, mode in unpacked(backup):
            if name == INDEX:
                index = read_index(backup, contents.read())
            else:
                found[name] = _taken(contents, mode, folder / name if folder else None)
    if index is None:
        raise BackupError(f"{backup} is incomplete: it was not written to its end; take another one")
    for name in sorted(index.files.keys() | found.keys()):
        if name not in found:
            raise BackupError(f"{backup} is damaged: {name} is not in it; take another one")
        if name not in index.files or (found[name].bytes, found[name].sum) != (index.files[name].bytes, index.files[name].sum):
            raise BackupError(f"{backup} is damaged: {name} in it is not what was backed up; take another one")
    return index


def _taken(contents: IO[bytes], mode: int, target: Path | None) -> Held:
    summing, size = Summing(contents), 0
    if target is None:
        while block := summing.read(BLOCK):
            size += len(block)
        return Held(size, summing.sum, mode)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode & 0o755), "wb") as file:
            while block := summing.read(BLOCK):
                size += file.write(block)
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise BackupError(f"cannot write {target}: {problem.strerror or problem}") from None
    return Held(size, summing.sum, mode)
