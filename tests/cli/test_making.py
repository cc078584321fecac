"""init and load."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from salesgauge import settings

from .conftest import Ask

ROOT = Path(__file__).parents[2]


def test_init_makes_a_workspace_with_the_chosen_settings(ask: Ask, tmp_path: Path) -> None:
    said = ask("init", tmp_path / "w", "--timezone", "Asia/Shanghai", "--currency", "CNY", "--set", "concentration_top=5",
               "--set", "max_lifespan_years=7.5")
    assert (said.code, said.err) == (0, "")
    made = settings.read(tmp_path / "w")
    assert (made.timezone, made.currency, made.concentration_top, made.max_lifespan_years) == ("Asia/Shanghai", "CNY", 5, 7.5)


@pytest.mark.parametrize(("options", "words"), [
    (["--set", "concentration_top"], "write KEY=VALUE"),
    (["--set", "concentration_topp=5"], "did you mean concentration_top?"),
    (["--set", "concentration_top=0"], "from 1 to"),
    (["--set", "fiscal_year_start=4", "--set", "fiscal_year_start=5"], "given twice"),
    (["--timezone", "Europe/Berlln"], "did you mean Europe/Berlin"),
    (["--timezone", "localtime"], "unknown time zone"),
    (["--currency", "eur"], "three capital letters"),
])
def test_init_refuses_what_cannot_be(options: list[str], words: str, ask: Ask, tmp_path: Path) -> None:
    said = ask("init", tmp_path / "w", *options)
    assert said.code == 2
    assert words in said.err
    assert not (tmp_path / "w").exists()


def test_init_leaves_a_workspace_that_is_there(ask: Ask, tmp_path: Path) -> None:
    assert ask("init", tmp_path / "w").code == 0
    said = ask("init", tmp_path / "w", "--currency", "USD")
    assert said.code == 2 and "is a workspace already" in said.err
    assert settings.read(tmp_path / "w").currency == "EUR"


def test_load_reports_each_table(ask: Ask, tmp_path: Path, messy_files: Path) -> None:
    ask("init", tmp_path / "w")
    said = ask("load", messy_files, "-w", tmp_path / "w")
    assert (said.code, said.err) == (0, "")
    leads = next(line for line in said.out.splitlines() if line.startswith("Leads "))
    assert leads.split()[1:] == ["leads.csv", "4", "3", "0", "0", "0", "0", "1", "0"]
    assert "leads.csv: rows set aside: 1 (the point in time cannot be read)" in said.out
    assert "salesgauge rejects" in said.out


def test_the_same_folder_again_changes_nothing_and_the_report_says_so(ask: Ask, tmp_path: Path, messy_files: Path) -> None:
    ask("init", tmp_path / "w")
    first = ask("load", messy_files, "-w", tmp_path / "w", "--format", "json").json
    second = ask("load", messy_files, "-w", tmp_path / "w", "--format", "json").json
    assert (first["changed"], second["changed"], first["generation"]) == (True, False, second["generation"])
    assert "Ничего нового" in ask("load", messy_files, "-w", tmp_path / "w", "--lang", "ru").out


def test_the_report_as_csv(ask: Ask, tmp_path: Path, messy_files: Path) -> None:
    ask("init", tmp_path / "w")
    rows = list(csv.DictReader(io.StringIO(ask("load", messy_files, "-w", tmp_path / "w", "--format", "csv").out)))
    leads = next(row for row in rows if row["table"] == "leads")
    assert (leads["read"], leads["new"], leads["rows_aside"]) == ("4", "3", "unreadable_instant=1")


def test_a_complete_load_takes_away_what_the_files_lack(ask: Ask, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    ask("init", tmp_path / "w")
    (files / "leads.csv").write_text("lead_id,created_at\nL1,2025-01-01\nL2,2025-01-01\n", encoding="utf-8")
    ask("load", files, "-w", tmp_path / "w")
    (files / "leads.csv").write_text("lead_id,created_at\nL1,2025-01-01\n", encoding="utf-8")
    (table,) = ask("load", files, "-w", tmp_path / "w", "--complete", "--format", "json").json["tables"]
    assert (table["unchanged"], table["gone"]) == (1, 1)


def test_other_peoples_files_are_loaded_as_they_are_by_a_mapping(ask: Ask, tmp_path: Path, shared_folder: Path) -> None:
    files, mapping = shared_folder / "data" / "crm_sales_opportunities", ROOT / "mappings" / "crm_sales_opportunities.toml"
    ask("init", tmp_path / "w", "--currency", "USD")
    said = ask("load", files, "--mapping", mapping, "-w", tmp_path / "w", "--format", "json")
    assert (said.code, said.err) == (0, "")
    deals = next(table for table in said.json["tables"] if table["table"] == "opportunities")
    assert (deals["read"], deals["new"], sum(deals["rows_aside"].values())) == (8800, 8300, 500)  # 500 have no date of creation
    assert "cannot read" in ask("load", files, "--mapping", tmp_path / "none.toml", "-w", tmp_path / "w").err


def test_a_load_from_nowhere_is_refused(ask: Ask, tmp_path: Path) -> None:
    ask("init", tmp_path / "w")
    said = ask("load", tmp_path / "nothing", "-w", tmp_path / "w")
    assert said.code == 2 and "does not exist" in said.err
