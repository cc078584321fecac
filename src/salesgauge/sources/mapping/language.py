"""What a mapping file says: per canonical table its sections, and how each cell is made. Nothing here looks at the files it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from salesgauge.schema import Table

SECTIONS = 100        # of one table, at most
REPETITIONS = 1_000_000  # of one row, at most


@dataclass(frozen=True)
class FileOptions:
    """How a source file is written."""

    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Source:
    """A column of the section's own file (`join` None) or of a joined one."""

    column: str
    join: str | None
    place: str


@dataclass(frozen=True)
class Constant:
    """The same text in every row; empty: an empty cell."""

    text: str


@dataclass(frozen=True)
class Combined:
    """Several columns in one text, with a separator between those that are not empty."""

    parts: tuple[Source, ...]
    separator: str


@dataclass(frozen=True)
class KeyOf:
    """An id made of several columns, each at its place even where it is empty; empty where all are. Of a repeated row with its number."""

    parts: tuple[Source, ...]


@dataclass(frozen=True)
class RowNumber:
    """An id made of the row's number in its file, the first after the header being 1. Of a repeated row with its number."""


@dataclass(frozen=True)
class DateFormat:
    """How dates or instants are written (strptime); `day_only` cuts the time of day off."""

    pattern: str
    day_only: bool = False

    @property
    def has_zone(self) -> bool:
        """Whether each value says its offset from UTC."""
        return "%z" in self.pattern


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written; `currencies` are signs that may stand before or after the number; `percent`: 12.5 means 0.125."""

    decimal: str = "."
    thousands: str = ""
    currencies: tuple[str, ...] = ()
    percent: bool = False


@dataclass(frozen=True)
class Cell:
    """How a cell of a canonical table is made: its base, then fixes, then the value map, then the format, then the prefix.

    `otherwise` (keep, empty, refuse) says what becomes of a value that `values` does not name.
    """

    place: str
    base: Source | Constant | Combined | KeyOf | RowNumber
    fix: Mapping[str, str]
    values: Mapping[str, str] | None = None
    otherwise: str = "keep"
    written: DateFormat | NumberFormat | None = None
    prefix: str = ""


@dataclass(frozen=True)
class Condition:
    """A row is kept where its cell passes every test: pairs of a test's name and what it compares with."""

    place: str
    source: Source
    tests: tuple[tuple[str, tuple[str, ...] | bool | float | date], ...]
    written: DateFormat | NumberFormat | None = None

    @property
    def by_date(self) -> bool:
        """Whether it compares dates."""
        return any(isinstance(bound, date) for _, bound in self.tests)


@dataclass(frozen=True)
class Join:
    """Another file whose row with the same key adds its columns; `on` pairs an own column and one of the other file."""

    place: str
    name: str
    file: str
    on: tuple[tuple[str, str], ...]
    fix: Mapping[str, str]


@dataclass(frozen=True)
class Repeat:
    """A column that says how often its row stands in the table."""

    place: str
    source: Source
    written: NumberFormat | None


@dataclass(frozen=True)
class Section:
    """Rows of one canonical table from one source file. `extras` pairs the stored name of a further dimension and its name in the file.
    Among the cells may be `record_`: the record of the row in the system that it comes from."""

    place: str
    table: Table
    file: str
    cells: Mapping[str, Cell]
    extras: tuple[tuple[str, str], ...]
    keep: tuple[Condition, ...]
    joins: tuple[Join, ...]
    repeat: Repeat | None


@dataclass(frozen=True)
class MappingFile:
    """A mapping file, found sound in itself. `files` holds the options of those files that need some."""

    name: str
    files: Mapping[str, FileOptions]
    sections: tuple[Section, ...]
