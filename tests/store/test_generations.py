"""Generations: what a reader finds, what is kept, and what damage looks like."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from salesgauge.errors import WorkspaceError
from salesgauge.schema import LINEAGE, LOCAL, TABLES, Kind
from salesgauge.store import Generation, current, generation, open_tables, writing
from store.workbench import LEADS, Workbench


def test_before_the_first_load_there_is_no_generation_and_every_table_is_empty(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    assert current(bench.workspace) is None
    assert all(bench.rows(f"SELECT * FROM {table}") == [] for table in TABLES)
    assert bench.rows("SELECT * FROM rejects") == []


def test_every_view_has_the_canonical_columns_with_their_types(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at,tier\nL1,2025-01-05,gold\n"})
    kinds = {
        Kind.TEXT: "VARCHAR",
        Kind.CHOICE: "VARCHAR",
        Kind.INSTANT: "TIMESTAMP",
        Kind.DATE: "DATE",
        Kind.NUMBER: "DOUBLE",
        Kind.BOOLEAN: "BOOLEAN",
    }
    for table in TABLES.values():
        expected: dict[str, str] = {}
        for column in table.columns:
            expected[column.name] = kinds[column.kind]
            if column.kind is Kind.INSTANT:
                expected[column.name + LOCAL] = "TIMESTAMP"
        if table.ordered:
            expected["ordinal_"] = "BIGINT"
        if table.name == "leads":
            expected["x_tier"] = "VARCHAR"
        assert list(expected.items()) == [(row[0], row[1]) for row in bench.rows(f"DESCRIBE {table.name}")]
    (part,) = bench.generation.tables["leads"].parts
    assert [row[0] for row in bench.rows(f"DESCRIBE SELECT * FROM read_parquet('{part}')")] == [
        *(row[0] for row in bench.rows("DESCRIBE leads")), *LINEAGE
    ]


def test_the_manifest_says_what_the_generation_is(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS + "L2,bad\n", "reps.csv": "rep_id\n", "notes.txt": "x"})
    assert (bench.workspace / "store" / "CURRENT").read_text() == "g-000001\n"
    manifest = json.loads((bench.workspace / "store" / "generations" / "g-000001.json").read_text())
    assert (manifest["format"], manifest["generation"], manifest["previous"], manifest["loaded_at"]) == (
        4,
        "g-000001",
        None,
        "2025-06-01T12:00:00+00:00",
    )
    assert manifest["tables"]["reps"] == {"parts": [], "gone": {}, "rows": 0, "extras": [], "lineage": True}
    assert manifest["tables"]["leads"]["rows"] == 1 and manifest["tables"]["leads"]["parts"][0].startswith("leads-")
    assert manifest["rejects"]["rows"] == 1
    assert manifest["report"]["ignored"] == [["notes.txt", "only .csv and .parquet files are read"]]


def test_the_newest_three_generations_and_their_parts_are_kept(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    for n in range(6):
        bench.load({"leads.csv": f"lead_id,created_at,channel\nL1,2025-01-05,c{n}\n"})
    store = bench.workspace / "store"
    assert sorted(p.name for p in (store / "generations").iterdir()) == ["g-000004.json", "g-000005.json", "g-000006.json"]
    assert sorted(p.name.rpartition("-")[0] for p in (store / "parts").iterdir()) == ["changes_leads"] * 3 + ["leads"] * 3
    assert bench.generation.previous == "g-000005"


def test_a_reader_of_the_generation_before_is_not_disturbed(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    with duckdb.connect() as con:
        open_tables(con, bench.generation)
        bench.load({"leads.csv": "lead_id,created_at,channel\nL1,2025-01-06,web\nL2,2025-01-05,web\n"})
        bench.load({"leads.csv": "lead_id,created_at\nL3,2025-01-05\n"})
        assert con.execute("SELECT count(*) FROM leads").fetchall() == [(1,)]


def test_a_reader_follows_loads_that_go_on_while_it_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    read = generation.named

    def overtaken(root: Path, name: str) -> Generation:
        monkeypatch.setattr(generation, "named", read)
        for n in range(4):
            bench.load({"leads.csv": f"lead_id,created_at,channel\nL1,2025-01-05,c{n}\n"})
        return read(root, name)

    monkeypatch.setattr(generation, "named", overtaken)
    found = current(bench.workspace)
    assert found is not None and found.name == "g-000005"


def test_what_a_killed_load_left_is_swept_at_the_next(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    store = bench.workspace / "store"
    left = [
        store / "parts" / "leads-0123456789abcdef.parquet",
        store / "parts" / "orders-0123.parquet.partial",
        store / "generations" / "g-000009.json",
        store / "generations" / "g-000002.json.partial",
        store / "CURRENT.partial",
    ]
    for path in left:
        path.write_text("left")
    (store / "scratch").mkdir()
    (store / "scratch" / "leads.raw.parquet").write_text("left")
    assert not bench.load({"leads.csv": LEADS}).changed
    assert not any(path.exists() for path in left) and not (store / "scratch").exists()


def test_a_loader_of_a_workspace_that_is_being_loaded_is_told_so(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    before = bench.snapshot()
    script = f"""
from pathlib import Path
from salesgauge.errors import WorkspaceError
from salesgauge.store import writing
try:
    with writing(Path({str(bench.workspace)!r})):
        print("written")
except WorkspaceError as problem:
    print(problem)
"""
    with writing(bench.workspace):
        answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout == f"{bench.workspace} is being loaded already; try again when that load is done\n"
    assert bench.snapshot() == before
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "written\n"


def test_a_folder_that_is_no_workspace_is_not_written_to(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot write to"), writing(tmp_path / "nowhere"):
        raise AssertionError("not reached")


@pytest.mark.parametrize("name", ["we*ird [x]? dir", "key=value", 'o\'clock "quoted"', "каталог 目录", "percent%20"])
def test_a_workspace_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    bench = Workbench(tmp_path / name)
    bench.load({"leads.csv": LEADS + "L2,bad\n"})
    assert bench.rows("SELECT * EXCLUDE (created_at, created_at_local) FROM leads")[0][0] == "L1"
    assert [row[0] for row in bench.rows("DESCRIBE leads")][-1] == "score"
    assert not bench.load({"leads.csv": LEADS + "L2,bad\n"}).changed
