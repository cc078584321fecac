"""Writing parts and switching to a new generation: all of it or nothing, whenever the process dies."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import WorkspaceError
from salesgauge.staging import literal
from salesgauge.store.generation import CURRENT, FOLDER, FORMAT, GENERATIONS, PARTS, read_manifest

KEPT = 3  # generations whose manifests and parts stay
PARTIAL = ".partial"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prepare(workspace: Path) -> None:
    """Makes the store's folders."""
    for folder in (GENERATIONS, PARTS):
        (workspace / FOLDER / folder).mkdir(parents=True, exist_ok=True)


def write_part(con: duckdb.DuckDBPyConnection, workspace: Path, label: str, query: str) -> tuple[str, int]:
    """Writes the rows of `query` as a part, and waits until the disk has it: its file name and number of rows."""
    path = workspace / FOLDER / PARTS / f"{label}-{secrets.token_hex(8)}.parquet"
    partial = path.with_name(path.name + PARTIAL)
    row = con.execute(f"COPY ({query}) TO {literal(str(partial))} (FORMAT parquet, COMPRESSION zstd)").fetchone()
    _sync(partial)
    partial.replace(path)
    return path.name, int(row[0]) if row else 0


@dataclass
class Draft:
    """The manifest of the generation that is being made: per table its parts, rows and extras; per table its part of rejects."""

    name: str
    previous: str | None
    loaded_at: str
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: dict[str, str] = field(default_factory=dict)
    reject_rows: int = 0
    report: dict[str, Any] = field(default_factory=dict)

    def parts(self) -> list[str]:
        return [*(p for entry in self.tables.values() for p in entry["parts"]), *self.rejects.values()]


def switch(workspace: Path, draft: Draft) -> None:
    """Makes `draft` the generation in force. Its parts are on the disk already; CURRENT is replaced last, in one step."""
    root = workspace / FOLDER
    sizes = {p: (root / PARTS / p).stat().st_size for p in draft.parts()}
    manifest = {"format": FORMAT, "generation": draft.name, "previous": draft.previous, "loaded_at": draft.loaded_at, "tables": draft.tables,
                "rejects": {"parts": draft.rejects, "rows": draft.reject_rows}, "bytes": sizes, "report": draft.report}
    _sync(root / PARTS)
    _write(root / GENERATIONS / f"{draft.name}.json", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    _write(root / CURRENT, draft.name + "\n")


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    _sync(path.parent)


def sweep(workspace: Path) -> None:
    """Removes what no kept generation names: older manifests, their parts, and what a killed load left. Only under the lock."""
    root = workspace / FOLDER
    kept = _kept(root)
    named = {part for manifest in kept.values() for part in manifest["bytes"]}
    for path in [*(p for p in (root / GENERATIONS).iterdir() if p.name.removesuffix(".json") not in kept),
                 *(p for p in (root / PARTS).iterdir() if p.name not in named), root / (CURRENT + PARTIAL)]:
        with suppress(OSError):  # what cannot be removed now is tried again at the next load
            path.unlink()


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
