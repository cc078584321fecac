"""scorecard, rejects and doctor."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from salesgauge.catalogue import built_in
from salesgauge.cli.scorecard import last_month
from salesgauge.periods import Span
from salesgauge.workspace import Workspace

from .conftest import NOW, Ask


def test_the_scorecard_has_every_kpi_beside_the_period_before(ask: Ask, tiny: Path) -> None:
    card = ask("scorecard", "--period", "2025-Q1", "--format", "json", "-w", tiny).json
    assert card["period"] == {"start": "2025-01-01", "end": "2025-04-01"}
    assert card["previous"] == {"start": "2024-10-01", "end": "2025-01-01"}
    assert [row["kpi"] for row in card["kpis"]] == list(built_in())
    leads = card["kpis"][0]
    assert (leads["value"], leads["previous"], leads["change"], leads["verdict"], leads["small_sample"]) == (9, 8, 1, "better", False)


def test_better_and_worse_are_told_in_words_and_signs(ask: Ask, tiny: Path) -> None:
    out = ask("scorecard", "--period", "2025-Q1", "-w", tiny).out
    assert "▲ better" in out and "▼ worse" in out and "Lead generation" in out
    assert "\x1b" not in out
    assert "* fewer than 30 cases" in out.replace("\u00a0", " ")


def test_without_a_period_it_shows_the_last_whole_month_of_the_data(ask: Ask, tiny: Path) -> None:
    workspace = Workspace(tiny)
    assert last_month(workspace, NOW, "2025-03-10") == Span(date(2025, 2, 1), date(2025, 3, 1))
    assert last_month(workspace, datetime(2025, 3, 10, tzinfo=UTC), None) == Span(date(2025, 2, 1), date(2025, 3, 1))


def test_kpis_without_data_say_why(ask: Ask, messy: Path) -> None:
    said = ask("scorecard", "--period", "2025-01", "--where", "team=East", "-w", messy)
    assert said.code == 0
    assert "needs documents" in said.out and "does not have this dimension" in said.out
    rows = list(csv.DictReader(io.StringIO(ask("scorecard", "--period", "2025-01", "--format", "csv", "-w", messy).out)))
    assert {row["kpi"]: row for row in rows}["wins_per_contract_sent"]["problem"].endswith("needs documents")


def test_a_workspace_in_which_nothing_happened_asks_for_the_period(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,created_at\n", encoding="utf-8")
    ask("init", tmp_path / "w")
    ask("load", tmp_path, "-w", tmp_path / "w")
    said = ask("scorecard", "-w", tmp_path / "w")
    assert said.code == 2 and "--period" in said.err


def test_what_was_set_aside_is_shown_with_its_line(ask: Ask, messy: Path) -> None:
    entries = ask("rejects", "--format", "json", "-w", messy).json["rejects"]
    assert [(e["table"], e["file"], e["line"], e["column"], e["value"], e["whole"]) for e in entries] == [
        ("leads", "leads.csv", 5, "created_at", "2025-02-30", True), ("activities", "activities.csv", 3, "sentiment", "=2+5", False)]
    assert "无法读取时间" in ask("rejects", "--lang", "zh-Hans", "-w", messy).out
    told = ask("rejects", "--format", "csv", "-w", messy).out
    assert told.startswith("load,table,file,line,column,value,reason,whole,message\n") and ",'=2+5," in told


def test_rejects_can_be_those_of_one_table(ask: Ask, messy: Path) -> None:
    assert ask("rejects", "--table", "orders", "--format", "json", "-w", messy).json == {"rejects": []}
    assert "Nothing was set aside." in ask("rejects", "--table", "orders", "-w", messy).out
    assert "did you mean leads?" in ask("rejects", "--table", "lead", "-w", messy).err


def findings(ask: Ask, workspace: Path) -> dict[tuple[str, str | None], dict[str, Any]]:
    found = ask("doctor", "--format", "json", "-w", workspace).json["findings"]
    return {(f["key"], f["table"]): f for f in found}


def test_the_doctor_names_what_suffers_and_what_to_do(ask: Ask, messy: Path) -> None:
    found = findings(ask, messy)
    leads = found["leads_without_outbound", "leads"]
    assert (leads["count"], leads["total"], leads["examples"]) == (2, 3, ["L2", "L3"])
    assert "lead_response_time" in leads["kpis"] and leads["advice"]
    assert found["no_denominator", None]["kpis"]


def test_the_doctor_tells_people_in_their_language(ask: Ask, messy: Path) -> None:
    said = ask("doctor", "--lang", "ru", "-w", messy)
    assert (said.code, said.err) == (0, "")
    assert "Лиды: Лиды без единой исходящей активности" in said.out and "2 из 3 (66,7\u00a0%)" in said.out
