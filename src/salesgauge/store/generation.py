"""A generation: the manifest of the immutable parts that a workspace consists of at a time, and how it is opened for reading.

    W/store/CURRENT                       the name of the generation in force
    W/store/generations/g-000012.json     its manifest
    W/store/parts/leads-<unique>.parquet  its parts; a table has none, one or several
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import WorkspaceError
from salesgauge.schema import EXTRA, LINEAGE, LOADED_AT, LOCAL, ORDINAL, TABLES, Kind, Table
from salesgauge.staging import ident, literal

FORMAT = 1
FOLDER, CURRENT, GENERATIONS, PARTS, CACHE = "store", "CURRENT", "generations", "parts", "cache"
FIRST = "g-000001"
REJECTS = "rejects"
REJECT_COLUMNS = (("load", "VARCHAR"), ("table", "VARCHAR"), ("file", "VARCHAR"), ("line", "BIGINT"), ("column", "VARCHAR"),
                  ("value", "VARCHAR"), ("reason", "VARCHAR"), ("whole", "BOOLEAN"), ("message", "VARCHAR"))
_REMEDY = f"restore the folder {FOLDER} from a backup, or remove it and load everything again"
_TYPES = {Kind.TEXT: "VARCHAR", Kind.CHOICE: "VARCHAR", Kind.INSTANT: "TIMESTAMP", Kind.DATE: "DATE", Kind.NUMBER: "DOUBLE",
          Kind.BOOLEAN: "BOOLEAN"}


@dataclass(frozen=True)
class StoredTable:
    """One table of a generation: its parts, how many rows they hold together, its extra dimensions (names without `x_`), and whether
    its parts have the columns of LINEAGE (those of a workspace that was made before there were any have not, until the table changes)."""

    name: str
    parts: tuple[Path, ...]
    rows: int
    extras: tuple[str, ...]
    lineage: bool = False

    def entry(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {"parts": [p.name for p in self.parts], "rows": self.rows, "extras": list(self.extras), "lineage": self.lineage}


@dataclass(frozen=True)
class Generation:
    """What a workspace holds. `loaded_at` is UTC; `rejects` gives each table's part of rows and cells that were set aside.

    `changes`: of each table that its load changed the part with the rows that went and came (store/changes.py), None where that was not
    kept; None for all where the generation is of a version that did not tell.
    """

    name: str
    previous: str | None
    loaded_at: datetime
    tables: Mapping[str, StoredTable]
    rejects: Mapping[str, Path] = field(default_factory=dict)
    reject_rows: int = 0
    report: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Path | None] | None = None


def stored_columns(table: Table) -> list[tuple[str, str]]:
    """The columns of the table as stored, with their DuckDB types: each instant twice, the ordinal where the table is ordered."""
    found: list[tuple[str, str]] = []
    for column in table.columns:
        found.append((column.name, _TYPES[column.kind]))
        if column.kind is Kind.INSTANT:
            found.append((column.name + LOCAL, "TIMESTAMP"))
    if table.ordered:
        found.append((ORDINAL, "BIGINT"))
    return found


def _damaged(path: Path, why: str) -> WorkspaceError:
    return WorkspaceError(f"the store is damaged: {path} {why}; {_REMEDY}")


def _part(root: Path, name: str, size: int) -> Path:
    path = root / PARTS / name
    try:
        found = path.stat().st_size
    except OSError:
        raise _damaged(path, "is missing") from None
    if found != size:
        raise _damaged(path, f"has {found} bytes instead of {size}")
    return path


def read_manifest(root: Path, name: str) -> dict[str, Any]:
    """The manifest `name` under the store's folder `root`; WorkspaceError where it is missing, unreadable or of another format."""
    path = root / GENERATIONS / f"{name}.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    except (OSError, ValueError) as problem:
        raise _damaged(path, f"cannot be read ({problem})") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else None
        raise WorkspaceError(f"{path} has format {found!r}; this program reads format {FORMAT}")
    return manifest


def current(workspace: Path) -> Generation | None:
    """The generation in force, None before the first load; WorkspaceError where CURRENT, its manifest or a part is damaged."""
    root = workspace / FOLDER
    name = name_in_force(root)
    while name is not None:
        try:
            return named(root, name)
        except WorkspaceError:
            before, name = name, name_in_force(root)
            if name == before:
                raise
            # loads went on meanwhile and swept what was just being read: there is a newer generation
    return None


