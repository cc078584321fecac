"""What a later load does to what is stored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from salesgauge.errors import LoadRefused
from salesgauge.store import LoadReport
from store.workbench import LEADS, Workbench


def counts(report: LoadReport, table: str = "leads") -> tuple[int, int, int, int]:
    """New, changed, unchanged and gone rows of a table."""
    (found,) = (t for t in report.tables if t.table == table)
    return found.new, found.changed, found.unchanged, found.gone


def test_the_same_folder_twice_changes_nothing(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    folder = bench.folder(
        {
            "leads.csv": "lead_id,created_at,tier\nL1,2025-01-05,gold\nL2,bad,\nL3,2025-01-05,\nL3,2025-01-05,x\n",
            "stage_changes.csv": "opportunity_id,changed_at,stage\nO1,2025-01-05,A\nO1,2025-01-05,A\n",
            "reps.csv": "rep_id\n",
        }
    )
    assert bench.load(folder).changed
    before = bench.snapshot()
    report = bench.load(folder)
    assert not report.changed and report.generation == "g-000001"
    assert counts(report) == (0, 0, 1, 0) and counts(report, "stage_changes") == (0, 0, 2, 0)
    assert bench.snapshot() == before


def test_new_rows_are_added_and_the_stored_part_stays(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    (first,) = bench.generation.tables["leads"].parts
    report = bench.load({"leads.csv": "lead_id,created_at\nL2,2025-01-06\n"})
    assert counts(report) == (1, 0, 0, 0)
    assert bench.generation.tables["leads"].parts[0] == first and len(bench.generation.tables["leads"].parts) == 2
    assert bench.generation.tables["leads"].rows == 2
    assert bench.rows("SELECT lead_id FROM leads ORDER BY 1") == [("L1",), ("L2",)]


def test_a_table_that_a_load_does_not_bring_keeps_its_part(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS, "reps.csv": "rep_id\nR1\n"})
    part = bench.generation.tables["reps"].parts
    bench.load({"leads.csv": LEADS + "L2,2025-01-06\n"})
    assert bench.generation.tables["reps"].parts == part


def test_a_changed_row_is_replaced(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at,channel\nL1,2025-01-05,web\nL2,2025-01-05,web\n"})
    report = bench.load({"leads.csv": "lead_id,created_at,channel\nL1,2025-01-05,event\nL2,2025-01-05,web\nL3,2025-01-05,web\n"})
    assert counts(report) == (1, 1, 1, 0)
    assert bench.rows("SELECT lead_id, channel FROM leads ORDER BY 1") == [("L1", "event"), ("L2", "web"), ("L3", "web")]


def test_a_value_that_became_empty_is_a_change(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at,channel,tier\nL1,2025-01-05,web,gold\n"})
    assert counts(bench.load({"leads.csv": "lead_id,created_at,channel,tier\nL1,2025-01-05,,\n"})) == (0, 1, 0, 0)
    assert bench.rows("SELECT channel, x_tier FROM leads") == [(None, None)]


def test_a_column_that_the_file_lacks_keeps_its_stored_values(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {
            "leads.csv": "lead_id,created_at,channel,score,tier,qualified_at\n"
            "L1,2025-01-05,web,5,gold,2025-02-01\nL2,2025-01-05,web,6,silver,\n"
        }
    )
    report = bench.load({"leads.csv": "lead_id,created_at,channel\nL1,2025-01-05,event\nL2,2025-01-05,web\nL3,2025-01-05,web\n"})
    assert counts(report) == (1, 1, 1, 0)
    assert bench.rows("SELECT lead_id, channel, score, x_tier, qualified_at_local FROM leads ORDER BY 1") == [
        ("L1", "event", 5, "gold", datetime(2025, 2, 1)),
        ("L2", "web", 6, "silver", None),
        ("L3", "web", None, None, None),
    ]


def test_rows_that_a_later_load_lacks_stay(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS + "L2,2025-01-06\n"})
    assert not bench.load({"leads.csv": LEADS}).changed
    assert bench.rows("SELECT count(*) FROM leads") == [(2,)]


def test_a_complete_load_takes_away_what_its_tables_lack_and_nothing_else(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS + "L2,2025-01-06\n", "reps.csv": "rep_id\nR1\nR2\n"})
    report = bench.load({"leads.csv": "lead_id,created_at\nL2,2025-01-06\nL3,2025-01-06\n"}, complete=True)
    assert counts(report) == (1, 0, 1, 1)
    assert bench.rows("SELECT lead_id FROM leads ORDER BY 1") == [("L2",), ("L3",)]
    assert bench.rows("SELECT count(*) FROM reps") == [(2,)]


def test_a_complete_load_of_an_empty_file_empties_its_table(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    assert counts(bench.load({"leads.csv": "lead_id,created_at\n"}, complete=True)) == (0, 0, 0, 1)
    assert bench.generation.tables["leads"].rows == 0 and bench.rows("SELECT * FROM leads") == []
    assert counts(bench.load({"leads.csv": LEADS})) == (1, 0, 0, 0)


def test_a_row_that_a_complete_load_sets_aside_is_not_lacking(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS + "L2,2025-01-06\nL3,2025-01-06\n"})
    report = bench.load({"leads.csv": "lead_id,created_at\nL1,broken\nL2,2025-01-06\n"}, complete=True)
    assert counts(report) == (0, 0, 1, 1)
    assert bench.rows("SELECT lead_id FROM leads ORDER BY 1") == [("L1",), ("L2",)]


@pytest.mark.parametrize("row", [",2025-01-05", "L9,2025-01-05,too,many"])
def test_a_complete_load_with_rows_whose_key_cannot_be_read_takes_nothing_away(tmp_path: Path, row: str) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS + "L2,2025-01-06\n"})
    report = bench.load({"leads.csv": f"{LEADS}{row}\n"}, complete=True)
    assert counts(report) == (0, 0, 1, 0)
    assert "no stored row of leads was taken away" in report.notes[0]


def test_the_rows_of_a_group_replace_those_of_the_stored_group(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    head = "opportunity_id,changed_at,stage\n"
    bench.load(
        {
            "leads.csv": LEADS,
            "stage_changes.csv": head + "O1,2025-01-05,A\nO1,2025-01-05,B\nO1,2025-01-05,C\nO1,2025-01-06,D\nO2,2025-01-05,A\n",
        }
    )
    report = bench.load({"stage_changes.csv": head + "O1,2025-01-05,A\nO1,2025-01-05,X\n"})
    assert counts(report, "stage_changes") == (0, 1, 1, 1)
    assert bench.rows("SELECT opportunity_id, changed_at_local, stage FROM stage_changes ORDER BY 1, 2, ordinal_") == [
        ("O1", datetime(2025, 1, 5), "A"),
        ("O1", datetime(2025, 1, 5), "X"),
        ("O1", datetime(2025, 1, 6), "D"),
        ("O2", datetime(2025, 1, 5), "A"),
    ]


def test_a_group_of_which_a_row_was_set_aside_keeps_its_stored_rows(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    head = "observed_on,product_id,competitor,price,location_id\n"
    bench.load({"leads.csv": LEADS, "price_observations.csv": head + "2025-01-01,P1,Acme,5,\n2025-01-01,P1,Acme,6,\n"})
    bench.load({"price_observations.csv": head + "2025-01-01,P1,Acme,5,\n2025-01-01,P1,Acme,six,\n"})
    assert bench.rows("SELECT price FROM price_observations ORDER BY 1") == [(5,), (6,)]


def test_a_complete_load_of_an_ordered_table_takes_away_the_groups_that_it_lacks(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    head = "opportunity_id,changed_at,stage\n"
    bench.load({"leads.csv": LEADS, "stage_changes.csv": head + "O1,2025-01-05,A\nO1,2025-01-05,B\nO2,2025-01-05,A\n"})
    report = bench.load({"stage_changes.csv": head + "O1,2025-01-05,A\n"}, complete=True)
    assert counts(report, "stage_changes") == (0, 0, 1, 2)
    assert bench.rows("SELECT opportunity_id, stage FROM stage_changes") == [("O1", "A")]


def test_a_new_dimension_is_added_to_the_rows_stored_before(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at,tier\nL1,2025-01-05,gold\nL2,2025-01-05,gold\n"})
    bench.load({"leads.csv": "lead_id,created_at,Colour\nL2,2025-01-05,red\nL3,2025-01-05,\n"})
    assert bench.generation.tables["leads"].extras == ("tier", "colour")
    assert bench.rows("SELECT lead_id, x_tier, x_colour FROM leads ORDER BY 1") == [
        ("L1", "gold", None),
        ("L2", "gold", "red"),
        ("L3", None, None),
    ]
    assert not bench.load({"leads.csv": "lead_id,created_at,Colour\nL2,2025-01-05,red\n"}).changed


def test_a_new_dimension_without_any_value_is_known_all_the_same(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    report = bench.load({"leads.csv": "lead_id,created_at,tier\nL1,2025-01-05T10:00:00,\n"})
    assert report.changed and counts(report) == (0, 0, 1, 0)
    assert bench.rows("SELECT lead_id, x_tier FROM leads") == [("L1", None)]


def test_many_small_loads_do_not_leave_many_parts(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    for n in range(12):
        bench.load({"leads.csv": f"lead_id,created_at\nL{n},2025-01-05\n"})
    table = bench.generation.tables["leads"]
    assert table.rows == 12 and len(table.parts) <= 8
    assert bench.rows("SELECT count(DISTINCT lead_id) FROM leads") == [(12,)]


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    rows = [f"L{n},2025-01-{n + 1:02d},c{n}\n" for n in range(20)]
    bench.load({"leads.csv": "lead_id,created_at,channel\n" + "".join(rows)})
    assert not bench.load({"leads.csv": "lead_id,created_at,channel\n" + "".join(reversed(rows))}).changed


def test_a_key_column_that_the_file_lacks_is_empty(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    text = "observed_on,product_id,price\n2025-01-01,P1,5\n2025-01-01,P1,6\n"
    bench.load({"leads.csv": LEADS, "price_observations.csv": text})
    assert not bench.load({"price_observations.csv": text}).changed
    bench.load({"price_observations.csv": "observed_on,product_id,price\n2025-01-01,P1,7\n"})
    assert bench.rows("SELECT price FROM price_observations") == [(7,)]


def test_a_table_is_present_once_a_load_brought_its_file_even_an_empty_one(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load({"leads.csv": LEADS, "reps.csv": "rep_id\n"})
    assert bench.generation.tables["reps"].rows == 0 and "orders" not in bench.generation.tables
    assert bench.rows("SELECT rep_id, hired_on FROM reps") == []
    assert counts(report, "reps") == (0, 0, 0, 0)


def test_a_workspace_needs_a_usable_table(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    with pytest.raises(LoadRefused, match=r"needs at least one \(found: reps\)"):
        bench.load({"reps.csv": "rep_id\nR1\n"})
    bench.load({"orders.csv": "order_id,ordered_at\n"})
    assert bench.load({"reps.csv": "rep_id\nR1\n"}).changed


def test_the_report_adds_up(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at,channel\nL1,2025-01-05,web\nL2,2025-01-05,web\n"})
    (table,) = bench.load(
        {
            "leads.csv": "lead_id,created_at,channel\nL1,2025-01-05,web\nL2,2025-01-05,event\n"
            "L3,2025-01-05,\nL3,2025-01-05,\nL4,bad,\nL5,2025-01-05,a\n"
            "L5,2025-01-05,b\nL6\n"
        }
    ).tables
    aside = sum(table.rows_aside.values())
    assert (table.read, table.new, table.changed, table.unchanged, table.repeats, aside) == (8, 1, 1, 1, 1, 4)
    assert table.rows_aside == {"duplicate_key": 2, "unreadable_instant": 1, "wrong_number_of_cells": 1}


def test_progress_is_told_from_the_beginning_to_the_end(tmp_path: Path) -> None:
    from salesgauge.sources import stage
    from salesgauge.store import load, writing

    bench = Workbench(tmp_path)
    told: list[tuple[int, int, str]] = []
    folder = bench.folder({"leads.csv": LEADS, "reps.csv": "rep_id\nR1\n"})
    with writing(bench.workspace) as desk:
        staged = stage(folder, desk.con, desk.scratch, lambda *at: told.append(at))
        load(bench.workspace, bench.settings, staged, desk.con, now=datetime(2025, 1, 1).astimezone(), progress=lambda *at: told.append(at))
    assert {what for _, _, what in told} >= {"reading leads.csv", "checking leads", "writing reps", "loaded"}
    assert all(0 <= done <= total for done, total, _ in told)
