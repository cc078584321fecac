"""Rows that lie in time are kept in files by quarter, where there may be many."""

from __future__ import annotations

from pathlib import Path

import duckdb

from salesgauge.store.kept import GONE, Held
from salesgauge.store.quarters import LARGE, write_rows

SQL = ("SELECT * FROM (VALUES ('a', DATE '2024-12-31', 1), ('b', DATE '2025-01-01', 2), ('c', DATE '2025-03-31', 3), ('d', NULL, 4), "
       "('e', DATE '2025-04-01', 5)) t(key, day, n) WHERE n >= $least")


def contents(folder: Path) -> list[list[str]]:
    return [[key for (key,) in duckdb.sql(f"SELECT key FROM '{path}' ORDER BY ALL").fetchall()] for path in Held(folder).first]


def test_each_quarter_is_a_file_and_what_has_no_day_another(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        write_rows(con, SQL, tmp_path, "day", LARGE, {"least": 1})
        assert contents(tmp_path) == [["a"], ["b", "c"], ["e"], ["d"]]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["0.parquet", "1.parquet", "2.parquet", "3.parquet"]
        found = con.execute(f"SELECT * FROM {Held(tmp_path).relation} ORDER BY n").fetchall()
        assert found == con.execute(f"{SQL} ORDER BY n", {"least": 1}).fetchall()


def test_few_rows_are_one_file_and_so_is_what_does_not_lie_in_time(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        for name, day, longest in (("few", "day", LARGE - 1), ("timeless", None, LARGE)):
            (tmp_path / name).mkdir()
            write_rows(con, SQL, tmp_path / name, day, longest, {"least": 1})
            assert contents(tmp_path / name) == [["a", "b", "c", "d", "e"]]


def test_no_rows_are_one_file_with_all_columns(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        write_rows(con, SQL, tmp_path, "day", LARGE, {"least": 9})
        assert con.execute(f"DESCRIBE SELECT * FROM {Held(tmp_path).relation}").fetchall() == con.execute(
            f"DESCRIBE {SQL}", {"least": 9}).fetchall()


def test_a_row_that_is_gone_goes_from_its_own_file(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        write_rows(con, SQL, tmp_path, "day", LARGE, {"least": 1})
        con.execute(f"COPY (SELECT * FROM (VALUES (0, 0), (3, 0)) t(file, place)) TO '{tmp_path / GONE}'")
        held = Held(tmp_path)
        for where, keys in (("true", ["b", "c", "e"]), ("day >= DATE '2025-04-01'", ["e"]), ("day IS NULL", []), ("n < 2", [])):
            assert [key for (key,) in con.execute(f"SELECT key FROM {held.relation} WHERE {where} ORDER BY ALL").fetchall()] == keys
