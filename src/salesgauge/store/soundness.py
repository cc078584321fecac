"""Whether the parts of a generation are what was loaded: their sizes each time, their check sums once for each state of a file.

A part that was found sound is remembered with its size and times, in this process and in W/store/cache/sound.json. Whoever writes to it
or replaces it changes these, and it is summed again before anybody reads it. What a disk changes by itself shows when everything is
summed (`salesgauge doctor`, `salesgauge backup`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from salesgauge.store.keeping import keep

SEALS = "sound.json"
_MOST = 10_000  # parts that a process remembers
_known: dict[Path, tuple[int, ...]] = {}
_summing = threading.Lock()  # several threads that open the same generation sum its parts once


class Said(NamedTuple):
    """What a manifest says of a part: its bytes, and its check sum (None: it was written before there were any)."""

    size: int
    sum: str | None


def digest(path: Path) -> str:
    """The check sum of a file (SHA-256)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def look(folder: Path, parts: Mapping[str, Said], cache: Path, *, anew: bool = False) -> dict[str, str]:
    """What is wrong with parts in `folder`, by name; empty where all are sound. `anew`: each is summed, whatever is remembered."""
    wrong: dict[str, str] = {}
    stamps: dict[Path, tuple[int, ...]] = {}
    for name, said in parts.items():
        path = folder / name
        try:
            stamps[path] = _stamp(path)
        except OSError:
            wrong[name] = "is missing"
            continue
        if stamps[path][0] != said.size:
            wrong[name] = f"has {stamps[path][0]} bytes instead of {said.size}"
    doubted = [path for path, stamp in stamps.items() if path.name not in wrong and (anew or _known.get(path) != stamp)]
    if doubted:
        with _summing:
            wrong |= _summed(doubted, stamps, parts, cache, anew)
    return wrong


def remember(folder: Path, names: list[str], cache: Path) -> None:
    """Remembers parts as sound whose check sums were just taken."""
    _remember({folder / name: _stamp(folder / name) for name in names}, set(), cache)


def _summed(doubted: list[Path], stamps: Mapping[Path, tuple[int, ...]], parts: Mapping[str, Said], cache: Path,
            anew: bool) -> dict[str, str]:
    seals = {} if anew else _read(cache)
    wrong: dict[str, str] = {}
    sound: dict[Path, tuple[int, ...]] = {}
    for path in doubted:
        stamp = stamps[path]
        if not anew and stamp in (_known.get(path), seals.get(path.name)):
            _known[path] = stamp
        elif (why := _fault(path, parts[path.name].sum)) is not None:
            wrong[path.name] = why
        else:
            sound[path] = stamp
    _remember(sound, set(wrong), cache)
    for path in doubted:
        if path.name in wrong:
            _known.pop(path, None)
    return wrong


def _fault(path: Path, known: str | None) -> str | None:
    try:
        if known is not None:
            return None if digest(path) == known else "is not what was loaded: its check sum is another"
        with path.open("rb") as file:
            ends = file.read(4), (file.seek(-4, 2), file.read(4))[1]
        return None if ends == (b"PAR1", b"PAR1") else "is no Parquet file"
    except OSError as problem:
        return f"cannot be read ({problem.strerror or problem})"


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _read(cache: Path) -> dict[str, tuple[int, ...]]:
    try:
        found = json.loads((cache / SEALS).read_text(encoding="utf-8"))
        return {str(name): tuple(map(int, stamp)) for name, stamp in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # absent or damaged: the parts are summed again
        return {}


def _remember(sound: Mapping[Path, tuple[int, ...]], wrong: set[str], cache: Path) -> None:
    if len(_known) > _MOST:
        _known.clear()
    _known.update(sound)
    before = _read(cache)
    after = {name: stamp for name, stamp in (before | {path.name: stamp for path, stamp in sound.items()}).items() if name not in wrong}
    if after != before:
        folder = next(iter(sound), None)
        present = {path.name for path in folder.parent.iterdir()} if folder is not None else set(after)
        keep(cache / SEALS, json.dumps({name: stamp for name, stamp in after.items() if name in present}))
