"""The rows and cells that a load set aside, each with its file, line, column and what would be right."""

from __future__ import annotations

import duckdb

from salesgauge.schema import Column, Kind
from salesgauge.staging import FILE, ROW, ident, literal
from salesgauge.store.checking import UNREADABLE, Checked
from salesgauge.store.generation import REJECT_COLUMNS

COMPARED = ", ".join(ident(n) for n, _ in REJECT_COLUMNS if n != "load")
RIGHT = {Kind.INSTANT: ("an instant", "2025-03-14T09:30:00+01:00"), Kind.DATE: ("a date", "2025-03-14"), Kind.NUMBER: ("a number", "1234.56"),
         Kind.BOOLEAN: ("yes or no", "true or false")}


def _message(column: Column) -> str:
    """SQL: what is wrong with the cell of a problem `p` in this column, and what would be right."""
    shown = "replace(replace(left(p.\"value\", 60), chr(10), ' '), chr(13), ' ')"
    cases = [f"WHEN 'missing_value' THEN {literal(f'{column.name} is empty, and the row cannot do without it')}",
             f"WHEN 'out_of_range' THEN {literal(column.name + ' is ')} || {shown} || {literal(f'; it must be above {column.above or 0:g}')}",
             f"WHEN 'duplicate_key' THEN {literal('the key ')} || {shown} || ' stands in several rows that differ; keep one of them'"]
    if column.kind in RIGHT:
        what, example = RIGHT[column.kind]
        cases.append(f"WHEN {literal(UNREADABLE[column.kind])} THEN 'cannot read ''' || {shown} || {literal(f''' as {what}: write it as {example}''')}")
    if column.kind is Kind.CHOICE:
        cases.append(f"WHEN 'unknown_value' THEN '''' || {shown} || {literal(f''' is no {column.name}: write {', '.join(column.choices)}''')}")
    return f"CASE p.reason {' '.join(cases)} END"


def collect(con: duckdb.DuckDBPyConnection, checked: Checked, generation: str) -> str | None:
    """A table of everything set aside of one staged table, with REJECT_COLUMNS, in the order of the file; None where nothing was."""
    staged = checked.staged
    name = staged.table.name
    rows = [int(r[0]) for r in con.execute(f"SELECT DISTINCT {ROW} FROM {checked.problems} ORDER BY 1").fetchall()]
    if not rows and not staged.unread:
        return None
    con.execute(f"CREATE OR REPLACE TEMP TABLE lines_{name} (row_ BIGINT, line BIGINT)")
    if rows:
        con.execute(f"INSERT INTO lines_{name} SELECT unnest($1::BIGINT[]), unnest($2::BIGINT[])", [rows, list(staged.lines(rows))])
    messages = " ".join(f"WHEN {literal(c.name)} THEN {_message(c)}" for c in staged.table.columns)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE rejects_{name} AS
        SELECT {literal(generation)} AS load, {literal(name)} AS "table", p.{FILE} AS file, l.line, p."column", p."value", p.reason, p.whole,
               CASE p."column" {messages} END AS message
        FROM {checked.problems} p JOIN lines_{name} l ON l.{ROW} = p.{ROW}""")
    if staged.unread:
        con.execute(f"INSERT INTO rejects_{name} SELECT ?, ?, ?, unnest(?::BIGINT[]), NULL, unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), true, "
                    "unnest(?::VARCHAR[])",
                    [generation, name, staged.file, [u.line for u in staged.unread], [u.text for u in staged.unread],
                     [u.reason for u in staged.unread], [u.message for u in staged.unread]])
    return f"rejects_{name}"
