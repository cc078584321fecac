"""Looks a generation through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from salesgauge.schema import EXTRA
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import PURCHASE
from salesgauge.semantics.shape import Shape
from salesgauge.settings import Settings
from salesgauge.staging import Progress, bound, ident, silent
from salesgauge.store.doctor.checks import CHECKS, LEGAL_FORMS, checks_by_table
from salesgauge.store.doctor.finding import EXAMPLES, Check, Finding, reading
from salesgauge.store.generation import REJECTS, Generation, open_tables
from salesgauge.store.opened import shape_of


def diagnose(con: duckdb.DuckDBPyConnection, generation: Generation, settings: Settings, kpis: Mapping[str, Kpi], now: datetime,
             progress: Progress = silent) -> list[Finding]:
    """Everything found in a generation, whose tables `con` then has as views; `now` (with a zone) is the present instant. First the tables
    that are absent, then what was set aside, then what contradicts itself. Something of which there is no row is not among it."""
    shape = shape_of(generation, settings, dated=False)
    checks = [c for c in (*CHECKS, *checks_by_table(kpis)) if all(shape.has(t) for t in (c.table, *c.beside))]
    values = {"currency": settings.currency, "now": now.astimezone(UTC).replace(tzinfo=None), "today": now.astimezone(settings.zone).date(),
              "fiscal": settings.fiscal_year_start, "forms": list(LEGAL_FORMS)}
    found = _absent(shape, kpis)
    open_tables(con, generation)
    found += _set_aside(con, generation, kpis)
    found += _hidden(con, generation, shape, kpis)
    for number, check in enumerate(checks):
        progress(number, len(checks), check.table)
        found += _look(con, generation, check, kpis, values)
    progress(len(checks), len(checks), "")
    return found


def _absent(shape: Shape, kpis: Mapping[str, Kpi]) -> list[Finding]:
    by_lack: dict[str, list[str]] = {}
    for kpi in kpis.values():
        if (lack := kpi.missing(shape, ())) is not None:
            by_lack.setdefault(lack, []).append(kpi.id)
    return [Finding("absent_table", lack, len(ids), len(kpis), (), tuple(ids)) for lack, ids in by_lack.items()]


def _set_aside(con: duckdb.DuckDBPyConnection, generation: Generation, kpis: Mapping[str, Kpi]) -> list[Finding]:
    rows = con.execute(f"""
        SELECT "table", whole, count(*), array_agg(file || ':' || line ORDER BY line)[1:{EXAMPLES}] FROM {REJECTS}
        GROUP BY ALL ORDER BY 1, 2 DESC""").fetchall()
    found = []
    for table, whole, count, examples in rows:
        stored = generation.tables[table].rows if table in generation.tables else 0
        found.append(Finding("rows_set_aside" if whole else "cells_set_aside", table, count, stored + count if whole else None,
                             tuple(examples), reading(kpis, table)))
    return found


def _hidden(con: duckdb.DuckDBPyConnection, generation: Generation, shape: Shape, kpis: Mapping[str, Kpi]) -> list[Finding]:
    """A further column whose name is that of a dimension: the KPIs that have the dimension cannot be grouped by the column."""
    found = []
    for stored in generation.tables.values():
        for extra in stored.extras:
            behind = tuple(k.id for k in kpis.values() if extra in k.dimensions and stored.name == _extras_of(k, shape))
            if behind:
                row = con.execute(f"SELECT count({ident(EXTRA + extra)}) FROM {stored.name}").fetchone()
                found.append(Finding("hidden_column", stored.name, row[0] if row else 0, stored.rows, (extra,), behind))
    return found


def _extras_of(kpi: Kpi, shape: Shape) -> str | None:
    if kpi.extras_of == PURCHASE:
        return "orders" if shape.has("orders") else "opportunities"
    return kpi.extras_of


def _look(con: duckdb.DuckDBPyConnection, generation: Generation, check: Check, kpis: Mapping[str, Kpi],
          values: Mapping[str, Any]) -> list[Finding]:
    known = bound(check.rows, values)
    row = con.execute(f"SELECT count(*) FROM ({check.rows})", known).fetchone()
    count = int(row[0]) if row else 0
    if not count:
        return []
    examples = con.execute(f"SELECT DISTINCT example FROM ({check.rows}) ORDER BY 1 LIMIT {EXAMPLES}", known).fetchall()
    return [Finding(check.key, check.table, count, generation.tables[check.table].rows, tuple(str(e) for e, in examples),
                    tuple(k for k in check.kpis if k in kpis))]
