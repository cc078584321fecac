"""Check sums of kept files, so that none that is damaged is believed: beside each stands a small file with its sum.

    0.parquet, 0.parquet.sum

Who writes a file sums it. Each process sums it again before it first reads it, and whenever its size, time or identity are others than
when it was last summed. Of files that are so long that to read them whole would cost more than what is asked of them, the same suffices
as of the parts of tables (store/soundness.py): that these are what they were when it was written.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path

from salesgauge.store.keeping import keep

SUM = ".sum"
LONG = 64 * 1024**2  # bytes of what a process does not read whole before it believes it
_BLOCK = 1024**2
_MOST = 10_000       # files that a process remembers
_sound: dict[tuple[int, int], tuple[int, int]] = {}  # by device and inode: the size and time of a file that was found sound


def sum_of(path: Path) -> Path:
    """Where the sum of a file stands."""
    return path.with_name(path.name + SUM)


def note(path: Path, place: Path | None = None) -> None:
    """Notes the sum of a file that was just written, beside where it will stand (default: where it is). One whose sum cannot be noted is
    not believed. OSError where it cannot be read."""
    found = path.stat()
    keep(sum_of(place or path), f"{_crc(path):08x} {found.st_size} {found.st_ino} {found.st_mtime_ns}")


def is_sound(path: Path, among: int = 0) -> bool:
    """Whether a file is there and what was written; `among`: the bytes of all files that are read with it, which are believed together."""
    try:
        found = path.stat()
        key, stamp = (found.st_dev, found.st_ino), (found.st_size, found.st_mtime_ns)
        if _sound.get(key) == stamp:
            return True
        crc, *said = sum_of(path).read_text(encoding="ascii").split()
        size, inode, written = map(int, said)
        if size != found.st_size:
            return False
        untouched = (inode, written) == (found.st_ino, found.st_mtime_ns)
        if not (untouched and max(size, among) > LONG) and _crc(path) != int(crc, 16):
            return False
    except (OSError, ValueError):
        return False
    if len(_sound) >= _MOST:
        _sound.clear()
    _sound[key] = stamp
    return True


def all_sound(folder: Path, ending: str) -> bool:
    """Whether the files of a folder are those that were written there, each of them sound; `ending` is that of their names."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError:
        return False
    files = {name for name in names if name.endswith(ending)}
    summed = {name.removesuffix(SUM) for name in names if name.endswith(SUM)}
    if not files or files != summed:
        return False
    try:
        together = sum((folder / name).stat().st_size for name in files)
    except OSError:
        return False
    return all(is_sound(folder / name, together) for name in files)


def remove(path: Path) -> None:
    """Removes a file with its sum, as far as that can be."""
    for each in (path, sum_of(path)):
        with suppress(OSError):
            each.unlink(missing_ok=True)


def _crc(path: Path) -> int:
    found, block = 0, memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            found = zlib.crc32(block[:count], found)
    return found
