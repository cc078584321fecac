"""Questions as hand-written SQL: the statements that an analyst would run. As a program it runs those of a file, on plain DuckDB."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace


def can_ask(query: Any) -> bool:
    """Whether there is hand-written SQL for the question."""
    from independent import handwritten
    if not isinstance(query, dict) or "kpi" not in query:
        return False
    return handwritten.can_answer(query["kpi"], [*query.get("by", []), *query.get("where", {})])


def statements(workspace: Workspace, queries: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """The statements that open the workspace's tables, and one statement per question."""
    from independent import handwritten
    from salesgauge.periods import pieces, read_instant, read_period
    from salesgauge.schema import TABLES
    from salesgauge.store.generation import table_sql
    settings, generation = workspace.settings, workspace.generation()
    company = handwritten.Company(settings.timezone, settings.currency, asdict(settings))
    views = [f"CREATE TEMP VIEW {t.name} AS {table_sql(t, generation.tables.get(t.name))}" for t in TABLES.values()]
    asked = []
    for query in queries:
        spans = [(s.start, s.end) for s in pieces(read_period(query["period"]), query.get("grain", "total"))]
        as_of = read_instant(query["as_of"], settings.zone) if query.get("as_of") else None
        asked.append(handwritten.sql(query["kpi"], spans, company, query.get("by", []), query.get("where", {}), as_of))
    return {"views": ["SET TimeZone='UTC'", *views], "questions": asked}


def run(prepared: dict[str, list[str]]) -> list[list[dict[str, Any]]]:
    """Opens the tables and answers the questions; gives the rows of each."""
    con, answers = duckdb.connect(), []
    for view in prepared["views"]:
        con.execute(view)
    for question in prepared["questions"]:
        cursor = con.execute(question)
        names = [column[0] for column in cursor.description]
        answers.append([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
    con.close()
    return answers


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123  pathlib would be one import more than the peer needs
        run(json.load(file))
