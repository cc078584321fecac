"""The companies and workspaces that are measured, kept in a folder outside of git; simulated ones are made once and used again."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.copies import copies, skewed
from salesgauge.demo import CURRENCY, TIMEZONE, simulate
from salesgauge.demo.writing import Form
from salesgauge.store.generation import CACHE, FORMAT
from salesgauge.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 7, 1, tzinfo=UTC)
COPIES = {"3x": ("medium", 3), "30x": ("large", 3)}  # sizes that no demo has: copies of one that there is
SKEWED = {"skewed": "medium"}


@dataclass(frozen=True)
class Place:
    """The folder that holds everything a run makes."""

    folder: Path

    def company(self, size: str, form: Form) -> Path:
        """The files of the demo company of that size; made where they are not yet there."""
        made = self.folder / f"{size}-{form}"
        if not made.exists() or not (self.folder / f"{made.name}.done").exists():
            shutil.rmtree(made, ignore_errors=True)
            self._make(made, size, form)
            (self.folder / f"{made.name}.done").touch()
        return made

    def _make(self, made: Path, size: str, form: Form) -> None:
        if size in COPIES:
            of, times = COPIES[size]
            copies(self.company(of, "parquet"), made, times)
        elif size in SKEWED:
            skewed(self.company(SKEWED[size], "parquet"), made)
        else:
            simulate(made, size, seed=7, form=form)

    def fresh(self, name: str, timezone: str = TIMEZONE, currency: str = CURRENCY, **settings: int) -> Workspace:
        """An empty workspace; what stood there before is removed."""
        folder = self.folder / f"workspace-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        return Workspace.create(folder, timezone, currency, settings)

    def empty(self, name: str) -> Path:
        """An empty folder; what stood there before is removed."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def small(self) -> Workspace:
        """The small demo company, loaded."""
        workspace = self.fresh("small")
        workspace.load(self.company("small", "csv"), now=NOW)
        return workspace

    def loaded(self, name: str, size: str) -> Workspace:
        """The demo company of that size, loaded once and used again until the files of the company or the store's format change."""
        company, folder = self.company(size, "parquet"), self.folder / f"workspace-{name}"
        told = json.dumps({"format": FORMAT, "made": (self.folder / f"{company.name}.done").stat().st_mtime_ns})
        note = self.folder / f"workspace-{name}.json"
        if not folder.exists() or not note.exists() or note.read_text(encoding="utf-8") != told:
            note.unlink(missing_ok=True)
            self.fresh(name).load(company, now=NOW)
            note.write_text(told, encoding="utf-8")
        return Workspace(folder)

    def twin(self, workspace: Workspace) -> Workspace:
        """A second workspace over the same parts (linked, not copied), which keeps no facts yet."""
        folder = workspace.folder.with_name(f"{workspace.folder.name}-twin")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(workspace.folder, folder, copy_function=os.link, ignore=shutil.ignore_patterns(CACHE, "lock", "spill"))
        return Workspace(folder)

    def pack(self) -> Workspace:
        """The conformance pack `company`, loaded."""
        told = json.loads((pack_folder() / "workspace.json").read_text(encoding="utf-8"))
        workspace = self.fresh("company", told["timezone"], told["currency"], **told.get("settings", {}))
        workspace.load(pack_folder(), now=NOW)
        return workspace


def pack_folder() -> Path:
    """Where the pack `company` lies."""
    folder = Path(os.environ.get("SALESGAUGE_SHARED", ROOT.parent / "shared")) / "conformance" / "company"
    if not folder.exists():
        sys.exit(f"bench: there is no {folder}; say where the shared folder is with SALESGAUGE_SHARED")
    return folder


def forget_answers(workspace: Workspace) -> None:
    """Removes the SQL and the facts that the workspace keeps."""
    shutil.rmtree(workspace.folder / "store" / "cache", ignore_errors=True)
