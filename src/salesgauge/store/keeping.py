"""How files come to be kept: for sure, or as long as it lasts (what can always be made anew: compiled or computed once, kept for the
next time)."""

from __future__ import annotations

import fcntl
import os
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """Waits until the disk has the file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep(path: Path, text: str) -> bool:
    """Writes a file whole or not at all, and says whether it did; where it cannot be written the next time makes it anew."""
    partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        return False
    return True


def keep_summed(path: Path, text: str) -> bool:
    """The same with the text's sum before it, so that it is believed only as it was written."""
    return keep(path, f"{zlib.crc32(text.encode()):08x}\n{text}")


def kept_text(path: Path) -> str:
    """A text that was kept with its sum. OSError where there is none, ValueError where it is not what was written."""
    said, _line, text = path.read_text(encoding="utf-8").partition("\n")
    if int(said, 16) != zlib.crc32(text.encode()):
        raise ValueError(f"{path} is not what was written")
    return text


def append(path: Path, line: bytes) -> bool:
    """Adds to the end of a file that others add to as well, and says whether it did."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            return os.write(handle, line) == len(line)  # in one piece, or what others add would come between
        finally:
            os.close(handle)
    except OSError:
        return False


def remove_unread(path: Path, remove: Callable[[Path], None]) -> None:
    """Removes a file or folder, unless somebody reads it, who then holds a shared lock on it."""
    with suppress(OSError):
        lock = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(path)
        finally:
            os.close(lock)
