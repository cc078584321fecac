"""A folder of canonical files (one CSV or Parquet file per table, spec/model.md), staged."""

from __future__ import annotations

from pathlib import Path, PurePath

import duckdb

from salesgauge.errors import LoadRefused, did_you_mean
from salesgauge.schema import LOADABLE
from salesgauge.sources import csv_file, parquet_file
from salesgauge.staging import Progress, Staged, StagedTable, silent

READERS = {".csv": csv_file.stage, ".parquet": parquet_file.stage}
ARCHIVES = (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".tar", ".tgz", ".rar")


def _inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link to itself leads nowhere
        return True


def _named(name: str) -> tuple[str, str]:
    """The stem and suffix of a file's name, in lower case."""
    path = PurePath(name.lower())
    return path.stem, path.suffix


def _reason_to_ignore(name: str) -> str:
    """Why the file `name` is no table, and what would be right."""
    stem, suffix = _named(name)
    if suffix in ARCHIVES:
        return "an archive is not opened: unpack it"
    if suffix not in READERS:
        wanted = f": save it as {stem}.csv" if stem in LOADABLE else ""
        return f"only .csv and .parquet files are read{wanted}"
    return f"{stem} is no table{did_you_mean(stem, LOADABLE)}"


def find(folder: Path) -> tuple[dict[str, Path], tuple[tuple[str, str], ...]]:
    """The file of each table in `folder`, and the files that are none, each with the reason. LoadRefused where one cannot be trusted."""
    if not folder.is_dir():
        what = "is a file, not a folder: give the folder that holds it" if folder.exists() else "does not exist"
        raise LoadRefused(f"cannot load {folder}: it {what}")
    found: dict[str, Path] = {}
    ignored: list[tuple[str, str]] = []
    try:
        paths = sorted(folder.iterdir(), key=lambda p: p.name)
    except OSError as problem:
        raise LoadRefused(f"cannot read {folder}: {problem.strerror or problem}") from None
    for path in paths:
        if path.name.startswith(".") or (path.is_dir() and _inside(path, folder)):
            continue
        stem, suffix = _named(path.name)
        if suffix in ARCHIVES and stem.removesuffix(".csv").removesuffix(".parquet") in LOADABLE:
            raise LoadRefused(f"{path.name} is an archive; unpack it and load the folder again")
        if suffix not in READERS or stem not in LOADABLE:
            ignored.append((path.name, _reason_to_ignore(path.name)))
            continue
        if not _inside(path, folder):
            raise LoadRefused(f"{path.name} is a link that leads out of {folder}; put the file itself into the folder")
        if not path.is_file():
            raise LoadRefused(f"{path.name} is not a file that can be read")
        if stem in found:
            raise LoadRefused(f"{folder} has both {found[stem].name} and {path.name}; leave one of them")
        found[stem] = path
    return found, tuple(ignored)


def stage(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress = silent) -> Staged:
    """Stages every table of `folder` in `con`; `scratch` is a folder for intermediate files, which must outlive the load.

    Raises LoadRefused, with the file and what would be right, where a file cannot be read or nothing in the folder is a table.
    """
    found, ignored = find(folder)
    if not found:
        names = "; ".join(f"{name}: {why}" for name, why in ignored[:5])
        raise LoadRefused(f"there is no table in {folder}: one file per table is read, such as leads.csv or orders.parquet"
                          + (f" ({names})" if names else ""))
    total = sum(path.stat().st_size for path in found.values())
    done = 0
    staged: list[StagedTable] = []
    for name in (n for n in LOADABLE if n in found):
        path = found[name]
        progress(done, total, f"reading {path.name}")
        try:
            staged.append(READERS[path.suffix.lower()](LOADABLE[name], path, con, scratch))
        except OSError as problem:
            raise LoadRefused(f"cannot read {path.name}: {problem.strerror or problem}") from None
        done += path.stat().st_size
    progress(total, total, "read")
    return Staged(str(folder), tuple(staged), ignored)
