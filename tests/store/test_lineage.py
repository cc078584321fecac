"""Where a row came from is kept with it, and a system takes away only what it brought."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from salesgauge.errors import LoadRefused, MissingTable
from salesgauge.schema import LINEAGE
from salesgauge.store.lineage import Lineage, lineage
from salesgauge.workspace import Workspace
from store.workbench import NOW, Workbench

LATER = datetime(2025, 6, 2, 8, 30, tzinfo=UTC)
HEADER = "lead_id,created_at,channel\n"


def told(bench: Workbench, table: str, *ids: str) -> dict[str, Lineage]:
    with Workspace(bench.workspace).session() as session:
        return lineage(session, table, ids)


def test_a_row_of_a_file_knows_the_file_and_the_load_that_wrote_it_last(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,web\nL2,2025-01-05,web\n"})
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,event\nL2,2025-01-05,web\n"}, now=LATER)
    assert told(bench, "leads", "L1", "L2", "L3") == {
        "L1": Lineage("leads.csv", None, "g-000002", LATER), "L2": Lineage("leads.csv", None, "g-000001", NOW)}


def test_a_row_of_a_system_knows_its_record_there(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,web\n"}, system="crm")
    assert told(bench, "leads", "L1") == {"L1": Lineage("crm", "leads/L1", "g-000001", NOW)}


def test_what_a_load_records_itself_comes_from_no_file(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    for stage in ("A", "B"):
        bench.load({"opportunities.csv": f"opportunity_id,created_at,stage\nD1,2025-01-05,{stage}\n"})
    found = told(bench, "stage_changes", *(f"D1|{when}|{place}" for when, place in bench.rows(
        "SELECT CAST(changed_at AS VARCHAR), ordinal_ FROM stage_changes")))
    assert len(found) == 2 and set(found.values()) == {Lineage(None, None, "g-000002", NOW)}


def test_a_complete_load_of_a_system_takes_away_only_what_came_from_it(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEADER + "F1,2025-01-05,web\n"})
    bench.load({"leads.csv": HEADER + "C1,2025-01-05,web\nC2,2025-01-05,web\n"}, system="crm")
    bench.load({"leads.csv": HEADER + "S1,2025-01-05,web\n"}, system="shop", complete=True)
    assert bench.rows("SELECT lead_id FROM leads ORDER BY 1") == [("C1",), ("C2",), ("F1",), ("S1",)]
    report = bench.load({"leads.csv": HEADER + "C2,2025-01-05,web\n"}, system="crm", complete=True)
    assert [t.gone for t in report.tables] == [1]
    assert bench.rows("SELECT lead_id FROM leads ORDER BY 1") == [("C2",), ("F1",), ("S1",)]


def test_a_row_that_a_file_brought_becomes_that_of_the_system_which_says_the_same(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    rows = {"leads.csv": HEADER + "L1,2025-01-05,web\n"}
    bench.load(rows)
    assert bench.load(rows, system="crm").changed
    assert told(bench, "leads", "L1")["L1"].source == "crm"
    assert not bench.load(rows, system="crm").changed
    assert not bench.load(rows).changed, "and a file that says the same again leaves it to the system"


def test_two_systems_with_the_same_key_are_refused_before_one_overwrites_the_other(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,web\nL2,2025-01-05,web\n"}, system="crm")
    before = bench.snapshot()
    with pytest.raises(LoadRefused, match=r"leads.csv: 1 row has a key \(such as L2\) of leads that came from crm"):
        bench.load({"leads.csv": HEADER + "L2,2025-01-06,web\nL3,2025-01-05,web\n"}, system="shop")
    assert bench.snapshot() == before


def test_a_workspace_that_was_written_before_there_was_lineage_is_read_and_gets_it_where_a_table_changes(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,web\nL2,2025-01-05,web\n", "reps.csv": "rep_id\nR1\n"})
    without_lineage(bench)
    unknown = Lineage(None, None, None, None)
    assert told(bench, "leads", "L1", "L2") == {"L1": unknown, "L2": unknown}
    assert not bench.load({"leads.csv": HEADER + "L1,2025-01-05,web\n"}).changed
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,event\n"})
    assert told(bench, "leads", "L1", "L2") == {"L1": Lineage("leads.csv", None, "g-000002", NOW), "L2": unknown}
    assert told(bench, "reps", "R1") == {"R1": unknown}
    assert bench.rows("SELECT lead_id, channel FROM leads ORDER BY 1") == [("L1", "event"), ("L2", "web")]


def test_a_table_that_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": HEADER + "L1,2025-01-05,web\n"})
    with pytest.raises(MissingTable, match="there is no table deals"):
        told(bench, "deals", "D1")


def without_lineage(bench: Workbench) -> None:
    """Makes the store what it was when rows had no lineage."""
    manifest = bench.workspace / "store" / "generations" / f"{bench.generation.name}.json"
    said = json.loads(manifest.read_text())
    for entry in said["tables"].values():
        del entry["lineage"]
        for part in entry["parts"]:
            path = bench.workspace / "store" / "parts" / part
            with duckdb.connect() as con:
                con.execute(f"CREATE TABLE rows AS SELECT * EXCLUDE ({', '.join(LINEAGE)}) FROM read_parquet('{path}')")
                con.execute(f"COPY rows TO '{path}' (FORMAT parquet)")
            said["bytes"][part] = path.stat().st_size
    manifest.write_text(json.dumps(said))