def name_in_force(root: Path) -> str | None:
    """What CURRENT says."""
    try:
        name = (root / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if any(path.suffix == ".json" and path.stem != FIRST for path in (root / GENERATIONS).glob("g-*")):
            raise _damaged(root / CURRENT, "is missing") from None
        return None  # nothing was loaded, or the first load was killed before its end
    except (OSError, UnicodeDecodeError) as problem:
        raise _damaged(root / CURRENT, f"cannot be read ({problem})") from None
    if not name.startswith("g-") or not name[2:].isdigit():
        raise _damaged(root / CURRENT, "does not name a generation")
    return name


def named(root: Path, name: str) -> Generation:
    """The generation `name` as its manifest says; WorkspaceError where that or a part is damaged."""
    manifest = read_manifest(root, name)
    try:
        sizes = manifest["bytes"]
        tables = {t: StoredTable(t, tuple(_part(root, p, sizes[p]) for p in entry["parts"]), int(entry["rows"]), tuple(entry["extras"]),
                                 bool(entry.get("lineage", False)))
                  for t, entry in manifest["tables"].items()}
        rejects = {t: _part(root, p, sizes[p]) for t, p in manifest["rejects"]["parts"].items()}
        told = manifest.get("changes")
        changes = None if told is None else {t: None if p is None else _part(root, p, sizes[p]) for t, p in told.items()}
        return Generation(name, manifest["previous"], datetime.fromisoformat(manifest["loaded_at"]), tables, rejects,
                          int(manifest["rejects"]["rows"]), manifest["report"], changes)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise _damaged(root / GENERATIONS / f"{name}.json", f"is not whole ({problem!r})") from None


def parts_of(paths: tuple[Path, ...]) -> str:
    """SQL: the rows of Parquet parts, of which there is at least one."""
    return f"read_parquet([{', '.join(literal(str(p)) for p in paths)}], hive_partitioning = false)"


def table_sql(table: Table, stored: StoredTable | None, *, lineage: bool = False) -> str:
    """SQL: every canonical column of the table and its extras, with `lineage` also the columns of LINEAGE (empty where they were not
    written); no row where the table is absent or empty."""
    columns = [*stored_columns(table), *((EXTRA + e, "VARCHAR") for e in (stored.extras if stored else ()))]
    told = [(name, lineage_type(name)) for name in LINEAGE] if lineage else []
    if stored is None or not stored.parts:
        return f"SELECT {', '.join(empty(*column) for column in [*columns, *told])} WHERE false"
    shown = [*(ident(name) for name, _ in columns), *(name if stored.lineage else empty(name, kind) for name, kind in told)]
    return f"SELECT {', '.join(shown)} FROM {parts_of(stored.parts)}"


def lineage_type(name: str) -> str:
    """The DuckDB type of a column of LINEAGE."""
    return "TIMESTAMP" if name == LOADED_AT else "VARCHAR"


def empty(name: str, kind: str) -> str:
    """SQL: an empty column of that name and type."""
    return f"CAST(NULL AS {kind}) AS {ident(name)}"


def open_tables(con: duckdb.DuckDBPyConnection, generation: Generation | None) -> None:
    """Makes a view per canonical table, by its plain name, and the view `rejects`; an absent table is an empty view.

    Raises WorkspaceError where a part is not what the manifest says.
    """
    for table in TABLES.values():
        stored = generation.tables.get(table.name) if generation else None
        try:
            con.execute(f"CREATE OR REPLACE TEMP VIEW {table.name} AS {table_sql(table, stored)}")
        except duckdb.Error as problem:
            raise WorkspaceError(f"the store is damaged: the parts of {table.name} cannot be read ({str(problem).splitlines()[0]}); "
                                 f"{_REMEDY}") from None
    con.execute(f"CREATE OR REPLACE TEMP VIEW {REJECTS} AS {rejects_sql(generation)}")


def rejects_sql(generation: Generation | None) -> str:
    """SQL: what the latest load of each table set aside (columns REJECT_COLUMNS)."""
    if generation is None or not generation.rejects:
        return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {ident(name)}' for name, kind in REJECT_COLUMNS)} WHERE false"
    return f"SELECT {', '.join(ident(n) for n, _ in REJECT_COLUMNS)} FROM {parts_of(tuple(generation.rejects.values()))}"
