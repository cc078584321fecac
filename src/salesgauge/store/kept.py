"""Facts that are kept as files beside a generation: built once, read by every session, bounded in bytes.

    W/store/cache/g-000012-<digest>/deals/                                   as of everything known, or of every instant
    W/store/cache/g-000012-<digest>/deals@20250131T093000000000-20250131/    as of an instant (that of the latest event by then)
        0.parquet, 1.parquet     its first layer, in several files where it is large (store/quarters.py): these rows are the fact's ...
        gone.parquet             ... but those at these places (the number of a `file`, and the `place` in it, both counted from 0) ...
        later.parquet            ... and these, its second layer

A folder is made whole or not at all and never changed; one that is not what was written (store/sums.py) is made anew. A folder of an
instant that a session reads is under a shared lock, so that no other process takes it away meanwhile. Layers are shared between
generations by hard links (store/forward.py).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

from salesgauge.store.keeping import remove_unread, sync
from salesgauge.store.places import NUMBER, PLACE, parts_of
from salesgauge.store.sums import all_sound, note, sum_of

MOST_BYTES = 4 * 1024**3  # of the facts of one generation that are kept as of instants; the least recently used go first
_WRITING = threading.RLock()  # a thread of this process builds at a time: each build uses every core
MOST_ASKED, _ASKED = 256, ".asked"  # empty files that say that a fact was asked for once
_PARTIAL, _LEAVING, _SUFFIX = ".partial", ".leaving", ".parquet"


LATER, GONE = "later.parquet", "gone.parquet"
FILE = "file"  # the column of GONE beside PLACE
FORM = "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw"  # only we read them: docs/decisions/0029
COPY = f"({FORM})"                             # how rows are written ...
BY_OWNER = f"({FORM}, ROW_GROUP_SIZE 16384)"   # ... that are in order of whose they are: docs/decisions/0028


def first(number: int = 0) -> str:
    """The name of a file of the first layer."""
    return f"{number}{_SUFFIX}"


def folder_name(name: str, stamp: str | None) -> str:
    """The name of the folder of a fact; `stamp` names the instant that it is as of, where it is of one."""
    return f"{name}@{stamp}" if stamp else name


class Held:
    """A kept fact that stays where it is until it is let go."""

    def __init__(self, folder: Path, lock: int | None = None) -> None:
        self.folder, self._lock = folder, lock

    @property
    def first(self) -> list[Path]:
        """The files of its first layer. IOException where a load swept it."""
        found: list[Path] = []
        while (path := self.folder / first(len(found))).exists():
            found.append(path)
        if not found:
            raise duckdb.IOException(f"{self.folder} is gone")
        return found

    @property
    def later(self) -> Path | None:
        """Its second layer, where it has one."""
        return self._if_there(LATER)

    @property
    def gone(self) -> Path | None:
        """The places of its first layer whose rows no longer hold; None where all do."""
        return self._if_there(GONE)

    def _if_there(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.exists() else None

    @property
    def relation(self) -> str:
        """SQL: what stands after FROM to read its rows; the files as they are where nothing is gone. IOException where a load swept it."""
        if self.gone is None:
            return parts_of([*self.first, *([self.later] if self.later else [])])
        return f"({' UNION ALL '.join(self.rows(f'r.* EXCLUDE ({NUMBER})', later='*'))})"

    def rows(self, columns: str, *, later: str) -> list[str]:
        """SQL of these columns of the rows `r` of each layer, the second's being `later`; of the first each row has the number of its file
        as `file_index`, and its place there as `file_row_number`. IOException where a load swept it."""
        gone, second = self.gone, self.later
        but = f" ANTI JOIN {parts_of([gone])} g ON r.file_index = g.{FILE} AND r.{NUMBER} = g.{PLACE}" if gone else ""
        rows = [f"SELECT {columns} FROM {parts_of(self.first, numbered=True)} r{but}"]
        return [*rows, f"SELECT {later} FROM {parts_of([second])} r"] if second else rows

    def release(self) -> None:
        """Lets it go."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class KeptFacts:
    """The kept facts of one generation under one set of definitions. `damaged` is told where one was damaged, and removed."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES, damaged: Callable[[], None] = lambda: None) -> None:
        self.folder, self._most_bytes, self._damaged = folder, most_bytes, damaged

    def held(self, name: str, stamp: str | None, write: Callable[[Path], None]) -> Held | None:
        """A fact as of the instant `stamp` (None: of no instant in particular); where it is absent `write` makes its files in the empty
        folder that it is given. None where it cannot be kept."""
        path = self._path(name, stamp)
        found = self._sound(path, stamp)
        if found is None:
            with _WRITING:
                found = self._sound(path, stamp)  # another thread may have made it
                if found is None and self._made(path, write):
                    found = self._sound(path, stamp)
                    if stamp:
                        self._tidy()
        return found

    def asked_before(self, name: str, stamp: str | None) -> bool:
        """Whether this was asked of a fact already; notes that it was. Where nothing can be noted it was."""
        mark = self._mark(name, stamp)
        try:
            if mark.exists():
                return True
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
            for old in sorted(self.folder.glob(f"*{_ASKED}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[MOST_ASKED:]:
                old.unlink(missing_ok=True)
        except OSError:
            return True
        return False

    def was_asked(self, name: str, stamp: str | None) -> bool:
        """The same without noting it."""
        there = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        return self._mark(name, stamp).exists() or not os.access(there, os.W_OK)

    def _mark(self, name: str, stamp: str | None) -> Path:
        path = self._path(name, stamp)
        return path.with_name(path.name + _ASKED)

    def _path(self, name: str, stamp: str | None) -> Path:
        return self.folder / folder_name(name, stamp)

    def has(self, name: str, stamp: str | None) -> bool:
        """Whether a fact is kept."""
        return self._path(name, stamp).exists()

    def find(self, name: str, stamp: str | None) -> Held | None:
        """A fact that is kept already, None where it is not."""
        return self._sound(self._path(name, stamp), stamp)

    def _sound(self, path: Path, stamp: str | None) -> Held | None:
        """Takes hold of a folder that is there and whole; one that is damaged is removed."""
        found = _hold(path, passing=stamp is not None)
        if found is None or all_sound(path, _SUFFIX):
            return found
        found.release()
        with suppress(OSError):
            remove_at_once(path)
        self._damaged()
        return None

    def bytes(self) -> int:
        """The bytes that its files have, those that it shares with other generations included."""
        return sum(_size(path) for path in self.folder.iterdir()) if self.folder.is_dir() else 0

    def is_full(self) -> bool:
        """Whether what is kept of instants is as much as may be: to keep more would push out some of it."""
        return sum(_size(path) for path in self.folder.glob("*@*")) >= self._most_bytes

    def _made(self, path: Path, write: Callable[[Path], None]) -> bool:
        partial = path.with_name(f"{path.name}.{os.getpid()}{_PARTIAL}")
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            write(partial)
            for file in partial.iterdir():  # a name that outlived a power cut without its rows would be found for ever after
                sync(file)
            for file in partial.glob(f"*{_SUFFIX}"):
                if not sum_of(file).exists():  # else it is a file of another generation with its sum
                    note(file)
            sync(partial)  # of several files none may be missing later
            partial.rename(path)
        except (OSError, duckdb.IOException):
            with suppress(OSError):
                shutil.rmtree(partial, ignore_errors=True)
            return path.exists()  # another process may have made it
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return True

    def _tidy(self) -> None:
        """Removes the facts of instants that were not used for longest until the others fit, but those that a session reads."""
        with suppress(OSError):
            used = sorted((path for path in self.folder.glob("*@*") if path.suffix not in (_PARTIAL, _LEAVING, _ASKED)),
                          key=lambda path: path.stat().st_mtime_ns, reverse=True)
            left = self._most_bytes
            for place, path in enumerate(used):
                left -= _size(path)
                if left < 0 and place:
                    remove_unread(path, remove_at_once)


def _size(folder: Path) -> int:
    """The bytes of a folder's files; of one that goes meanwhile what was still there."""
    with suppress(OSError):
        return sum(file.stat().st_size for file in folder.glob(f"*{_SUFFIX}"))
    return 0


def remove_at_once(path: Path) -> None:
    """Removes a folder in one step for who looks for its files: somebody who reads them meanwhile finds all or none, never a layer without
    the places of its rows that are gone. OSError where it stays."""
    leaving = path.with_name(path.name.removesuffix(_LEAVING) + _LEAVING)
    path.rename(leaving)
    shutil.rmtree(leaving, ignore_errors=True)


def _hold(path: Path, passing: bool) -> Held | None:
    """Takes hold of a folder, None where it is absent. What is the same as of every instant is never taken away alone: it needs no lock."""
    if not passing:
        return Held(path) if path.exists() else None
    try:
        lock = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if os.fstat(lock).st_ino == path.stat().st_ino:  # else it went while the lock was waited for
            with suppress(OSError):
                os.utime(path)  # used just now
            return Held(path, lock)
    except OSError:  # gone, or a file system without locks
        pass
    os.close(lock)
    return None
