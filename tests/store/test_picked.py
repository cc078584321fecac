"""The few rows at some places of a file are read from it, however long it is."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from salesgauge.store import picked
from salesgauge.store.picked import at_places, places_found

ROWS = 5000


@pytest.mark.parametrize("most", [0.0, 1.0])
@pytest.mark.parametrize("wanted", [[], [0], [2047, 2048], [0, 3, 4096, ROWS - 1]], ids=str)
def test_the_rows_that_pass_a_test_and_are_not_gone_are_found(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: list[int], most: float) -> None:
    monkeypatch.setattr(picked, "MOST", most)
    path, gone = tmp_path / "rows's.parquet", tmp_path / "gone.parquet"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE told AS SELECT unnest({[*wanted, 7, 4095]}::BIGINT[]) AS id")
        for made, query in ((path, f"SELECT range AS id, 'text ' || range AS text FROM range({ROWS}) ORDER BY id"),
                            (gone, "SELECT unnest([7, 4095]) AS place")):
            con.sql(query).write_parquet(str(made))
        tests = ["r.id IN (FROM told)", "r.text IN (SELECT 'text ' || id FROM told WHERE id % 2 = 0)"]
        con.execute(f"CREATE TEMP TABLE places AS {places_found(path, tests, gone)}")
        assert sorted(con.execute("FROM places").fetchall()) == [(place,) for place in wanted]
        rows = con.execute(at_places(con, path, "r.text", "places")).fetchall()
        assert sorted(rows) == sorted((f"text {place}",) for place in wanted)


def test_what_lies_between_is_not_unpacked(tmp_path: Path) -> None:
    """The scan itself looks at the constant, and no filter above it."""
    path = tmp_path / "rows.parquet"
    with duckdb.connect() as con:
        con.sql("SELECT range AS id FROM range(5000)").write_parquet(str(path))
        con.execute("CREATE TEMP TABLE places AS SELECT 4096::BIGINT AS place")
        (_kind, plan), = con.execute(f"EXPLAIN (FORMAT json) {at_places(con, path, 'r.id', 'places')}").fetchall()
        tops = json.loads(plan)
        while (top := tops.pop())["name"].strip() != "READ_PARQUET":
            tops += top["children"]
        assert "get_bit" in top["extra_info"]["Filters"]
