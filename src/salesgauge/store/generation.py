"""A generation: the manifest of the immutable parts that a workspace consists of at a time, and how it is opened for reading.

    W/store/CURRENT                       the name of the generation in force
    W/store/generations/g-000012.json     its manifest
    W/store/parts/leads-<unique>.parquet  its parts; a table has none, one or several
    W/store/parts/gone_leads-<unique>.parquet   the places of the rows of a part that went since (store/places.py)

Where the generation in force is damaged, the newest before it that is whole stands in, and says so (`Generation.damage`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import StoreDamaged, WorkspaceError
from salesgauge.schema import EXTRA, LINEAGE, LOADED_AT, LOCAL, ORDINAL, TABLES, Kind, Table
from salesgauge.staging import ident
from salesgauge.store.formats import FORMAT, STEPS, brought_up
from salesgauge.store.places import PART_, PLACE_, parts_of, rows_left
from salesgauge.store.soundness import Said, look

__all__ = ["FORMAT", "Generation", "StoredTable", "current", "open_tables", "read_manifest", "table_sql"]

FOLDER, CURRENT, GENERATIONS, PARTS, CACHE, DAMAGED = "store", "CURRENT", "generations", "parts", "cache", "damaged"
FIRST = "g-000001"
REJECTS = "rejects"
REJECT_COLUMNS = (("load", "VARCHAR"), ("table", "VARCHAR"), ("file", "VARCHAR"), ("line", "BIGINT"), ("column", "VARCHAR"),
                  ("value", "VARCHAR"), ("reason", "VARCHAR"), ("whole", "BOOLEAN"), ("message", "VARCHAR"))
_REMEDY = f"restore a backup (salesgauge restore), or move the folder {FOLDER} away and load everything again"
_TYPES = {Kind.TEXT: "VARCHAR", Kind.CHOICE: "VARCHAR", Kind.INSTANT: "TIMESTAMP", Kind.DATE: "DATE", Kind.NUMBER: "DOUBLE",
          Kind.BOOLEAN: "BOOLEAN"}


@dataclass(frozen=True)
class StoredTable:
    """One table of a generation: its parts, how many rows it has, its extra dimensions (names without `x_`), and whether its parts have
    the columns of LINEAGE (those of a workspace that was made before there were any have not, until the table changes).

    `gone`: by the name of a part the file with the places of those of its rows that went (store/places.py); of the other parts none did.
    """

    name: str
    parts: tuple[Path, ...]
    rows: int
    extras: tuple[str, ...]
    lineage: bool = False
    gone: Mapping[str, Path] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that it is made of; whatever is changed in it, these are others."""
        return (*self.parts, *self.gone.values())

    def entry(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {"parts": [p.name for p in self.parts], "gone": {part: places.name for part, places in self.gone.items()},
                "rows": self.rows, "extras": list(self.extras), "lineage": self.lineage}


@dataclass(frozen=True)
class Identity:
    """What a generation knows of things that several systems have (docs/decisions/0020).

    `said`: of each table in which several ids became one, the table as its sources say it; `keys`: the tables of KEY_TABLES. `groups` is a
    part of the ids that are one (store/identity/groups.py), `verdicts` one of what people decided, `prefer` the order of systems that was
    in force; None: nothing.
    """

    said: Mapping[str, StoredTable] = field(default_factory=dict)
    keys: Mapping[str, StoredTable] = field(default_factory=dict)
    groups: Path | None = None
    verdicts: Path | None = None
    prefer: tuple[str, ...] = ()

    def parts(self) -> list[Path]:
        """All its files."""
        return [*(file for table in (*self.said.values(), *self.keys.values()) for file in table.files),
                *(part for part in (self.groups, self.verdicts) if part is not None)]


@dataclass(frozen=True)
class Generation:
    """What a workspace holds. `loaded_at` is UTC; `rejects` gives each table's part of rows and cells that were set aside.

    `changes`: of each table that its load changed the part with the rows that went and came (store/changes.py), None where that was not
    kept; None for all where the generation is of a version that did not tell. `identity`: what is one thing in several systems.
    """

    name: str
    previous: str | None
    loaded_at: datetime
    tables: Mapping[str, StoredTable]
    rejects: Mapping[str, Path] = field(default_factory=dict)
    reject_rows: int = 0
    report: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Path | None] | None = None
    identity: Identity = field(default_factory=Identity)
    pointer: str | None = None  # what CURRENT said, word for word, when this generation was chosen
    damage: str | None = None   # where it stands in for the one in force: what is wrong with that one

    @property
    def said(self) -> Mapping[str, StoredTable]:
        """Every table as its sources say it, those of KEY_TABLES among them: what a load is merged into."""
        return {**self.tables, **self.identity.said, **self.identity.keys}

    @property
    def mark(self) -> tuple[str, str | None]:
        """What tells it from others for who writes a page of it: its name, and for what it stands in."""
        return self.name, self.damage


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


