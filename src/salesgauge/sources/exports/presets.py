"""The standard exports of well-known systems, as declarations: presets/*.toml, one per system, one object per kind of export."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from salesgauge.sources.exports.vocabulary import plain


@dataclass(frozen=True)
class Lookup:
    """Columns that another object of the same import adds: `on` pairs an own header and one of the other, both plain."""

    object: str
    on: tuple[tuple[str, str], ...]
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Object:
    """One kind of export. All names are plain (vocabulary.plain).

    `recognised_by`: a header of each group must be there. `table` empty: it holds no records of ours, and `why` says so. `columns` gives
    the headers of each canonical column, the surer first; `only` lists headers for which the general vocabulary is not asked.
    """

    system: str
    title: str
    name: str
    table: str
    why: str
    recognised_by: tuple[frozenset[str], ...]
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    empty: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    leave: frozenset[str]
    lookups: tuple[Lookup, ...]

    @property
    def headers(self) -> frozenset[str]:
        """Every header that the object knows, plain."""
        return frozenset(h for names in self.columns.values() for h in names) | frozenset().union(*self.recognised_by)

    def is_in(self, headers: frozenset[str]) -> bool:
        """Whether a file with these plain headers is such an export."""
        return all(group & headers for group in self.recognised_by)


@cache
def presets() -> tuple[Object, ...]:
    """Every object of every system."""
    folder = files("salesgauge.sources.exports").joinpath("presets")
    found = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            top = tomllib.loads(file.read_text(encoding="utf-8"))
            found += [_object(file.name.removesuffix(".toml"), top["title"], part) for part in top["object"]]
    return tuple(found)


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(plain, names)))


def _object(system: str, title: str, part: dict) -> Object:  # type: ignore[type-arg]
    return Object(
        system, title, part["name"], part.get("table", ""), part.get("why", ""),
        tuple(frozenset(_plain(group)) for group in part["recognised_by"]),
        {column: _plain(names) for column, names in part.get("columns", {}).items()}, part.get("constants", {}),
        {column: tuple(values) for column, values in part.get("empty", {}).items()},
        {column: {plain(name): value for value, names in by.items() for name in names} for column, by in part.get("values", {}).items()},
        frozenset(_plain(part.get("leave", []))),
        tuple(Lookup(look["object"], tuple((plain(a), plain(b)) for a, b in look["on"].items()),
                     {c: plain(h) for c, h in look["columns"].items()}) for look in part.get("lookup", [])))


def recognise(headers: Sequence[str]) -> Object | None:
    """The export that a file with these headers is: of several the one that knows most of them; None where none does or two do as well."""
    there = frozenset(map(plain, headers))
    found = sorted(((len(o.headers & there), o) for o in presets() if o.is_in(there)), key=lambda x: -x[0])
    if not found or (found[1:] and found[0][0] == found[1][0] and found[0][1].table != found[1][1].table):
        return None
    return found[0][1]


@cache
def known_headers() -> frozenset[str]:
    """Every header of every preset, plain."""
    return frozenset(h for o in presets() for h in o.headers)
