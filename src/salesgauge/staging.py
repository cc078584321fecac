"""What a source hands to the store: the raw cells of canonical tables, as relations of a DuckDB connection, not yet parsed.

A source (a folder of files, a mapped export, a CRM) stages; the store parses, checks and merges. Neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from salesgauge.schema import Table

ROW = "row_"    # a staged row's number within its relation, from 1, in the order of the file
FILE = "file_"  # the name of the file that a staged row comes from


class Progress(Protocol):
    """Told how far a long piece of work is: `done` of `total` (bytes or rows), and what is being done."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Told at each step."""


def silent(done: int, total: int, what: str) -> None:
    """The progress of work that nobody watches."""


@dataclass(frozen=True)
class Unread:
    """A row of a file that could not even be split into its cells, and so is set aside whole.

    `line` is its first line in the file, `text` what stands there, `reason` a code, `message` one line for a person; `file` is its file
    where the table's rows come from several.
    """

    line: int
    text: str
    reason: str
    message: str
    file: str = ""


@dataclass(frozen=True)
class StagedTable:
    """The raw rows of one canonical table.

    `relation` names a view or table of the connection with the columns `columns` (canonical names and `x_` names, of any DuckDB type;
    text is parsed by the store, an empty text is an empty cell), `file_` and `row_` (unique, in the order of the file). `rows` is its
    exact number of rows. `extras` gives the header of each `x_` column. `unread` are the rows that are not in it. `lines` gives the lines
    in the file of rows, in the order asked (of a Parquet file the rows themselves); it may read the file, so ask once, and only for rows
    that are shown. `notes` are for the report. `size` is about how many bytes the rows have, 0 where that is not known. `recorded`: the
    relation also has `record_`, the record of a row in the system that it comes from.
    """

    table: Table
    file: str
    relation: str
    columns: tuple[str, ...]
    extras: tuple[tuple[str, str], ...]
    rows: int
    unread: tuple[Unread, ...]
    lines: Callable[[Sequence[int]], Sequence[int]]
    notes: tuple[str, ...] = ()
    size: int = 0
    recorded: bool = False


@dataclass(frozen=True)
class Staged:
    """Everything that one load brings. `ignored` names each file that is no table, and why. `system` is the name of the connected system
    that all of it comes from; None: it comes from files, each row from its own. `partial`: it only says more of rows that came from
    elsewhere, so that their lineage and what is told of the latest load (when it was, what it did, what it set aside) stand."""

    origin: str
    tables: tuple[StagedTable, ...]
    ignored: tuple[tuple[str, str], ...] = ()
    system: str | None = None
    partial: bool = False


# What stages a folder: given the folder, the connection to stage in, a folder for intermediate files, and who is told of progress.
Stage = Callable[[Path, duckdb.DuckDBPyConnection, Path, Progress], Staged]


def ident(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def bound(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that SQL names as $name; others may not be given."""
    return {name: value for name, value in values.items() if f"${name}" in sql}


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