def _damaged(path: Path, why: str) -> StoreDamaged:
    return StoreDamaged(f"{path} {why}", _REMEDY)


def read_manifest(root: Path, name: str) -> dict[str, Any]:
    """The manifest `name` under the store's folder `root`, as one of the present format (store/formats.py).

    StoreDamaged where it is missing or unreadable, WorkspaceError where a newer program wrote it.
    """
    path = root / GENERATIONS / f"{name}.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    except (OSError, ValueError) as problem:
        raise _damaged(path, f"cannot be read ({problem})") from None
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if type(found) is int and found > FORMAT:
        raise WorkspaceError(f"a newer salesgauge wrote {path} (format {found}; this one reads up to {FORMAT}): update this one")
    if found != FORMAT and found not in STEPS:
        raise _damaged(path, f"is no manifest (its format is {found!r})")
    return brought_up(manifest)


def current(workspace: Path) -> Generation | None:
    """The generation in force, None before the first load. Where that one is damaged, the newest before it that is whole: it then says so.

    StoreDamaged where no generation is whole, WorkspaceError where a newer program wrote the store.
    """
    root = workspace / FOLDER
    pointer = pointer_of(root)
    while True:
        try:
            return _in_force(root, pointer)
        except StoreDamaged as problem:
            found = _stand_in(root, pointer, problem.why)
            before, pointer = pointer, pointer_of(root)
            if pointer != before:
                continue  # loads went on meanwhile and swept what was just being read: there is a newer generation
            if found is None:
                raise
            return found


def pointer_of(root: Path) -> str | None:
    """What the file CURRENT says, word for word; None where it is absent. It changes when another generation comes into force."""
    try:
        return (root / CURRENT).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _damaged(root / CURRENT, f"cannot be read ({problem})") from None


def name_in_force(root: Path) -> str | None:
    """The name of the generation that CURRENT names, None before the first load; StoreDamaged where it names none."""
    return _name_in(root, pointer_of(root))


def _name_in(root: Path, pointer: str | None) -> str | None:
    if pointer is None:
        if any(name != FIRST for name in manifests(root)):
            raise _damaged(root / CURRENT, "is missing")
        return None  # nothing was loaded, or the first load was killed before its end
    name = pointer.strip()
    if not name.startswith("g-") or not name[2:].isdecimal():
        raise _damaged(root / CURRENT, "does not name a generation")
    return name


def manifests(root: Path) -> list[str]:
    """The names of all generations that have a manifest, the newest first; also one that a killed load did not bring into force."""
    names = [path.stem for path in (root / GENERATIONS).glob("g-*.json") if path.stem[2:].isdecimal()]
    return sorted(names, key=number_of, reverse=True)


def number_of(name: str) -> int:
    """The number of a generation: a later one has a higher one."""
    return int(name.removeprefix("g-"))


def _in_force(root: Path, pointer: str | None) -> Generation | None:
    name = _name_in(root, pointer)
    return replace(named(root, name), pointer=pointer) if name is not None else None


def _stand_in(root: Path, pointer: str | None, why: str) -> Generation | None:
    """The newest whole generation before the one that CURRENT names; of all where it names none."""
    try:
        wanted = _name_in(root, pointer)
    except StoreDamaged:
        wanted = None
    for name in manifests(root):
        if wanted is None or number_of(name) < number_of(wanted):
            try:
                return replace(named(root, name), pointer=pointer, damage=why)
            except StoreDamaged:
                continue
    return None


def said_of(manifest: Mapping[str, Any]) -> dict[str, Said]:
    """What a manifest says of its parts."""
    return {part: Said(int(size), manifest["sums"].get(part)) for part, size in manifest["bytes"].items()}


def stored_table(name: str, entry: Mapping[str, Any], folder: Path) -> StoredTable:
    """A table as a manifest's entry says, its parts in `folder`. KeyError where rows of a part went that it does not have."""
    parts, gone = [str(part) for part in entry["parts"]], {str(part): folder / places for part, places in entry.get("gone", {}).items()}
    if strange := gone.keys() - set(parts):
        raise KeyError(min(strange))
    return StoredTable(name, tuple(folder / part for part in parts), int(entry["rows"]), tuple(entry["extras"]),
                       bool(entry.get("lineage", False)), gone)


