"""Which rows and cells are set aside, and what is said about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.workbench import LEADS, Workbench

DEALS = "opportunity_id,created_at,amount,closed_at,outcome,kind,closes_on\n"


def test_a_row_whose_required_instant_cannot_be_read_is_set_aside_and_the_others_load(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load({"leads.csv": "lead_id,created_at\nL1,2025-01-05\nL2,soon\nL3,2025-01-07\n"})
    assert bench.rows("SELECT lead_id FROM leads ORDER BY 1") == [("L1",), ("L3",)]
    assert bench.rejects() == [(3, "created_at", "unreadable_instant", True)]
    assert report.tables[0].read == 3 and report.tables[0].new == 2
    assert report.tables[0].rows_aside == {"unreadable_instant": 1} and report.tables[0].cells_aside == {}


def test_a_reject_says_what_is_wrong_and_what_would_be_right(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": DEALS + "O1,2025-01-01,12.5.0,,,,2025-02-30\n"})
    assert bench.rows('SELECT load, "table", file, line, "column", "value", message FROM rejects ORDER BY "column"') == [
        ("g-000001", "opportunities", "opportunities.csv", 2, "amount", "12.5.0", "cannot read '12.5.0' as a number: write it as 1234.56"),
        (
            "g-000001",
            "opportunities",
            "opportunities.csv",
            2,
            "closes_on",
            "2025-02-30",
            "cannot read '2025-02-30' as a date: write it as 2025-03-14",
        ),
    ]


def test_an_optional_cell_that_cannot_be_read_is_set_aside_alone(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load({"opportunities.csv": DEALS + "O1,2025-01-01,much,,,,someday\n"})
    assert bench.rows("SELECT opportunity_id, amount, closes_on FROM opportunities") == [("O1", None, None)]
    assert bench.rejects() == [(2, "amount", "unreadable_number", False), (2, "closes_on", "unreadable_date", False)]
    assert report.tables[0].rows_aside == {} and report.tables[0].cells_aside == {"unreadable_date": 1, "unreadable_number": 1}


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("O1,2025-01-01,1,when won,won,,", "closed_at", "unreadable_instant"),
        ("O1,2025-01-01,1,2025-01-02,maybe,,", "outcome", "unknown_value"),
        ("O1,2025-01-01,1,,,renew,", "kind", "unknown_value"),
    ],
)
def test_an_unreadable_decisive_cell_sets_its_row_aside(tmp_path: Path, row: str, column: str, reason: str) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": DEALS + row + "\n", "leads.csv": LEADS})
    assert bench.rows("SELECT count(*) FROM opportunities") == [(0,)]
    assert bench.rejects() == [(2, column, reason, True)]


def test_an_empty_decisive_cell_is_unknown(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": DEALS + "O1,2025-01-01,1,,,,\n"})
    assert bench.rows("SELECT closed_at, outcome, kind FROM opportunities") == [(None, None, None)]
    assert bench.rejects() == []


@pytest.mark.parametrize(
    ("table", "text", "column"),
    [
        ("leads", "lead_id,created_at\n,2025-01-01\n", "lead_id"),
        ("leads", "lead_id,created_at\nL1,\n", "created_at"),
        ("leads", "lead_id,created_at\nL1,  \n", "created_at"),
        ("documents", "document_id,opportunity_id,kind,sent_at\nF1,O1,,2025-01-01\n", "kind"),
        ("contracts", "contract_id,account_id,starts_on,ends_on,total_value\nC1,A1,2025-01-01,,5\n", "ends_on"),
        ("contracts", "contract_id,account_id,starts_on,ends_on,total_value\nC1,A1,2025-01-01,2026-01-01,\n", "total_value"),
        ("order_lines", "order_id,line,quantity,unit_price\nS1,,1,1\n", "line"),
        ("stages", "pipeline,stage\nsales,\n", "stage"),
    ],
)
def test_a_row_without_its_key_or_a_required_value_is_set_aside(tmp_path: Path, table: str, text: str, column: str) -> None:
    bench = Workbench(tmp_path)
    bench.load({f"{table}.csv": text, **({} if table == "leads" else {"leads.csv": LEADS})})
    assert bench.rows(f"SELECT count(*) FROM {table}") == [(0,)]
    assert bench.rejects() == [(2, column, "missing_value", True)]


def test_an_empty_required_text_that_is_no_key_is_unknown(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {
            "leads.csv": LEADS,
            "documents.csv": "document_id,opportunity_id,kind,sent_at\nF1,,proposal,2025-01-01\n",
            "stage_changes.csv": "opportunity_id,changed_at,stage\nO1,2025-01-01,\n",
        }
    )
    assert bench.rows("SELECT opportunity_id FROM documents") == [(None,)]
    assert bench.rows("SELECT stage FROM stage_changes") == [(None,)]
    assert bench.rejects() == []


def test_a_rate_that_is_not_above_zero_sets_its_row_aside(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {"leads.csv": LEADS, "exchange_rates.csv": "currency,rated_on,rate\nUSD,2025-01-01,0\nGBP,2025-01-01,-1\nCNY,2025-01-01,0.13\n"}
    )
    assert bench.rows("SELECT currency FROM exchange_rates") == [("CNY",)]
    assert bench.rejects() == [(2, "rate", "out_of_range", True), (3, "rate", "out_of_range", True)]
    assert bench.rows("SELECT message FROM rejects WHERE line = 2") == [("rate is 0; it must be above 0",)]


def test_a_row_is_set_aside_for_its_first_fault_and_its_other_faults_are_listed_as_cells(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load({"opportunities.csv": DEALS + "O1,never,much,later,,,\nO2,2025-01-01,1,,,,\n"})
    assert bench.rejects() == [
        (2, "created_at", "unreadable_instant", True),
        (2, "amount", "unreadable_number", False),
        (2, "closed_at", "unreadable_instant", False),
    ]
    assert report.tables[0].rows_aside == {"unreadable_instant": 1}


def test_a_long_value_is_cut_in_the_list(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": f"lead_id,created_at\nL1,{'x' * 5000}\n"})
    ((value, message),) = bench.rows('SELECT "value", message FROM rejects')
    assert value == "x" * 200 and len(message) < 200


def test_a_value_over_several_lines_has_a_message_of_one(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": 'lead_id,created_at\nL1,"a\nb"\nL2,bad\n'})
    assert bench.rows("SELECT line, message FROM rejects ORDER BY 1") == [
        (2, "cannot read 'a b' as an instant: write it as 2025-03-14T09:30:00+01:00"),
        (4, "cannot read 'bad' as an instant: write it as 2025-03-14T09:30:00+01:00"),
    ]


def test_the_list_holds_what_the_latest_load_of_each_table_set_aside(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": "lead_id,created_at\nL1,bad\nL2,bad\n", "orders.csv": "order_id,ordered_at\nS1,bad\n"})
    bench.load({"leads.csv": "lead_id,created_at\nL1,2025-01-01\nL2,worse\n"})
    assert bench.rows('SELECT load, "table", line, "value" FROM rejects ORDER BY "table"') == [
        ("g-000002", "leads", 3, "worse"),
        ("g-000001", "orders", 2, "bad"),
    ]
    assert bench.generation.reject_rows == 2
    bench.load({"leads.csv": "lead_id,created_at\nL2,2025-01-02\n"})
    assert bench.rows('SELECT "table" FROM rejects') == [("orders",)]


def test_a_load_that_only_sets_other_rows_aside_is_a_new_generation_and_the_same_again_is_none(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    assert bench.load({"leads.csv": LEADS + "L2,bad\n"}).changed
    assert not bench.load({"leads.csv": LEADS + "L2,bad\n"}).changed
    assert bench.load({"leads.csv": LEADS + "L2,worse\n"}).changed


def test_the_lines_of_a_file_with_cells_over_several_lines_are_true(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {"leads.csv": 'lead_id,created_at,note\r\nL1,2025-01-01,"a\nb\nc"\r\nL2,bad,\r\nL3,2025-01-01,x,y\r\nL4,bad,"\n"\r\nL5,bad,z\r\n'}
    )
    assert bench.rejects() == [
        (5, "created_at", "unreadable_instant", True),
        (6, None, "wrong_number_of_cells", True),
        (7, "created_at", "unreadable_instant", True),
        (9, "created_at", "unreadable_instant", True),
    ]


def test_a_column_beyond_the_canonical_ones_is_kept_as_a_dimension(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    report = bench.load({"leads.csv": "lead_id,created_at,UTM Source,Tier,tier!,,  ,Канал\nL1,2025-01-01,ads,gold,silver,a,b,веб\n"})
    assert bench.generation.tables["leads"].extras == ("utm_source", "tier", "tier_2", "канал")
    assert bench.rows('SELECT x_utm_source, x_tier, x_tier_2, "x_канал" FROM leads') == [("ads", "gold", "silver", "веб")]
    assert len(report.notes) == 2 and "column 6 has no name" in report.notes[0]
