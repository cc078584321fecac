"""The form of a backup: files one after another in a tar archive, then what each of them must be."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from salesgauge.errors import BackupError

FORMAT = 1
INDEX = "backup.json"
BLOCK = 1 << 20  # bytes that are copied at a time


@dataclass(frozen=True)
class Held:
    """What a file of a backup must be: its bytes, its check sum (SHA-256), the rights of its owner and others."""

    bytes: int
    sum: str
    mode: int


@dataclass(frozen=True)
class Index:
    """What a backup holds: of which generation (None: nothing was loaded yet), made when (UTC, ISO 8601) by which version.

    `state` says where the people and their views are: "inside", "elsewhere" (in a database of its own, to be backed up by itself), or
    "none". `left_out` names what of the workspace's folder is not in it.
    """

    generation: str | None
    made_at: str
    salesgauge: str
    state: str
    left_out: tuple[str, ...]
    files: Mapping[str, Held] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """The bytes of all files together."""
        return sum(held.bytes for held in self.files.values())


class Summing:
    """A file that is read, and the check sum of what was read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._file.read(size)
        self._sum.update(block)
        return block

    @property
    def sum(self) -> str:
        """The check sum so far."""
        return self._sum.hexdigest()


class Packing:
    """An archive that is being written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)
        self._files: dict[str, Held] = {}

    def add(self, name: str, file: IO[bytes], size: int, mode: int, seconds: float) -> Held:
        """Adds `size` bytes of an open file under a name; `seconds`: when it was changed last."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, mode & 0o777, int(seconds)
        summing = Summing(file)
        self._tar.addfile(info, summing)
        held = self._files[name] = Held(size, summing.sum, info.mode)
        return held

    def end(self, index: Index) -> Index:
        """Writes the index; gives it with all files."""
        whole = Index(index.generation, index.made_at, index.salesgauge, index.state, index.left_out, self._files)
        text = json.dumps({"format": FORMAT, **asdict(whole)}, ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(INDEX)
        info.size, info.mode = len(text), 0o600
        self._tar.addfile(info, io.BytesIO(text))
        self._tar.close()
        return whole


@contextmanager
def reading(backup: Path) -> Iterator[None]:
    """While a backup is read: whatever is wrong with the archive itself is said in one line (BackupError)."""
    try:
        yield
    except FileNotFoundError:
        raise BackupError(f"there is no file {backup}") from None
    except tarfile.ReadError as problem:
        raise BackupError(f"{backup} is no backup, or is damaged or incomplete ({problem}); take another one") from None


def unpacked(backup: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """The files of a backup one after another: name, contents (to be read before the next is asked for), rights; ends with the index.

    BackupError where it holds what is no plain file within a workspace; within `reading`, since the archive itself may be damaged.
    """
    with tarfile.open(backup, "r:") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if not member.isreg() or path.is_absolute() or not path.parts or ".." in path.parts or "\0" in member.name:
                raise BackupError(f"{backup} holds {member.name!r}, which is no file of a workspace: it was not made by salesgauge backup")
            contents = tar.extractfile(member)
            assert contents is not None
            yield str(path), contents, member.mode


def read_index(backup: Path, text: bytes) -> Index:
    """The index from its text; BackupError where it cannot be read or a newer program wrote it."""
    try:
        held: dict[str, Any] = json.loads(text)
        if held["format"] != FORMAT:
            raise BackupError(f"a newer salesgauge made {backup} (format {held['format']!r}; this one reads format {FORMAT}): update it")
        files = {str(name): Held(int(each["bytes"]), str(each["sum"]), int(each["mode"])) for name, each in held["files"].items()}
        return Index(held["generation"], held["made_at"], held["salesgauge"], held["state"], tuple(held["left_out"]), files)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BackupError(f"{backup} is damaged: its index cannot be read ({problem!r}); take another one") from None
