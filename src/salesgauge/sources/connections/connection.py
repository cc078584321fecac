"""A connection: a file of the workspace that says which system it is, how it is reached and how its records are mapped.

    W/connections/crm.toml     its settings; secrets are named there, not written
    W/connections/crm/         what was read of it: raw.duckdb, and how far (made by sync, may be removed: the next sync reads all again)
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.secrets import Secret, Secrets

FOLDER = "connections"
KEYS = ("kind", "prefix", "mapping", "schedule", "options", "secrets")
_TABLE = re.compile(r"^\s*\[", re.MULTILINE)
_SCHEDULE = re.compile(r"^[ \t]*schedule[ \t]*=.*(?:\n|\Z)", re.MULTILINE)
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Connection:
    """One connected system. `prefix` stands before every id that comes from it; `mapping` names a mapping file beside the connection's
    own, None: that of the connector. `schedule` says when a server reads it (schedule.py), None: only when told to. `options` are the
    connector's, `secrets` say where each secret is kept."""

    folder: Path
    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    mapping: str | None = None
    schedule: str | None = None

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / f"{self.name}.toml"

    @property
    def raw(self) -> Path:
        """The folder of what was read of it."""
        return self.folder / self.name

    def option(self, name: str) -> Any:
        """An option that must be there."""
        if name not in self.options:
            raise SourceError(f"{self.path.name}: options.{name} is missing{did_you_mean(name, self.options)}")
        return self.options[name]

    def secret(self, name: str, kept: Secrets) -> Secret:
        """A secret that must be there."""
        place = self.secrets.get(name)
        if place is None:
            raise SourceError(f"{self.path.name}: secrets.{name} is missing: say where it is kept, such as "
                              f"env:{self.name.upper()}_{name.upper()}")
        return kept.find(place, f"{self.path.name}, secrets.{name}")

    def write(self) -> None:
        """Writes its file, whole or not at all."""
        table: dict[str, Any] = {"kind": self.kind}
        table |= {"prefix": self.prefix} if self.prefix else {}
        table |= {"mapping": self.mapping} if self.mapping else {}
        table |= {"schedule": self.schedule} if self.schedule else {}
        table |= {"options": dict(self.options)} if self.options else {}
        table |= {"secrets": dict(self.secrets)} if self.secrets else {}
        self.folder.mkdir(parents=True, exist_ok=True)
        _replace(self.path, tomli_w.dumps(table))


def words(said: object) -> tuple[str, ...]:
    """The names that an option lists: a list, or a text with commas or spaces between them."""
    return tuple(map(str, said)) if isinstance(said, list) else tuple(str(said).replace(",", " ").split())


def titles(said: object) -> tuple[str, ...]:
    """The same of names that may hold spaces: a list, or a text with commas between them."""
    parts = map(str, said) if isinstance(said, list) else str(said).split(",")
    return tuple(part.strip() for part in parts if part.strip())


def server(said: object) -> str | None:
    """The address of a server that an option gives, without anything behind it; None where it is none."""
    parts = urlsplit(str(said).strip())
    bare = parts.path in ("", "/") and not parts.query + parts.fragment
    whole = bare and parts.scheme in ("https", "http") and _HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if whole else None


def checked_name(name: str) -> str:
    """The name of a connection; SourceError where it cannot be one. It has no dot, so that it is never mistaken for a file's."""
    if not _NAME.fullmatch(name):
        raise SourceError(f"a connection cannot be called {name!r}: small letters, digits, - and _, the first a letter, at most 40")
    return name


def read(workspace: Path, name: str) -> Connection:
    """The connection of that name; SourceError where there is none or its file cannot be used."""
    folder = workspace / FOLDER
    there = names(workspace)
    if name not in there:
        known = f"there are: {', '.join(there)}" if there else "there is none yet; make one with: salesgauge connect"
        raise SourceError(f"there is no connection {name!r}{did_you_mean(name, there)}; {known}")
    path = folder / f"{name}.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SourceError(f"cannot read {path}: {problem}") from None
    for key in table:
        if key not in KEYS:
            raise SourceError(f"{path.name}: there is no {key!r}{did_you_mean(key, KEYS)}; there are: {', '.join(KEYS)}")
    parts = [table.get(key, {}) for key in ("options", "secrets")]
    texts = all(isinstance(table.get(key, ""), str) for key in ("kind", "prefix", "mapping", "schedule"))
    if not texts or not all(isinstance(part, dict) for part in parts):
        raise SourceError(f"{path.name}: kind, prefix, mapping and schedule are texts, options and secrets are tables")
    return Connection(folder, name, table.get("kind", ""), parts[0], {k: str(v) for k, v in parts[1].items()}, table.get("prefix", ""),
                      table.get("mapping"), table.get("schedule"))


def reschedule(connection: Connection, schedule: str) -> None:
    """Writes another schedule (empty: none) into the file of a connection, and leaves all else there as it stands; SourceError where the
    file is not written so that this can be done."""
    text = connection.path.read_text(encoding="utf-8")
    head = _TABLE.search(text)
    top, rest = (text[:head.start()], text[head.start():]) if head else (text, "")
    line = f"schedule = {json.dumps(schedule, ensure_ascii=False)}\n" if schedule else ""
    made = (_SCHEDULE.sub(lambda found: line, top, count=1) if _SCHEDULE.search(top) else line + top) + rest
    before, wanted = tomllib.loads(text), {"schedule": schedule} if schedule else {}
    before.pop("schedule", None)
    try:
        sound = tomllib.loads(made) == before | wanted
    except tomllib.TOMLDecodeError:
        sound = False
    if not sound:
        raise SourceError(f"cannot change {connection.path} without losing something; write there: {line.strip() or 'no schedule'}")
    _replace(connection.path, made)


def _replace(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def names(workspace: Path) -> list[str]:
    """The names of the connections of a workspace. A mapping file that one of them names is none itself."""
    files = [path for path in (workspace / FOLDER).glob("*.toml") if _NAME.fullmatch(path.stem)]
    mappings = {_mapping_named_in(path) for path in files}
    return sorted(path.stem for path in files if path.name not in mappings)


def _mapping_named_in(path: Path) -> str | None:
    """The mapping file that a connection's file names; None where it names none, or cannot be read (whoever reads it is told)."""
    try:
        named = tomllib.loads(path.read_text(encoding="utf-8")).get("mapping")
    except (OSError, ValueError):
        return None
    return named if isinstance(named, str) else None
