"""Compiled SQL, kept in files of the workspace by the shape that it belongs to.

    W/store/cache/sql-<code>-<shape>.pages      a line for each page: digest, name, page

Pages are added at the end, each as soon as it is compiled, so that other processes have it at once and nothing is written twice; they are
read one by one, when they are asked for. A line that is damaged or torn does not fit its digest, and is compiled again. The time of a file
is when it was last used: those of definitions that nobody has any more go with a load.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesgauge.store.keeping import append

if TYPE_CHECKING:
    from salesgauge.semantics.compiler import Compiled, CompiledLookBack, Compiler

SHARED_SQL = "SALESGAUGE_SQL_CACHE"  # names a folder in which several workspaces keep compiled SQL, since equal shapes have equal SQL
_COMPILING = threading.RLock()       # the expression library is used by one thread at a time
_UNUSED = 30 * 86_400                # seconds after which a file that nobody used goes


class SqlBook:
    """Compiled SQL by name, kept in a file; what it lacks is compiled and added. For several threads and processes. Where the file cannot
    be written, what is compiled lasts as long as the book."""

    def __init__(self, path: Path, compiler: Callable[[], Compiler]) -> None:
        self._path, self._compiler = path, compiler
        self._pages: dict[str, dict[str, Any]] = {}
        self._lines: dict[bytes, bytes] = {}  # what was read: the line of each name that was not asked for yet
        self._read_to = 0

    def find(self, name: str, make: Callable[[Compiler], Compiled | CompiledLookBack]) -> Mapping[str, Any]:
        """The compiled SQL of that name."""
        page = self._pages.get(name)
        if page is None:
            with _COMPILING:
                page = self._pages.get(name) or self._kept(name)
                if page is None:
                    text = json.dumps(asdict(make(self._compiler())))
                    append(self._path, _line(name, text))
                    page = json.loads(text)  # as whoever reads it has it
                self._pages[name] = page
        return page

    def _kept(self, name: str) -> dict[str, Any] | None:
        """What the file has of that name, also if another process has added it meanwhile."""
        key = json.dumps(name).encode()
        if key not in self._lines:
            self._read_on()
        digest, _, text = self._lines.pop(key, b"").partition(b"\t")
        return json.loads(text.partition(b"\t")[2]) if text and digest == _digest(text) else None

    def _read_on(self) -> None:
        with suppress(OSError):  # there is none yet
            if self._path.stat().st_size <= self._read_to:
                return
            if not self._read_to:
                with suppress(OSError):  # it may be read, and not written
                    os.utime(self._path)
            with self._path.open("rb") as file:
                file.seek(self._read_to)
                added = file.read()
            self._read_to += len(added)
            self._lines.update((line.split(b"\t", 2)[1], line) for line in added.split(b"\n") if line.count(b"\t") == 2)


def sweep_books(folder: Path, now: Callable[[], float] = time.time) -> None:
    """Removes the files of a folder that nobody used for a month."""
    for path in folder.glob("sql-*"):
        with suppress(OSError):
            if now() - path.stat().st_mtime > _UNUSED:
                path.unlink()


def _line(name: str, page: str) -> bytes:
    """A line, between two ends of lines: what an earlier process left torn costs no more than itself."""
    text = f"{json.dumps(name)}\t{page}".encode()
    return b"\n" + _digest(text) + b"\t" + text + b"\n"


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=8).hexdigest().encode()
