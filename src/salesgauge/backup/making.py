"""Making a backup while loads, readers and the server go on."""

from __future__ import annotations

import fcntl
import importlib.metadata
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from salesgauge import settings
from salesgauge.backup.archive import Index, Packing
from salesgauge.errors import BackupError, StoreDamaged
from salesgauge.state.copying import FILES, copy_state, lies_elsewhere
from salesgauge.state.database import FILE as DATABASE
from salesgauge.state.database import FOLDER as STATE
from salesgauge.store.generation import CURRENT, FOLDER, GENERATIONS, PARTS, current, pointer_of, read_manifest, said_of
from salesgauge.store.parts import sync

_PARTIAL = ".backup.partial"
_SKIPPED = ("__pycache__",)
_UNFINISHED = (".partial", f".{settings.FILE}.")  # how the names of files end, or begin, that somebody is writing


def make_backup(workspace: Path, target: Path, *, now: datetime, environment: Mapping[str, str] | None = None) -> tuple[Path, Index]:
    """Backs up a workspace to a file, or to a file of its own name in a folder that exists: the file, and what it holds.

    It holds the settings and every other file of the folder, one generation of the store (that in force; where it is damaged, that which
    stands in), and the state. `now` is the present instant (with a zone). Nobody waits: neither loads nor readers. The file is there whole
    or not at all. BackupError where it cannot be written there, WorkspaceError where the folder is no workspace or nothing in it is whole.
    """
    settings.read(workspace)
    made_at = now.astimezone(UTC)
    with ExitStack() as opened:
        held = _hold(workspace, opened)
        path = _place(workspace, target, held.name if held else "empty", made_at)
        _sweep(path.parent)
        partial = path.with_name(f".{path.name}.{os.getpid()}{_PARTIAL}")
        try:
            opened.callback(partial.unlink, missing_ok=True)
            with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                index = _pack(workspace, Packing(file), held, made_at, os.environ if environment is None else environment)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
            sync(path.parent)
        except OSError as problem:
            raise BackupError(f"cannot write {path}: {problem.strerror or problem}") from None
    return path, index


def _sweep(folder: Path) -> None:
    """Removes what backups that were killed left in a folder; who still writes one holds it."""
    for left in folder.glob(f".*{_PARTIAL}"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _place(workspace: Path, target: Path, generation: str, made_at: datetime) -> Path:
    home = workspace.resolve()
    path = target / f"{home.name}-{generation}-{made_at:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    if path.resolve().is_relative_to(home):
        raise BackupError(f"{path} lies in the workspace itself; name a place outside of it, best on another disk")
    if path.exists():
        raise BackupError(f"{path} is there already; name another file")
    if not path.parent.is_dir():
        raise BackupError(f"there is no folder {path.parent}; make it, or name another place")
    return path


@dataclass(frozen=True)
class _Generation:
    """A generation whose files are open, by their names under the store's folder; and the check sums of its parts, as far as known."""

    name: str
    files: Mapping[str, IO[bytes]]
    sums: Mapping[str, str | None]


def _hold(workspace: Path, opened: ExitStack) -> _Generation | None:
    """The generation in force with its files open: they can be read to their end whatever loads go on meanwhile. None before the first."""
    root = workspace / FOLDER
    while True:
        found = current(workspace)
        if found is None:
            return None
        with ExitStack() as attempt:
            try:
                said = said_of(read_manifest(root, found.name))
                names = [f"{GENERATIONS}/{found.name}.json", *(f"{PARTS}/{part}" for part in said)]
                files = {name: attempt.enter_context((root / name).open("rb")) for name in names}
                opened.push(attempt.pop_all())
                return _Generation(found.name, files, {f"{PARTS}/{part}": each.sum for part, each in said.items()})
            except (OSError, StoreDamaged):
                if pointer_of(root) == found.pointer:
                    raise
        # loads went on meanwhile and swept it: there is a newer one


def _pack(workspace: Path, packing: Packing, held: _Generation | None, made_at: datetime, environment: Mapping[str, str]) -> Index:
    left_out: list[str] = []
    for path, name in _others(workspace, left_out):
        with suppress(FileNotFoundError), path.open("rb") as file:  # gone since: nobody misses it
            _add(packing, name, file)
    if held is not None:
        _pack_store(workspace / FOLDER, packing, held)
    with tempfile.TemporaryDirectory(prefix="salesgauge-") as scratch:
        copy = Path(scratch) / DATABASE
        inside = copy_state(workspace, copy)
        if inside:
            copy.chmod(0o600)
            with copy.open("rb") as file:
                _add(packing, f"{STATE}/{DATABASE}", file)
    state = "elsewhere" if lies_elsewhere(environment) else "inside" if inside else "none"
    return packing.end(Index(held.name if held else None, made_at.isoformat(timespec="seconds"), importlib.metadata.version("salesgauge"),
                             state, tuple(left_out)))


def _pack_store(root: Path, packing: Packing, held: _Generation) -> None:
    for name, file in held.files.items():
        known = held.sums.get(name)
        if _add(packing, f"{FOLDER}/{name}", file) != known and known is not None:
            raise StoreDamaged(f"{root / name} is not what was loaded: its check sum is another", "salesgauge doctor says what to do")
    pointer = f"{held.name}\n".encode()
    packing.add(f"{FOLDER}/{CURRENT}", io.BytesIO(pointer), len(pointer), 0o644, 0)


def _add(packing: Packing, name: str, file: IO[bytes]) -> str:
    found = os.fstat(file.fileno())
    return packing.add(name, file, found.st_size, found.st_mode, found.st_mtime).sum


def _others(workspace: Path, left_out: list[str]) -> Iterator[tuple[Path, str]]:
    """Every file of the workspace's folder but the store and the database of the state, in their order; links to files are followed,
    those to folders noted as left out."""
    for folder, folders, files in os.walk(workspace):
        here = Path(folder)
        relative = here.relative_to(workspace)
        for name in sorted(folders):
            if (here / name).is_symlink():
                left_out.append(str(relative / name))
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not (here == workspace and name == FOLDER))
        for name in sorted(files):
            path = here / name
            unfinished = name.endswith(_UNFINISHED[0]) or name.startswith(_UNFINISHED[1])
            if path.is_file() and not unfinished and not (relative == Path(STATE) and name in FILES):
                yield path, str(relative / name)
