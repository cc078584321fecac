"""Compiled SQL, kept in files of the workspace by the shape that it belongs to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesgauge.store.keeping import keep_summed, kept_text

if TYPE_CHECKING:
    from salesgauge.semantics.compiler import Compiled, CompiledLookBack, Compiler

SHARED_SQL = "SALESGAUGE_SQL_CACHE"  # names a folder in which several workspaces keep compiled SQL, since equal shapes have equal SQL
_COMPILING = threading.RLock()       # the expression library is used by one thread at a time


class SqlBook:
    """Compiled SQL by name, kept in a file; what it lacks is compiled and added. For several threads."""

    def __init__(self, path: Path, compiler: Callable[[], Compiler]) -> None:
        self._path, self._compiler, self._changed = path, compiler, False
        self._pages = self._read()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            pages: dict[str, dict[str, Any]] = json.loads(kept_text(self._path))
            return pages
        except (OSError, ValueError):  # absent or damaged: it can always be made anew
            return {}

    def find(self, name: str, make: Callable[[Compiler], Compiled | CompiledLookBack]) -> Mapping[str, Any]:
        """The compiled SQL of that name."""
        page = self._pages.get(name)
        if page is None:
            with _COMPILING:
                page = self._pages.get(name)
                if page is None:
                    page = self._pages[name] = asdict(make(self._compiler()))
                    self._changed = True
        return page

    def save(self) -> None:
        """Writes what was added, whole or not at all; a workspace that cannot be written to goes without."""
        if not self._changed:
            return
        with _COMPILING:
            for name, page in self._read().items():  # what another process added meanwhile stays
                self._pages.setdefault(name, page)
            self._changed = not keep_summed(self._path, json.dumps(self._pages))
