"""The source files that a mapping speaks of: found in the folder, read as text once each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from salesgauge.errors import LoadRefused, MappingError, did_you_mean
from salesgauge.sources.csv_file import TextFile
from salesgauge.sources.mapping.language import FileOptions, MappingFile, Source
from salesgauge.sources.sheet import MARK, is_workbook
from salesgauge.sources.text_file import read_text
from salesgauge.staging import Progress, literal

SHOWN = 40  # columns named in a message


@dataclass(frozen=True)
class Input:
    """A source file as read: its name in the mapping and its cells. `places` gives the position of each header that stands once."""

    name: str
    text: TextFile
    places: dict[str, int]

    @property
    def relation(self) -> str:
        """SQL: the rows, with the columns c0, c1 ... and the row's number `source_row` from 1."""
        return (f"(SELECT *, file_row_number + 1 AS source_row FROM read_parquet({literal(str(self.text.parquet))}, "
                "file_row_number = true, hive_partitioning = false))")

    def position(self, column: str, place: str) -> int:
        """Where the column stands; MappingError where the file has none or several of that name."""
        if column.strip() in self.places:
            return self.places[column.strip()]
        headers = [h.strip() for h in self.text.headers]
        if column.strip() in headers:
            raise MappingError(f"{place}: the column {column!r} stands {headers.count(column.strip())} times in the header of {self.name}; "
                               "give each a name of its own there")
        raise MappingError(f"{place}: {self.name} has no column {column!r}{did_you_mean(column, headers)}; "
                           f"it has: {', '.join(headers[:SHOWN])}{' ...' if headers[SHOWN:] else ''}")


class Inputs(Protocol):
    """What a mapping's sections read, by the names that they give it."""

    def __getitem__(self, name: str) -> Input:
        """The source of that name, which is read at its first use."""

    def unused(self) -> tuple[tuple[str, str], ...]:
        """What is there and is not read, each with the reason."""


class FolderInputs:
    """The files of one load by a mapping; each is read at its first use."""

    def __init__(self, mapping: MappingFile, folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress) -> None:
        if not folder.is_dir():
            what = "is a file, not a folder: give the folder that holds it" if folder.exists() else "does not exist"
            raise LoadRefused(f"cannot load {folder}: it {what}")
        self._mapping, self._folder, self._con, self._scratch, self._progress = mapping, folder, con, scratch, progress
        self._read: dict[str, Input] = {}
        try:
            self._there = sorted((p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")), key=lambda p: p.name)
        except OSError as problem:
            raise LoadRefused(f"cannot read {folder}: {problem.strerror or problem}") from None
        wanted = [(s.file, s.place) for s in mapping.sections] + [(j.file, j.place) for s in mapping.sections for j in s.joins]
        self._paths = {name: self._find(name, f"{place}.file") for name, place in wanted}
        self._total, self._done = sum(path.stat().st_size for path, _sheet in self._paths.values()), 0

    def _find(self, name: str, place: str) -> tuple[Path, str]:
        """The file of that name, or the workbook and its sheet where the name is `book.xlsx#Sheet`."""
        file, mark, sheet = name.rpartition(MARK)
        if mark and is_workbook(file) and not (self._folder / name).is_file():
            return self._find(file, place)[0], sheet
        path = self._folder / name
        try:
            inside, found = path.resolve().is_relative_to(self._folder.resolve()), path.is_file()
        except (OSError, RuntimeError):  # a name that is too long, a link to itself
            inside, found = True, False
        if Path(name).is_absolute() or not inside:
            raise MappingError(f"{place}: {name!r} leads out of the folder that is loaded; name a file inside it")
        if not found:
            there = [p.name for p in self._there]
            raise MappingError(f"{place}: there is no file {name!r} in {self._folder}{did_you_mean(name, there)}; "
                               f"there are: {', '.join(there[:SHOWN]) or 'none'}")
        return path, ""

    def __getitem__(self, name: str) -> Input:
        if name not in self._read:
            path, sheet = self._paths[name]
            self._progress(self._done, self._total, f"reading {name}")
            options = self._mapping.files.get(name, FileOptions())
            label = f"mapped_{len(self._read)}"
            try:
                text = read_text(path, sheet, options, self._con, self._scratch, label)
            except OSError as problem:
                raise LoadRefused(f"cannot read {name}: {problem.strerror or problem}") from None
            counts = Counter(h.strip() for h in text.headers)
            places = {h.strip(): i for i, h in enumerate(text.headers) if counts[h.strip()] == 1}
            self._read[name] = Input(name, text, places)
            self._done += path.stat().st_size
        return self._read[name]

    def unused(self) -> tuple[tuple[str, str], ...]:
        """The files of the folder that the mapping does not speak of, each with that as the reason."""
        used = {path.resolve() for path, _sheet in self._paths.values()}
        return tuple((path.name, "the mapping does not name it") for path in self._there if path.resolve() not in used)


def text_of(source: Source, own: Input, joined: dict[str, Input], aliases: dict[str, str]) -> str:
    """SQL: the cell of a source column without the spaces around it, NULL where it is empty."""
    held = own if source.join is None else joined[source.join]
    alias = aliases[source.join] if source.join is not None else "s"
    return trimmed(f"{alias}.c{held.position(source.column, source.place)}")


def trimmed(cell: str) -> str:
    """SQL: a cell without spaces, tabs and no-break spaces around it, NULL where nothing is left."""
    return f"nullif(trim({cell}, ' \t\u00a0'), '')"
