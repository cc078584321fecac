"""The conformance packs load whole: every cell is what Python's own csv, datetime and zoneinfo read."""

from __future__ import annotations

import csv
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from salesgauge.schema import LOCAL, TABLES, Column, Kind, Table
from store.workbench import Workbench

PACKS = Path(os.environ.get("SALESGAUGE_SHARED", Path(__file__).parents[3] / "shared")) / "conformance"
TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read(column: Column, cell: str, zone: ZoneInfo) -> dict[str, Any]:
    """The stored values of a cell."""
    if column.kind is Kind.INSTANT:
        found = datetime.fromisoformat(cell) if cell else None
        utc = found and (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        local = utc and utc.astimezone(zone).replace(tzinfo=None, fold=0)
        return {column.name: utc and utc.replace(tzinfo=None), column.name + LOCAL: local}
    if not cell:
        return {column.name: None}
    if column.kind is Kind.DATE:
        return {column.name: date.fromisoformat(cell)}
    if column.kind is Kind.NUMBER:
        return {column.name: float(cell)}
    return {column.name: TRUTHS[cell.lower()] if column.kind is Kind.BOOLEAN else cell}


def rows_of(path: Path, table: Table, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The rows of a file as they must stand in the store; identical repeats of a key once."""
    found: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.DictReader(file):
            row: dict[str, Any] = {}
            for header, cell in record.items():
                column = table.column(header)
                row |= read(column, cell, zone) if column else {f"x_{header}": cell or None}
            key = tuple(row.get(k) for k in table.key)
            seen[key] = seen.get(key, 0) + 1
            if table.ordered:
                row["ordinal_"] = seen[key]
            if table.ordered or seen[key] == 1:
                found.append(row)
    return found


@pytest.mark.parametrize("pack", ["tiny", "company", "no-orders", "deals-only"])
def test_every_cell_of_a_pack_is_stored_as_it_was_meant(tmp_path: Path, pack: str) -> None:
    meant = json.loads((PACKS / pack / "workspace.json").read_text())
    bench = Workbench(tmp_path, meant["timezone"])
    report = bench.load(PACKS / pack)
    assert {t.table for t in report.tables} == {p.stem for p in (PACKS / pack).glob("*.csv")}
    assert not any(t.rows_aside or t.cells_aside for t in report.tables)
    for table in report.tables:
        expected = rows_of(PACKS / pack / table.file, TABLES[table.table], ZoneInfo(meant["timezone"]))
        names = ", ".join(f'"{name}"' for name in expected[0])
        assert sorted(bench.rows(f"SELECT {names} FROM {table.table}"), key=repr) == sorted((tuple(r.values()) for r in expected), key=repr)
    assert not bench.load(PACKS / pack).changed
