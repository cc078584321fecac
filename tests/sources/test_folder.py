"""Which files of a folder are tables, and what is said about the others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from salesgauge.errors import LoadRefused
from salesgauge.schema import TABLES
from salesgauge.sources import stage
from salesgauge.sources.folder import find
from salesgauge.sources.headers import understand


def folder(path: Path, *names: str) -> Path:
    made = path / "folder"
    made.mkdir()
    for name in names:
        (made / name).write_text("lead_id,created_at\n")
    return made


def test_a_table_is_known_by_its_name_in_any_case(tmp_path: Path) -> None:
    found, ignored = find(folder(tmp_path, "LEADS.CSV", "Orders.csv"))
    assert {name: path.name for name, path in found.items()} == {"leads": "LEADS.CSV", "orders": "Orders.csv"}
    assert ignored == ()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("lead.csv", "lead is no table; did you mean leads?"),
        ("opportunity.csv", "opportunity is no table; did you mean opportunities?"),
        ("weather.csv", "weather is no table"),
        ("leads.xlsx", "only .csv and .parquet files are read: save it as leads.csv"),
        ("leads.tsv", "only .csv and .parquet files are read: save it as leads.csv"),
        ("README.md", "only .csv and .parquet files are read"),
        ("leads", "only .csv and .parquet files are read: save it as leads.csv"),
        ("leads.csv~", "only .csv and .parquet files are read: save it as leads.csv"),
        ("backup.zip", "an archive is not opened: unpack it"),
    ],
)
def test_a_file_that_is_no_table_is_named_with_the_reason(tmp_path: Path, name: str, why: str) -> None:
    _, ignored = find(folder(tmp_path, name))
    assert ignored == ((name, why),)


def test_hidden_files_and_subfolders_are_passed_over(tmp_path: Path) -> None:
    made = folder(tmp_path, ".leads.csv", ".DS_Store")
    (made / "leads.csv").mkdir()
    (made / "archive").mkdir()
    assert find(made) == ({}, ())


def test_what_is_staged_names_its_rows_and_columns(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "leads.csv").write_text('Created_At,Tier,lead_id\n2025-01-05,"gold\nstar",L1\n2025-01-06,,L2\nshort\n2025-01-07,silver,L3\n')
    con = duckdb.connect()
    staged = stage(made, con, tmp_path)
    table, = staged.tables
    assert table.table is TABLES["leads"] and table.file == "leads.csv"
    assert table.columns == ("created_at", "x_tier", "lead_id") and table.extras == (("x_tier", "Tier"),)
    assert con.execute(f"SELECT row_, file_, lead_id, x_tier FROM {table.relation} ORDER BY row_").fetchall() == [
        (1, "leads.csv", "L1", "gold\nstar"), (2, "leads.csv", "L2", None), (3, "leads.csv", "L3", "silver")]
    assert table.rows == 3 and list(table.lines([3, 1])) == [6, 2]
    assert [(u.line, u.text) for u in table.unread] == [(5, "short")]


def test_progress_counts_the_bytes_of_the_files(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    stage(folder(tmp_path, "leads.csv"), duckdb.connect(), tmp_path, lambda *at: told.append(at))
    assert told == [(0, 19, "reading leads.csv"), (19, 19, "read")]


def test_canonical_names_are_trimmed_and_in_any_case() -> None:
    header = understand(TABLES["leads"], [" LEAD_ID", "Created_At ", "Score"], "leads.csv")
    assert header.stored == ("lead_id", "created_at", "score") and header.extras == ()


def test_other_columns_become_dimensions_with_names_of_their_own() -> None:
    header = understand(TABLES["leads"], ["lead_id", "created_at", "Tier", "tier?", "TIER", "UTM  Source", "Канал", "x"], "leads.csv")
    assert header.stored[2:] == ("x_tier", "x_tier_2", "x_tier_3", "x_utm_source", "x_канал", "x_x")
    assert header.extras[1] == ("x_tier_2", "tier?")


def test_a_column_without_a_name_is_set_aside_with_a_note() -> None:
    header = understand(TABLES["leads"], ["lead_id", "", "created_at", "---", ""], "leads.csv")
    assert header.stored == ("lead_id", None, "created_at", None, None)
    assert header.notes[0] == "leads.csv: column 2 has no name ('') and was set aside" and len(header.notes) == 3


def test_a_dimension_never_takes_the_name_of_a_canonical_column() -> None:
    header = understand(TABLES["leads"], ["lead_id", "created_at", "Qualified At"], "leads.csv")
    assert header.stored[2] == "x_qualified_at_2"
    assert header.notes == (
        "leads.csv: column 'Qualified At' was kept as the dimension qualified_at_2; the canonical column is written qualified_at",)


@pytest.mark.parametrize(("headers", "said"), [
    (["created_at"], "the required column lead_id is missing"),
    (["Lead-Id", "created_at"], "perhaps 'Lead-Id' for lead_id: rename it"),
    (["lead_id", "created_at", "created_at"], "the column 'created_at' stands twice"),
    (["lead_id", "created_at", "Tier", "Tier "], "the column 'Tier' stands twice"),
])
def test_a_header_that_cannot_be_understood_is_refused(headers: list[str], said: str) -> None:
    with pytest.raises(LoadRefused, match=said):
        understand(TABLES["leads"], headers, "leads.csv")
