"""How the files of one import belong together: ids that stand as names are looked up in the file that has both, and what a preset says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesgauge.schema import TABLES
from salesgauge.sources.exports.sections import Line, Made
from salesgauge.sources.exports.vocabulary import plain
from salesgauge.sources.mapping.inputs import trimmed

REFERENCES = {"owner_id": "reps", "rep_id": "reps", "manager_id": "reps", "account_id": "accounts", "product_id": "products",
              "campaign_id": "campaigns"}
COVERED = 0.5   # of the names must stand in the other file


def link(made: Sequence[Made]) -> None:
    """Adds joins to the sections, in place."""
    for own in made:
        for column in list(own.columns):
            table = REFERENCES.get(column, "")
            if table and (table != own.target.table or column == "manager_id"):
                others = [m for m in made if m.target.table == table and m is not own]
                if len(others) == 1:
                    _by_name(own, column, others[0])
        _lookups(own, made)


def _values(made: Made, header: str) -> str:
    export = made.target.export
    cell = trimmed(f"c{export.headers.index(header)}")
    return f"(SELECT DISTINCT {cell} AS v FROM {export.source} WHERE {cell} IS NOT NULL)"


def _by_name(own: Made, column: str, other: Made) -> None:
    """Where the values of a reference are not the ids of the other file but stand in one of its columns, once each: by that column."""
    header, key = own.header_of(column), other.header_of(TABLES[other.target.table].key[0])
    if not header or not key:
        return
    export = other.target.export
    share = {h: _covered(own, header, other, h) for h in export.headers if h and export.headers.count(h) == 1}
    best = max(share, key=lambda h: (share[h], h == key))
    if share.get(key, 0.0) >= share[best] or share[best] < COVERED or export.cells(best).count != export.cells(best).distinct:
        return
    name = _join(own, other, {header: best})
    cell = own.columns[column]
    own.columns[column] = {"column": key, "from": name} if isinstance(cell, str) else {
        **cell, "column": key, "from": name}
    own.notes.append(f"{own.target.export.name}: {column} is the {key} of {export.name} whose {best} is the {header}")
    own.lines = [Line(line.file, line.table, line.column, line.header, f"looked up in {export.name} by {best}", line.confidence, line.seen)
                 if line.column == column else line for line in own.lines]


def _covered(own: Made, header: str, other: Made, by: str) -> float:
    row = own.target.export.con.execute(
        f"SELECT count(o.v) / greatest(count(*), 1) FROM {_values(own, header)} s LEFT JOIN {_values(other, by)} o ON s.v = o.v").fetchone()
    return float(row[0]) if row else 0.0


def _join(own: Made, other: Made, on: dict[str, str]) -> str:
    """The name of a join of the section with the other file on these columns, added where it is not there yet."""
    joins: list[dict[str, Any]] = own.section.setdefault("join", [])
    for join in joins:
        if join["file"] == other.target.export.name and join["on"] == on:
            return str(join["as"])
    name = f"{other.target.table}_{len(joins) + 1}"
    joins.append({"file": other.target.export.name, "as": name, "on": on})
    return name


def _lookups(own: Made, made: Sequence[Made]) -> None:
    """What the preset says that another of its objects adds."""
    preset = own.target.preset
    for lookup in preset.lookups if preset else ():
        others = [m for m in made if m.target.preset and m.target.preset.system == preset.system  # type: ignore[union-attr]
                  and m.target.preset.name == lookup.object]
        wanted = {c: h for c, h in lookup.columns.items() if c not in own.columns}
        if len(others) != 1 or not wanted:
            continue
        other = others[0]
        here = {plain(h): h for h in own.target.export.headers}
        there = {plain(h): h for h in other.target.export.headers}
        if any(a not in here or b not in there for a, b in lookup.on) or any(h not in there for h in wanted.values()):
            continue
        on = {here[a]: there[b] for a, b in lookup.on}
        if any(other.target.export.cells(b).distinct != other.target.export.cells(b).count for b in on.values()):
            continue
        name = _join(own, other, on)
        for column, header in wanted.items():
            cell = next((c for name, c in other.columns.items() if other.header_of(name) == there[header]), there[header])
            own.columns[column] = {**({"column": cell} if isinstance(cell, str) else {
                k: v for k, v in cell.items() if k in ("column", "date", "language", "number")}), "from": name}
            own.lines.append(Line(own.target.export.name, own.target.table, column, there[header],
                                  f"looked up in {other.target.export.name} by {', '.join(on.values())}", 0.9, ()))
