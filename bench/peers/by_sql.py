"""Hand-written SQL (the folder sql), each statement as good as we can write it, on plain DuckDB over the same Parquet parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from bench.peers.asked import ASKED, Answer, of_columns

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace

FOLDER = Path(__file__).parent / "sql"
KPIS = tuple(ASKED)


def connected(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """Plain DuckDB with a view per canonical table, and the memory that salesgauge gives itself."""
    from salesgauge.staging import literal
    from salesgauge.store.generation import open_tables
    from salesgauge.store.spilling import memory_allowed
    con = duckdb.connect()
    con.execute(f"SET temp_directory={literal(str(workspace.folder / 'store' / 'spill'))}")
    con.execute(f"SET memory_limit='{memory_allowed()}B'")
    con.execute("SET TimeZone='UTC'")
    con.execute("SET preserve_insertion_order=false")
    open_tables(con, workspace.generation())
    return con


def run(con: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """The answer of a statement."""
    cursor = con.execute(sql)
    return of_columns([column[0] for column in cursor.description], cursor.fetchall())


def answers(workspace: Workspace, kpi: str) -> Answer:
    """The answer by the hand-written statement of the KPI."""
    with connected(workspace) as con:
        return run(con, (FOLDER / f"{kpi}.sql").read_text(encoding="utf-8"))
