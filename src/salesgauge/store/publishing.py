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
from salesgauge.store.books import sweep_books
from salesgauge.store.formats import FORMAT
from salesgauge.store.generation import (
    CACHE,
    CURRENT,
    DAMAGED,
    FOLDER,
    GENERATIONS,
    PARTS,
    Generation,
    manifests,
    number_of,
    read_manifest,
)
from salesgauge.store.kept import remove_at_once
from salesgauge.store.parts import PARTIAL, sync
from salesgauge.store.soundness import digest, remember
from salesgauge.store.spilling import sweep_spills

KEPT = 3  # generations whose manifests and parts stay


@dataclass
class Draft:
    """The manifest of the generation that is being made: per table its parts, rows and extras; per table its part of rejects, per table
    that changed the part with what changed (None: not kept); and what is one thing in several systems (store/generation.py, Identity)."""

    name: str
    previous: str | None
    loaded_at: str
    report: dict[str, Any]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: dict[str, str] = field(default_factory=dict)
    reject_rows: int = 0
    changes: dict[str, str | None] = field(default_factory=dict)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: str | None = None
    verdicts: str | None = None
    prefer: tuple[str, ...] = ()

    def parts(self) -> list[str]:
        """The names of all its files."""
        entries = (*self.tables.values(), *self.said.values(), *self.keys.values())
        named = [*(file for entry in entries for file in (*entry["parts"], *entry["gone"].values())), *self.rejects.values(),
                 *(part for part in (*self.changes.values(), self.groups, self.verdicts) if part)]
        return list(dict.fromkeys(named))  # a table and what its sources say of it share parts


def prepare(workspace: Path) -> None:
    """Makes the store's folders, durably: a disk that keeps what lies in a folder may yet lose the folder."""
    root = workspace / FOLDER
    if (root / GENERATIONS).is_dir() and (root / PARTS).is_dir():
        return
    for folder in (GENERATIONS, PARTS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    sync(root)
    sync(workspace)


def switch(workspace: Path, draft: Draft) -> None:
    """Makes `draft` the generation in force. Its parts are on the disk already; CURRENT is replaced last, in one step."""
    root = workspace / FOLDER
    sizes = {part: (root / PARTS / part).stat().st_size for part in draft.parts()}
    known = read_manifest(root, draft.previous)["sums"] if draft.previous else {}
    sums = {part: known.get(part) or digest(root / PARTS / part) for part in sizes}
    manifest = {"format": FORMAT, "generation": draft.name, "previous": draft.previous, "loaded_at": draft.loaded_at,
                "tables": draft.tables, "rejects": {"parts": draft.rejects, "rows": draft.reject_rows}, "changes": draft.changes,
                "said": draft.said, "keys": draft.keys,
                "identity": {"groups": draft.groups, "verdicts": draft.verdicts, "prefer": list(draft.prefer)},
                "bytes": sizes, "sums": sums, "report": draft.report}
    sync(root / PARTS)
    remember(root / PARTS, [part for part in sums if part not in known], root / CACHE)
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


def sweep(workspace: Path, newest: str | None) -> None:
    """Removes what neither the generation `newest` nor those kept before it name: older manifests, their parts, and what a killed load
    left. Only under the lock; WorkspaceError, and nothing is removed, where the manifest of `newest` cannot be read."""
    root = workspace / FOLDER
    kept = _kept(root, newest)
    named = {part for manifest in kept.values() for part in manifest["bytes"]}
    for path in [*(p for p in (root / GENERATIONS).iterdir() if p.name.removesuffix(".json") not in kept),
                 *(p for p in (root / PARTS).iterdir() if p.name not in named), root / (CURRENT + PARTIAL)]:
        with suppress(OSError):  # what cannot be removed now is tried again at the next load
            path.unlink()
    sweep_spills(root)
    sweep_books(root / CACHE)
    for folder in (root / CACHE).glob("g-*"):  # facts that were kept beside a generation: <generation>-<digest of the definitions>
        if folder.name.rpartition("-")[0] not in kept:
            with suppress(OSError):
                remove_at_once(folder)


def _kept(root: Path, newest: str | None) -> dict[str, dict[str, Any]]:
    """The manifests of a generation and of those before it that are kept."""
    found: dict[str, dict[str, Any]] = {}
    name = newest
    while name is not None and len(found) < KEPT:
        try:
            found[name] = read_manifest(root, name)
        except WorkspaceError:
            if not found:
                raise
            break  # an older one, that may have been swept long ago
        name = found[name]["previous"]
    return found


def next_name(workspace: Path, before: Generation | None) -> str:
    """The name of the generation that a load makes after `before`: of a number that none had, however the store was damaged."""
    if before is None or before.damage is None:
        return f"g-{number_of(before.name) + 1 if before else 1:06d}"
    root = workspace / FOLDER
    had = [*manifests(root), *(path.stem for path in (root / DAMAGED).glob("*/g-*.json")), before.name, (before.pointer or "").strip()]
    return f"g-{max(number_of(name) for name in had if name.removeprefix('g-').isdecimal()) + 1:06d}"


def set_aside(workspace: Path, standing: Generation, draft: Draft) -> None:
    """Moves what is damaged, and what it belonged to, to W/store/damaged/before-<generation>, when a load has gone on from the
    generation that stands in and `draft` is about to replace both: nothing of it is lost. Only under the lock."""
    root = workspace / FOLDER
    place = root / DAMAGED / f"before-{draft.name}"
    place.mkdir(parents=True, exist_ok=True)
    kept = _kept(root, standing.name)
    named = {*(part for manifest in kept.values() for part in manifest["bytes"]), *draft.parts()}
    if (root / CURRENT).exists():
        shutil.copyfile(root / CURRENT, place / CURRENT)
    for path in [*(root / GENERATIONS / f"{name}.json" for name in manifests(root) if number_of(name) > number_of(standing.name)),
                 *(p for p in (root / PARTS).glob("*.parquet") if p.name not in named)]:
        path.rename(place / path.name)
