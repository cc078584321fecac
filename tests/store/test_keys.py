"""Keys: what happens where one stands twice in a load."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from store.workbench import LEADS, Workbench


def test_identical_repeats_of_a_key_count_once(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load(
        {
            "leads.csv": "lead_id,created_at,tier\nL1,2025-01-05,gold\nL1,2025-01-05T00:00:00,gold\nL2,2025-01-06,\n"
            "L1,2025-01-04T23:00:00Z,gold\n"
        }
    )
    assert bench.rows("SELECT lead_id, x_tier FROM leads ORDER BY 1") == [("L1", "gold"), ("L2", None)]
    assert (report.tables[0].read, report.tables[0].new, report.tables[0].repeats) == (4, 2, 2)
    assert bench.rejects() == []


def test_differing_rows_of_a_key_are_set_aside_together(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load(
        {"leads.csv": "lead_id,created_at,tier\nL1,2025-01-05,gold\nL2,2025-01-06,\nL1,2025-01-05,silver\nL1,2025-01-05,gold\n"}
    )
    assert bench.rows("SELECT lead_id FROM leads") == [("L2",)]
    assert bench.rejects() == [
        (2, "lead_id", "duplicate_key", True),
        (4, "lead_id", "duplicate_key", True),
        (5, "lead_id", "duplicate_key", True),
    ]
    assert report.tables[0].rows_aside == {"duplicate_key": 3}
    assert bench.rows("SELECT DISTINCT message FROM rejects") == [("the key L1 stands in several rows that differ; keep one of them",)]


def test_ids_are_compared_by_bytes(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {
            "leads.csv": "lead_id,created_at\nl1,2025-01-05\nL1,2025-01-06\nL1 ,2025-01-07\n"
            "01,2025-01-07\n1,2025-01-08\né,2025-01-08\ne\u0301,2025-01-09\n"
        }
    )
    assert bench.rows("SELECT count(*) FROM leads") == [(7,)]


def test_a_key_of_two_columns_repeats_only_where_both_do(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS, "order_lines.csv": "order_id,line,quantity,unit_price\nS1,1,1,5\nS1,2,1,5\nS2,1,1,5\nS2,1,2,5\n"})
    assert bench.rows("SELECT order_id, line FROM order_lines ORDER BY ALL") == [("S1", "1"), ("S1", "2")]
    assert bench.rows('SELECT line, "value" FROM rejects ORDER BY 1') == [(4, "S2 / 1"), (5, "S2 / 1")]


def test_quotas_of_different_ends_are_different_quotas(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {"leads.csv": LEADS, "quotas.csv": "rep_id,starts_on,ends_on,amount\nR1,2025-01-01,2025-02-01,5\nR1,2025-01-01,2025-04-01,15\n"}
    )
    assert bench.rows("SELECT count(*) FROM quotas") == [(2,)]


def test_stage_changes_at_one_instant_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {
            "leads.csv": LEADS,
            "stage_changes.csv": "opportunity_id,changed_at,stage\nO1,2025-01-05T10:00:00,B\nO2,2025-01-05,A\n"
            "O1,2025-01-05T09:00:00Z,A\nO1,2025-01-05T10:00:00,B\n",
        }
    )
    assert bench.rows("SELECT opportunity_id, changed_at, stage, ordinal_ FROM stage_changes ORDER BY 1, 2, 4") == [
        ("O1", datetime(2025, 1, 5, 9), "B", 1),
        ("O1", datetime(2025, 1, 5, 9), "A", 2),
        ("O1", datetime(2025, 1, 5, 9), "B", 3),
        ("O2", datetime(2025, 1, 4, 23), "A", 1),
    ]


def test_price_observations_without_a_location_are_equal_to_each_other(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    text = (
        "observed_on,product_id,competitor,price,location_id\n2025-01-01,P1,Acme,5,\n2025-01-01,P1,Acme,6,\n"
        "2025-01-01,P1,,7,\n2025-01-01,P1,,8,L1\n"
    )
    bench.load({"leads.csv": LEADS, "price_observations.csv": text})
    assert bench.rows("SELECT price, ordinal_ FROM price_observations ORDER BY 1") == [(5, 1), (6, 2), (7, 1), (8, 1)]
    assert not bench.load({"price_observations.csv": text}).changed


def test_a_row_that_is_set_aside_does_not_make_its_key_stand_twice(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at\nL1,2025-01-05\nL1,bad\n"})
    assert bench.rows("SELECT lead_id FROM leads") == [("L1",)]
    assert bench.rejects() == [(3, "created_at", "unreadable_instant", True)]
