"""Switching to a new generation: all of it or nothing, whenever the process dies."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesgauge.errors import WorkspaceError
from salesgauge.store.generation import CACHE, CURRENT, FOLDER, FORMAT, GENERATIONS, PARTS, read_manifest
from salesgauge.store.parts import PARTIAL, sync

KEPT = 3  # generations whose manifests and parts stay


@dataclass
class Draft:
    """The manifest of the generation that is being made: per table its parts, rows and extras; per table its part of rejects, per table
    that changed the part with what changed (None: not kept)."""

    name: str
    previous: str | None
    loaded_at: str
    report: dict[str, Any]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: dict[str, str] = field(default_factory=dict)
    reject_rows: int = 0
    changes: dict[str, str | None] = field(default_factory=dict)

    def parts(self) -> list[str]:
        """The file names of all its parts."""
        return [*(part for entry in self.tables.values() for part in entry["parts"]), *self.rejects.values(),
                *(part for part in self.changes.values() if part)]


def prepare(workspace: Path) -> None:
    """Makes the store's folders."""
    for folder in (GENERATIONS, PARTS):
        (workspace / FOLDER / folder).mkdir(parents=True, exist_ok=True)


def switch(workspace: Path, draft: Draft) -> None:
    """Makes `draft` the generation in force. Its parts are on the disk already; CURRENT is replaced last, in one step."""
    root = workspace / FOLDER
    sizes = {part: (root / PARTS / part).stat().st_size for part in draft.parts()}
    manifest = {"format": FORMAT, "generation": draft.name, "previous": draft.previous, "loaded_at": draft.loaded_at,
                "tables": draft.tables, "rejects": {"parts": draft.rejects, "rows": draft.reject_rows}, "changes": draft.changes,
                "bytes": sizes, "report": draft.report}
    sync(root / PARTS)
    _write(root / GENERATIONS / f"{draft.name}.json", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    _write(root / CURRENT, draft.name + "\n")


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync(path.parent)


def sweep(workspace: Path) -> None:
    """Removes what no kept generation names: older manifests, their parts, and what a killed load left. Only under the lock."""
    root = workspace / FOLDER
    kept = _kept(root)
    named = {part for manifest in kept.values() for part in manifest["bytes"]}
    for path in [*(p for p in (root / GENERATIONS).iterdir() if p.name.removesuffix(".json") not in kept),
                 *(p for p in (root / PARTS).iterdir() if p.name not in named), root / (CURRENT + PARTIAL)]:
        with suppress(OSError):  # what cannot be removed now is tried again at the next load
            path.unlink()
    for folder in (root / CACHE).glob("g-*"):  # facts that were kept beside a generation: <generation>-<digest of the definitions>
        if folder.name.rpartition("-")[0] not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _kept(root: Path) -> dict[str, dict[str, Any]]:
    """The manifests of the generation in force and of those before it that are kept."""
    found: dict[str, dict[str, Any]] = {}
    name = (root / CURRENT).read_text(encoding="utf-8").strip() if (root / CURRENT).exists() else None
    while name is not None and len(found) < KEPT:
        try:
            found[name] = read_manifest(root, name)
        except WorkspaceError:  # only an older one: that in force was read before
            break
        name = found[name]["previous"]
    return found
