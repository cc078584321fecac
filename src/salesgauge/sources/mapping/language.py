"""What a mapping file says: per canonical table its sections, and how each cell is made. Nothing here looks at the files it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from salesgauge.schema import Table

SECTIONS = 100        # of one table, at most
COUNTED = ("excel", "excel1904", "unix", "unix_ms")  # dates that are written as a number: days since Excel's first, or seconds since 1970
LANGUAGES = ("ru", "zh")  # of month names and of AM and PM, beside English
REPETITIONS = 1_000_000  # of one row, at most


@dataclass(frozen=True)
class FileOptions:
    """How a source file is written.

    `header` is the line (of a sheet: the row) on which the header begins, None: the first; what stands above is no record. `header_rows`:
    the header is that many rows. `leave_out` are the texts with which totals and notes begin: such rows are set aside as no records.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    header: int | None = None
    header_rows: int = 1
    leave_out: tuple[str, ...] = ()

    @property
    def laid_out(self) -> bool:
        """Whether the file is more than a header and the rows below it."""
        return self.header is not None or self.header_rows > 1 or bool(self.leave_out)


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
    """How dates or instants are written: a strptime pattern, or one of COUNTED; `day_only` cuts the time of day off.

    `language` is that of month names and of AM and PM: English, where empty.
    """

    pattern: str
    day_only: bool = False
    language: str = ""

    @property
    def has_zone(self) -> bool:
        """Whether each value says its instant, whatever the zone."""
        return "%z" in self.pattern or self.pattern.startswith("unix")


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written; `currencies` are signs that may stand before or after the number; `percent`: 12.5 means 0.125.

    `accounting`: (12.5) and 12.5- are negative. `times` is the power of ten that the numbers are counted in: 12.5 thousands are 12500.
    """

    decimal: str = "."
    thousands: str = ""
    currencies: tuple[str, ...] = ()
    percent: bool = False
    accounting: bool = False
    times: int = 1


@dataclass(frozen=True)
class Cell:
    """How a cell of a canonical table is made: its base, then fixes, then the value map, then the format, then the prefix.

    `otherwise` (keep, empty, refuse) says what becomes of a value that `values` does not name. Where a row does not pass `when`, the cell
    is empty.
    """

    place: str
    base: Source | Constant | Combined | KeyOf | RowNumber
    fix: Mapping[str, str]
    values: Mapping[str, str] | None = None
    otherwise: str = "keep"
    written: DateFormat | NumberFormat | None = None
    prefix: str = ""
    when: Condition | None = None


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
