"""Stages the files of a folder as a mapping says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import duckdb

from salesgauge.schema import RECORD, Table
from salesgauge.sources.mapping.inputs import FolderInputs, Inputs
from salesgauge.sources.mapping.language import MappingFile, Section
from salesgauge.sources.mapping.reading import read
from salesgauge.sources.mapping.rows import Rows, source_of
from salesgauge.staging import Progress, Staged, StagedTable, Unread, literal, silent

Stage = Callable[[Path, duckdb.DuckDBPyConnection, Path, Progress], Staged]


def stage_mapped(mapping: Path) -> Stage:
    """What stages a folder by the mapping file `mapping`, which is read and checked at once (MappingError).

    The stage raises MappingError where the folder's files are not what the mapping says, and LoadRefused where one cannot be read.
    """
    found = read(mapping)

    def stage(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress = silent) -> Staged:
        return _stage(found, folder, con, scratch, progress)
    return stage


def _stage(mapping: MappingFile, folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress) -> Staged:
    return stage_inputs(mapping, FolderInputs(mapping, folder, con, scratch, progress), str(folder), con, scratch, progress)


def stage_inputs(mapping: MappingFile, inputs: Inputs, origin: str, con: duckdb.DuckDBPyConnection, scratch: Path,
                 progress: Progress = silent) -> Staged:
    """Stages what `inputs` gives as a mapping says; `origin` is the name of it all in the report."""
    tables = []
    for table, sections in groupby(mapping.sections, key=lambda s: s.table):
        rows = [Rows(section, number, inputs, con) for number, section in enumerate(sections)]
        tables.append((table, rows))
    progress(1, 1, "read")
    return Staged(origin, tuple(_table(table, rows, con, scratch) for table, rows in tables), inputs.unused())


def _table(table: Table, rows: Sequence[Rows], con: duckdb.DuckDBPyConnection, scratch: Path) -> StagedTable:
    """The rows of all sections of one table, one after the other, in one Parquet file of text."""
    counted = [r.counted() for r in rows]
    sections = [r.section for r in rows]
    columns = _columns(table, sections)
    recorded = any(RECORD in s.cells for s in sections)
    extras = {stored: header for s in sections for stored, header in s.extras}
    relation, target = f"staged_{table.name}", scratch / f"{table.name}.mapped.parquet"
    query = " UNION ALL ".join(f"({r.sql((*columns, *([RECORD] if recorded else [])))})" for r in rows)
    written = con.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)").fetchone()
    assert written is not None
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT * FROM read_parquet({literal(str(target))}, hive_partitioning = false)")
    unread: dict[Unread, None] = {}  # a file of several sections has its unreadable rows once
    for r, c in zip(rows, counted, strict=True):
        unread |= dict.fromkeys(Unread(u.line, u.text, u.reason, u.message, r.own.name) for u in (*r.own.text.unread, *c.unread))
    notes = dict.fromkeys(n for c in counted for n in c.notes)

    def lines(wanted: Sequence[int]) -> Sequence[int]:
        return _lines(rows, wanted)
    return StagedTable(table, ", ".join(dict.fromkeys(s.file for s in sections)), relation, columns,
                       tuple((c, extras[c]) for c in columns if c in extras), int(written[0]), tuple(unread), lines, tuple(notes),
                       recorded=recorded)


def _columns(table: Table, sections: Sequence[Section]) -> tuple[str, ...]:
    made = dict.fromkeys(name for s in sections for name in s.cells if name != RECORD)
    canonical = [c.name for c in table.columns if c.name in made]
    return (*canonical, *(name for name in made if name not in canonical))


def _lines(rows: Sequence[Rows], wanted: Sequence[int]) -> list[int]:
    """The lines of the source files on which the given staged rows begin, in the order asked."""
    places = [source_of(row) for row in wanted]
    of: dict[tuple[int, int], int] = {}
    for number, r in enumerate(rows):
        sources = sorted({source for section, source in places if section == number})
        if sources:
            of.update({(number, source): line for source, line in zip(sources, r.own.text.lines(sources), strict=True)})
    return [of[place] for place in places]