def _identity(manifest: Mapping[str, Any], folder: Path) -> Identity:
    said, keys = ({t: stored_table(t, entry, folder) for t, entry in manifest[which].items()} for which in ("said", "keys"))
    groups, verdicts = (None if manifest["identity"][which] is None else folder / manifest["identity"][which]
                        for which in ("groups", "verdicts"))
    return Identity(said, keys, groups, verdicts, tuple(manifest["identity"]["prefer"]))


def named(root: Path, name: str) -> Generation:
    """The generation `name` as its manifest says; StoreDamaged where that or a part is damaged."""
    manifest = read_manifest(root, name)
    try:
        said, folder = said_of(manifest), root / PARTS
        tables = {t: stored_table(t, entry, folder) for t, entry in manifest["tables"].items()}
        rejects = {t: folder / p for t, p in manifest["rejects"]["parts"].items()}
        told = manifest.get("changes")
        changes = None if told is None else {t: None if p is None else folder / p for t, p in told.items()}
        identity = _identity(manifest, folder)
        parts = [*(file for t in tables.values() for file in t.files), *rejects.values(), *filter(None, (changes or {}).values()),
                 *identity.parts()]
        unsaid = {part.name for part in parts} - said.keys()
        if unsaid:
            raise KeyError(min(unsaid))
        found = Generation(name, manifest["previous"], datetime.fromisoformat(manifest["loaded_at"]), tables, rejects,
                           int(manifest["rejects"]["rows"]), manifest["report"], changes, identity)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise _damaged(root / GENERATIONS / f"{name}.json", f"is not whole ({problem!r})") from None
    for part, why in look(folder, said, root / CACHE).items():
        raise _damaged(folder / part, why)
    return found


def table_sql(table: Table, stored: StoredTable | None, *, lineage: bool = False, placed: bool = False) -> str:
    """SQL: every canonical column of the table and its extras, with `lineage` also the columns of LINEAGE (empty where they were not
    written), with `placed` where each row stands (PART_, PLACE_); no row where the table is absent or empty."""
    columns = [*stored_columns(table), *((EXTRA + e, "VARCHAR") for e in (stored.extras if stored else ()))]
    told = [(name, lineage_type(name)) for name in LINEAGE] if lineage else []
    if stored is None or not stored.parts:
        where = [(PART_, "INTEGER"), (PLACE_, "BIGINT")] if placed else []
        return f"SELECT {', '.join(empty(*column) for column in [*columns, *told, *where])} WHERE false"
    shown = ", ".join([*(ident(name) for name, _ in columns), *(name if stored.lineage else empty(name, kind) for name, kind in told)])
    if placed:
        selects = [rows_left(part, stored.gone.get(part.name), f"{shown}, {number} AS {PART_}", PLACE_)
                   for number, part in enumerate(stored.parts)]
    else:
        whole = tuple(part for part in stored.parts if part.name not in stored.gone)
        selects = [f"SELECT {shown} FROM {parts_of(whole)}"] if whole else []
        selects += [rows_left(part, stored.gone[part.name], shown) for part in stored.parts if part.name in stored.gone]
    return selects[0] if len(selects) == 1 else f"SELECT * FROM ({' UNION ALL '.join(selects)})"


def lineage_type(name: str) -> str:
    """The DuckDB type of a column of LINEAGE."""
    return "TIMESTAMP" if name == LOADED_AT else "VARCHAR"


def empty(name: str, kind: str) -> str:
    """SQL: an empty column of that name and type."""
    return f"CAST(NULL AS {kind}) AS {ident(name)}"


def open_tables(con: duckdb.DuckDBPyConnection, generation: Generation | None) -> None:
    """Makes a view per canonical table, by its plain name, and the view `rejects`; an absent table is an empty view.

    Raises StoreDamaged where a part cannot be read.
    """
    for table in TABLES.values():
        stored = generation.tables.get(table.name) if generation else None
        try:
            con.execute(f"CREATE OR REPLACE TEMP VIEW {table.name} AS {table_sql(table, stored)}")
        except duckdb.Error as problem:
            raise StoreDamaged(f"the parts of {table.name} cannot be read ({str(problem).splitlines()[0]})", _REMEDY) from None
    con.execute(f"CREATE OR REPLACE TEMP VIEW {REJECTS} AS {rejects_sql(generation)}")


def rejects_sql(generation: Generation | None) -> str:
    """SQL: what the latest load of each table set aside (columns REJECT_COLUMNS)."""
    if generation is None or not generation.rejects:
        return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {ident(name)}' for name, kind in REJECT_COLUMNS)} WHERE false"
    return f"SELECT {', '.join(ident(n) for n, _ in REJECT_COLUMNS)} FROM {parts_of(tuple(generation.rejects.values()))}"
