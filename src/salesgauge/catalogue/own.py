"""A company's own KPIs: the file `kpis.py` in the workspace's folder, declared with the same decorator as the built-in ones.

It is code, run with the rights of who opens the workspace. So it is taken from the workspace's folder only, and only where it belongs
to that person and nobody else can write to it; it is never uploaded.
"""

from __future__ import annotations

import hashlib
import os
import stat
import traceback
from pathlib import Path
from types import CodeType
from typing import Any

from salesgauge.errors import CatalogueError, SalesgaugeError
from salesgauge.semantics.kpi import Area, Catalogue

FILE = "kpis.py"
AREA = "own"


class OwnCatalogue:
    """What `declare` in a company's file gets: its KPIs go to the area "own" and cannot replace a built-in one."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def area(self) -> Area:
        """The decorator that declares a KPI: `kpi = catalogue.area()`."""
        return self._catalogue.area(AREA, built_in=False)


def declare_own(folder: Path, catalogue: Catalogue) -> str:
    """Declares the KPIs of the workspace's own file; gives a digest of it, empty where there is none.

    Raises CatalogueError, with file and line, where the file cannot be trusted, does not run or declares something unsound.
    """
    path = folder / FILE
    try:
        found = path.lstat()
    except FileNotFoundError:
        return ""
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CatalogueError(f"{path} is not run: it must be a file that belongs to you and that nobody else can write to "
                             f"(chmod 600 {path})")
    text = path.read_bytes()
    try:
        code = compile(text, str(path), "exec")
    except (SyntaxError, ValueError) as problem:
        raise CatalogueError(f"{FILE}:{getattr(problem, 'lineno', None) or 1}: {getattr(problem, 'msg', problem)}") from None
    _run(path, code, catalogue)
    return hashlib.sha256(text).hexdigest()[:16]


def _run(path: Path, code: CodeType, catalogue: Catalogue) -> None:
    names: dict[str, Any] = {"__name__": "salesgauge_own_kpis", "__file__": str(path)}
    try:
        exec(code, names)
        declare = names.get("declare")
        if not callable(declare):
            raise CatalogueError(f"{FILE}:1: it has no function declare(catalogue) that declares KPIs")
        declare(OwnCatalogue(catalogue))
    except SalesgaugeError:
        raise
    except Exception as problem:
        lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == str(path)]
        raise CatalogueError(f"{FILE}:{lines[-1] if lines else 1}: {type(problem).__name__}: {problem}") from None
