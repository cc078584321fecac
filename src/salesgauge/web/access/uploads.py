"""Files that an administrator is about to import: kept in the workspace's own folder until they are loaded, thrown away, or too old."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO

from salesgauge.errors import LoadRefused
from salesgauge.sources.exports import Answers, Proposal, look
from salesgauge.state import Refusal
from salesgauge.store.generation import FOLDER
from salesgauge.workspace import Workspace

UPLOADS, ANSWERS = "uploads", "answers.json"
MOST_FILES = 20
KEPT = 24 * 3600  # seconds until files that nobody loaded are removed


@dataclass(frozen=True)
class Upload:
    """The files of one import, those of one person. `folder` holds them and nothing else."""

    token: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        """The files, by name."""
        return sorted(self.folder.iterdir(), key=lambda p: p.name)

    @property
    def _beside(self) -> Path:
        return self.folder.parent / ANSWERS

    @property
    def answers(self) -> Answers:
        """The answers given so far."""
        if not self._beside.exists():
            return Answers({})
        return Answers({tuple(path): text for path, text in json.loads(self._beside.read_text(encoding="utf-8"))})

    def answer(self, given: dict[tuple[str, ...], str]) -> None:
        """Keeps further answers."""
        whole = self.answers.with_more(given).given
        self._beside.write_text(json.dumps([[list(path), text] for path, text in whole.items()], ensure_ascii=False), encoding="utf-8")

    def look(self, workspace: Workspace) -> Proposal:
        """What the import would do. LoadRefused where a file cannot be read."""
        return look(self.files, self.answers, workspace.settings.currency, self.folder.parent)

    def remove(self) -> None:
        """Removes the files and the answers."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def _shelf(workspace: Workspace) -> Path:
    return workspace.folder / FOLDER / UPLOADS


def receive(workspace: Workspace, person: int, files: Sequence[tuple[str, IO[bytes]]]) -> Upload:
    """Keeps the files (name and content) of a person; what is too old goes. LoadRefused for a name that cannot be."""
    named = [(_name(name), content) for name, content in files if name]
    if not named:
        raise LoadRefused("choose the files to import")
    if len(named) > MOST_FILES or len({name for name, _ in named}) < len(named):
        raise LoadRefused(f"an import has at most {MOST_FILES} files, each of a name of its own")
    _sweep(workspace)
    token = secrets.token_urlsafe(16)
    folder = _shelf(workspace) / f"{person}-{token}" / "files"
    folder.mkdir(parents=True, mode=0o700)
    for name, content in named:
        with (folder / name).open("xb") as target:
            shutil.copyfileobj(content, target)
    return Upload(token, folder)


def _name(name: str) -> str:
    plain = PurePath(name.replace("\\", "/")).name
    if not plain.isprintable() or plain.startswith(".") or len(plain.encode()) > 200 or not plain:
        raise LoadRefused(f"a file cannot be called {plain[:60]!r} here; give it a plain name")
    return plain


def find(workspace: Workspace, person: int, token: str) -> Upload:
    """The upload of a person with that token; Refusal where there is none such."""
    folder = _shelf(workspace) / f"{person}-{token}" / "files"
    if not re.fullmatch(r"[\w-]{22}", token, re.ASCII) or not folder.is_dir():
        raise Refusal("no_import")
    return Upload(token, folder)


def _sweep(workspace: Workspace, now: Callable[[], float] = time.time) -> None:
    """Removes what is too old."""
    shelf = _shelf(workspace)
    for each in shelf.iterdir() if shelf.is_dir() else ():
        if now() - each.stat().st_mtime > KEPT:
            shutil.rmtree(each, ignore_errors=True)
