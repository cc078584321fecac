"""The rows and cells that a load set aside, each with its file, line, column and what would be right."""

from __future__ import annotations

import duckdb
import numpy as np

from salesgauge.schema import Column, Kind
from salesgauge.staging import FILE, ROW, StagedTable, ident, literal
from salesgauge.store.checking import UNREADABLE, Checked
from salesgauge.store.generation import REJECT_COLUMNS

AT_ONCE = 1_000_000  # rows whose lines are asked for together
COMPARED = ", ".join(ident(name) for name, _ in REJECT_COLUMNS if name != "load")
_RIGHT = {Kind.INSTANT: "an instant: write it as 2025-03-14T09:30:00+01:00", Kind.DATE: "a date: write it as 2025-03-14",
          Kind.NUMBER: "a number: write it as 1234.56", Kind.BOOLEAN: "yes or no: write true or false"}
_VALUE = """replace(replace(left(p."value", 60), chr(10), ' '), chr(13), ' ')"""


def _said(before: str, after: str) -> str:
    """SQL: the value between two texts."""
    return f"concat({literal(before)}, {_VALUE}, {literal(after)})"


def _message(column: Column) -> str:
    """SQL: what is wrong with the cell of a problem `p` in this column, and what would be right."""
    cases = {"missing_value": literal(f"{column.name} is empty, and the row cannot do without it"),
             "duplicate_key": _said("the key ", " stands in several rows that differ; keep one of them")}
    if column.above is not None:
        cases["out_of_range"] = _said(f"{column.name} is ", f"; it must be above {column.above:g}")
    if column.kind in _RIGHT:
        cases[UNREADABLE[column.kind]] = _said("cannot read '", f"' as {_RIGHT[column.kind]}")
    if column.kind is Kind.CHOICE:
        cases["unknown_value"] = _said("'", f"' is no {column.name}: write {', '.join(column.choices)}")
    return f"CASE p.reason {' '.join(f'WHEN {literal(reason)} THEN {text}' for reason, text in cases.items())} END"


def collect(con: duckdb.DuckDBPyConnection, checked: Checked, generation: str) -> str | None:
    """A table of everything set aside of one staged table, with REJECT_COLUMNS; None where nothing was."""
    staged = checked.staged
    name = f"rejects_{staged.table.name}"
    rows = con.execute(f"SELECT DISTINCT {ROW} FROM {checked.problems} ORDER BY 1").fetchnumpy()[ROW]
    if not len(rows) and not staged.unread:
        return None
    slices = [np.asarray(staged.lines(rows[i:i + AT_ONCE].tolist()), np.int64) for i in range(0, len(rows), AT_ONCE)]
    con.register("lines_of_rows", {"number": rows, "line": np.concatenate([np.empty(0, np.int64), *slices])})
    messages = " ".join(f"WHEN {literal(c.name)} THEN {_message(c)}" for c in staged.table.columns)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT {literal(generation)} AS load, {literal(staged.table.name)} AS "table", p.{FILE} AS file, l.line, p."column", p."value",
               p.reason, p.whole, CASE p."column" {messages} END AS message
        FROM {checked.problems} p JOIN lines_of_rows l ON l.number = p.{ROW}""")
    con.unregister("lines_of_rows")
    if staged.unread:
        _add_unread(con, staged, name, generation)
    return name


def _add_unread(con: duckdb.DuckDBPyConnection, staged: StagedTable, name: str, generation: str) -> None:
    import pyarrow as pa  # only here: most loads do without
    texts = {field: pa.array([getattr(u, field) for u in staged.unread], pa.string()) for field in ("text", "reason", "message")}
    texts["file"] = pa.array([u.file or staged.file for u in staged.unread], pa.string())
    con.register("unread_rows", pa.table({"line": pa.array([u.line for u in staged.unread], pa.int64()), **texts}))
    con.execute(f"INSERT INTO {name} SELECT {literal(generation)}, {literal(staged.table.name)}, file, line, NULL, \"text\", "
                "reason, true, message FROM unread_rows")
    con.unregister("unread_rows")
