"""A connection's raw file, staged as its mapping says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from salesgauge.schema import TABLES, Kind
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.raw import RawInputs
from salesgauge.sources.connections.stream import Stream
from salesgauge.sources.mapping.reading import read
from salesgauge.sources.mapping.stage import stage_inputs
from salesgauge.staging import Progress, Stage, Staged, StagedTable, ident, literal, silent

BROUGHT = "brought"  # the file in a connection's folder with the tables of which it had rows
IDS = frozenset(column.name for table in TABLES.values() for column in table.columns
                if column.kind is Kind.TEXT and column.name.endswith("_id"))


def stage_connection(connection: Connection, mapping: Path, streams: Sequence[Stream], shapes: dict[str, str],
                     left_out: frozenset[str] = frozenset()) -> Stage:
    """What stages the raw file of a connection; MappingError where the mapping cannot be used. A section that reads a stream which the
    system lacks is left out: its table stays absent, as of a system that knows nothing of it. The tables of `left_out` come with the first
    row that the system has of them, and from then on also where they are empty: an empty table says that there was nothing (no order, so
    no revenue), which nobody knows of a system in which such records are not kept."""
    lacking = {stream.name for stream in streams if not stream.there}
    found = read(mapping)
    found = replace(found, sections=tuple(section for section in found.sections if section.file not in lacking))

    def stage(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress = silent) -> Staged:
        inputs = RawInputs(folder, streams, shapes, con, scratch)
        staged = stage_inputs(found, inputs, connection.name, con, scratch, progress)
        tables = _brought(folder / BROUGHT, staged.tables, left_out)
        if connection.prefix:
            tables = tuple(_prefixed(table, connection.prefix, con) for table in tables)
        return replace(staged, system=connection.name, tables=tables)
    return stage


def _brought(memory: Path, tables: tuple[StagedTable, ...], left_out: frozenset[str]) -> tuple[StagedTable, ...]:
    """The tables without those that may be left out and never had a row."""
    before = set(memory.read_text(encoding="utf-8").split()) if memory.exists() else set()
    kept = tuple(t for t in tables if t.rows or t.unread or t.table.name in before or t.table.name not in left_out)
    now = before | {t.table.name for t in kept if t.table.name in left_out}
    if now != before:
        partial = memory.with_name(f".{memory.name}")
        partial.write_text("\n".join(sorted(now)), encoding="utf-8")
        partial.replace(memory)
    return kept


def _prefixed(table: StagedTable, prefix: str, con: duckdb.DuckDBPyConnection) -> StagedTable:
    """The table with the prefix before every id that is not empty."""
    ids = [ident(name) for name in table.columns if name in IDS]
    if not ids:
        return table
    relation = f"prefixed_{table.table.name}"
    replaced = ", ".join(f"{literal(prefix)} || nullif(trim({name}), '') AS {name}" for name in ids)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT * REPLACE ({replaced}) FROM {table.relation}")
    return replace(table, relation=relation)
