"""A deal that differs from what was stored, and of which no source tells the history, gets it recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from store.workbench import Workbench

HEAD = "opportunity_id,created_at,stage,amount,closes_on,outcome,closed_at,owner_id\n"
FIRST, SECOND, THIRD = datetime(2025, 2, 1, 8, tzinfo=UTC), datetime(2025, 3, 1, 8, tzinfo=UTC), datetime(2025, 7, 1, 8, tzinfo=UTC)
HISTORY = "SELECT changed_at, stage, amount, closes_on FROM stage_changes WHERE opportunity_id = 'O1' ORDER BY changed_at, ordinal_"


def deal(
    stage: str = "Intake", amount: str = "100", closes_on: str = "2025-06-01", outcome: str = "", closed_at: str = "", owner: str = "R1"
) -> str:
    return f"O1,2025-01-05T10:00:00Z,{stage},{amount},{closes_on},{outcome},{closed_at},{owner}\n"


def test_the_first_difference_records_the_creation_and_the_change(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    assert "stage_changes" not in bench.generation.tables
    report = bench.load({"opportunities.csv": HEAD + deal("Qualified", "120")}, now=SECOND)
    assert report.recorded == 2 and bench.generation.tables["stage_changes"].rows == 2
    assert bench.rows(HISTORY) == [
        (datetime(2025, 1, 5, 10), "Intake", 100, date(2025, 6, 1)),
        (datetime(2025, 3, 1, 8), "Qualified", 120, date(2025, 6, 1)),
    ]
    assert bench.rows("SELECT changed_at_local, forecast_category FROM stage_changes ORDER BY 1") == [
        (datetime(2025, 1, 5, 11), None),
        (datetime(2025, 3, 1, 9), None),
    ]


def test_a_later_difference_records_one_row(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Qualified")}, now=SECOND)
    report = bench.load({"opportunities.csv": HEAD + deal("Proposal", closes_on="2025-09-01")}, now=THIRD)
    assert report.recorded == 1
    assert [(row[1], row[3]) for row in bench.rows(HISTORY)] == [
        ("Intake", date(2025, 6, 1)),
        ("Qualified", date(2025, 6, 1)),
        ("Proposal", date(2025, 9, 1)),
    ]
    assert bench.rows(HISTORY)[-1][0] == datetime(2025, 7, 1, 8)


def test_a_change_that_closes_the_deal_is_recorded_at_its_close(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Won", "90", outcome="won", closed_at="2025-02-20T12:00:00Z")}, now=SECOND)
    assert [row[:3] for row in bench.rows(HISTORY)] == [(datetime(2025, 1, 5, 10), "Intake", 100), (datetime(2025, 2, 20, 12), "Won", 90)]


def test_what_was_recorded_after_the_close_had_happened_by_the_close(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Qualified", "120")}, now=SECOND)
    bench.load({"opportunities.csv": HEAD + deal("Won", "90", outcome="won", closed_at="2025-02-20T12:00:00Z")}, now=THIRD)
    assert [row[:3] for row in bench.rows(HISTORY)] == [
        (datetime(2025, 1, 5, 10), "Intake", 100),
        (datetime(2025, 2, 20, 12), "Qualified", 120),
        (datetime(2025, 2, 20, 12), "Won", 90),
    ]


def test_other_columns_are_not_history(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    assert bench.load({"opportunities.csv": HEAD + deal(owner="R2")}, now=SECOND).recorded == 0
    assert "stage_changes" not in bench.generation.tables


def test_a_column_that_the_file_lacks_did_not_change(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    assert (
        bench.load(
            {"opportunities.csv": "opportunity_id,created_at,amount,owner_id\nO1,2025-01-05T10:00:00Z,100,R9\n"}, now=SECOND
        ).recorded
        == 0
    )
    assert bench.load({"opportunities.csv": "opportunity_id,created_at,amount\nO1,2025-01-05T10:00:00Z,150\n"}, now=SECOND).recorded == 2
    assert [row[1:] for row in bench.rows(HISTORY)] == [("Intake", 100, date(2025, 6, 1)), ("Intake", 150, date(2025, 6, 1))]


def test_a_deal_whose_history_a_file_tells_is_not_recorded(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    told = "opportunity_id,changed_at,stage\nO1,2025-01-05T10:00:00Z,Intake\n"
    bench.load({"opportunities.csv": HEAD + deal(), "stage_changes.csv": told}, now=FIRST)
    assert bench.load({"opportunities.csv": HEAD + deal("Qualified")}, now=SECOND).recorded == 0
    assert bench.rows("SELECT count(*) FROM stage_changes") == [(1,)]
    later = told + "O1,2025-02-10,Proposal\n"
    assert bench.load({"opportunities.csv": HEAD + deal("Proposal"), "stage_changes.csv": later}, now=SECOND).recorded == 0


def test_the_history_of_a_file_replaces_the_recorded_one(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal() + "O2,2025-01-06,Intake,1,,,,\n"}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Qualified") + "O2,2025-01-06,Intake,2,,,,\n"}, now=SECOND)
    assert bench.generation.tables["stage_changes"].rows == 4
    report = bench.load(
        {"stage_changes.csv": "opportunity_id,changed_at,stage\nO1,2025-01-05,Intake\nO1,2025-02-01,Qualified\n"}, now=THIRD
    )
    assert report.recorded == 0
    assert [row[:2] for row in bench.rows(HISTORY)] == [(datetime(2025, 1, 4, 23), "Intake"), (datetime(2025, 1, 31, 23), "Qualified")]
    assert bench.rows("SELECT amount FROM stage_changes WHERE opportunity_id = 'O2' ORDER BY changed_at") == [(1,), (2,)]


def test_a_complete_load_of_stage_changes_keeps_what_was_recorded_of_other_deals(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Qualified")}, now=SECOND)
    bench.load({"stage_changes.csv": "opportunity_id,changed_at,stage\nO7,2025-01-05,Intake\n"}, complete=True)
    assert len(bench.rows(HISTORY)) == 2


def test_a_deal_that_is_gone_takes_its_recorded_history_with_it(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal() + "O2,2025-01-06,Intake,1,,,,\n"}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Qualified") + "O2,2025-01-06,Intake,2,,,,\n"}, now=SECOND)
    bench.load({"opportunities.csv": HEAD + "O2,2025-01-06,Intake,2,,,,\n"}, now=THIRD, complete=True)
    assert bench.rows(HISTORY) == [] and bench.rows("SELECT count(*) FROM stage_changes") == [(2,)]


def test_recording_and_loading_again_changes_nothing(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    bench.load({"opportunities.csv": HEAD + deal("Qualified")}, now=SECOND)
    assert not bench.load({"opportunities.csv": HEAD + deal("Qualified")}, now=THIRD).changed


def test_two_changes_at_one_instant_keep_their_order(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"opportunities.csv": HEAD + deal()}, now=FIRST)
    for stage in ("A", "B", "C"):
        bench.load({"opportunities.csv": HEAD + deal(stage)}, now=SECOND)
    assert [row[1] for row in bench.rows(HISTORY)] == ["Intake", "A", "B", "C"]


def test_dimensions_of_stage_changes_survive_recording(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(
        {"opportunities.csv": HEAD + deal(), "stage_changes.csv": "opportunity_id,changed_at,stage,by\nO9,2025-01-05,Intake,Ann\n"},
        now=FIRST,
    )
    bench.load(
        {
            "opportunities.csv": HEAD + deal("Qualified"),
            "stage_changes.csv": "opportunity_id,changed_at,stage,by\nO9,2025-01-05,Intake,Bob\n",
        },
        now=SECOND,
    )
    assert bench.rows("SELECT opportunity_id, stage, x_by FROM stage_changes ORDER BY 1, changed_at") == [
        ("O1", "Intake", None),
        ("O1", "Qualified", None),
        ("O9", "Intake", "Bob"),
    ]
