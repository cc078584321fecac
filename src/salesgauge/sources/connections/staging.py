"""A connection's raw file, staged as its mapping says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from salesgauge.schema import TABLES, Kind
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.raw import RawInputs
from salesgauge.sources.connections.stream import Stream
from salesgauge.sources.mapping.reading import read
from salesgauge.sources.mapping.stage import stage_inputs
from salesgauge.staging import Progress, Staged, StagedTable, ident, literal, silent

IDS = frozenset(column.name for table in TABLES.values() for column in table.columns
                if column.kind is Kind.TEXT and column.name.endswith("_id"))


def stage_connection(connection: Connection, mapping: Path, streams: Sequence[Stream], shapes: dict[str, str]) -> Callable[
        [Path, duckdb.DuckDBPyConnection, Path, Progress], Staged]:
    """What stages the raw file of a connection; MappingError where the mapping cannot be used."""
    found = read(mapping)

    def stage(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress = silent) -> Staged:
        inputs = RawInputs(folder, streams, shapes, con, scratch)
        staged = stage_inputs(found, inputs, connection.name, con, scratch, progress)
        tables = tuple(_prefixed(table, connection.prefix, con) for table in staged.tables) if connection.prefix else staged.tables
        return replace(staged, system=connection.name, tables=tables)
    return stage


def _prefixed(table: StagedTable, prefix: str, con: duckdb.DuckDBPyConnection) -> StagedTable:
    """The table with the prefix before every id that is not empty."""
    ids = [ident(name) for name in table.columns if name in IDS]
    if not ids:
        return table
    relation = f"prefixed_{table.table.name}"
    replaced = ", ".join(f"{literal(prefix)} || nullif(trim({name}), '') AS {name}" for name in ids)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT * REPLACE ({replaced}) FROM {table.relation}")
    return replace(table, relation=relation)
