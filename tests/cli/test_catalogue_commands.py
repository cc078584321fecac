"""kpis and explain."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
import sqlglot

from salesgauge.catalogue import built_in
from salesgauge.language import LANGUAGES

from .conftest import Ask

OWN = '''
from salesgauge.catalogue.leads import created
def declare(catalogue):
    kpi = catalogue.area()
    @kpi(unit="count", kind="count", better="up", dimensions="team")
    def leads_of_ours():
        """Leads, counted our way."""
        return created
'''


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("nowhere")
def test_all_kpis_are_listed_without_any_workspace(ask: Ask) -> None:
    listed = ask("kpis", "--format", "json").json["kpis"]
    assert [entry["id"] for entry in listed] == list(built_in())
    assert listed[0] == {
        "id": "new_leads", "name": "New leads", "area": "lead_generation", "unit": "count", "kind": "count", "better": "up",
        "watch": "lead_to_opportunity_rate", "dimensions": ["rep", "team", "region", "channel", "campaign"], "source": "B1"}


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_is_written_in_every_language(lang: str, ask: Ask) -> None:
    said = ask("kpis", "--lang", lang)
    assert (said.code, said.err) == (0, "")
    assert all(kpi in said.out for kpi in built_in())


def test_in_a_workspace_its_own_dimensions_and_kpis_are_listed_too(ask: Ask, messy: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    shutil.copytree(messy, workspace)
    own = workspace / "kpis.py"
    own.write_text(OWN, encoding="utf-8")
    own.chmod(0o600)
    said = ask("kpis", "--format", "csv", "-w", workspace)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(said.out))}
    assert "utm_source" in rows["new_leads"]["dimensions"].split()
    assert rows["leads_of_ours"]["area"] == "own"
    assert "The company's own" in ask("kpis", "-w", workspace).out
    explained = ask("explain", "leads_of_ours", "--no-sql", "-w", workspace)
    assert "Leads, counted our way." in explained.out and "kpis.py:5" in explained.out


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("kpi", list(built_in()))
def test_every_kpi_is_explained_in_every_language(kpi: str, ask: Ask) -> None:
    for lang in LANGUAGES:
        said = ask("explain", kpi, "--lang", lang)
        assert (said.code, said.err) == (0, "")
        assert kpi in said.out


@pytest.mark.usefixtures("nowhere")
def test_an_explanation_says_what_a_kpi_is_made_of(ask: Ask) -> None:
    told = ask("explain", "average_deal_value", "--format", "json").json
    assert (told["kind"], told["interval"], told["unit"], told["watch"]) == ("mean", "student", "money", "sales_cycle_length")
    assert told["formula"]["denominator"] == {
        "name": "deals won with a value", "fact": "deals", "date": "closed", "sum_of": None, "per": None}
    assert told["needs"] == [["opportunities"]]
    assert told["sets_aside"] == ["no_exchange_rate", "no_amount"]
    assert told["documents"] == ["004_4d1d445bdb350ab8.txt"]
    assert ask("explain", "product_mix", "--format", "json").json["one_sided"] == ["family", "product"]
    assert "the other stays whole" in ask("explain", "product_mix").out


def test_an_explanation_in_a_workspace_has_the_sql_that_runs(ask: Ask, tiny: Path) -> None:
    sql = ask("explain", "win_rate", "--by", "team", "--as-of", "2025-03-01", "--format", "json", "-w", tiny).json["sql"]
    assert list(sql)[-1] == "question" and "fact_tracked_deals" in sql
    assert "fact_tracked_deals" in sql["question"] and "$as_of_at" in sql["fact_deals"]
    for text in sql.values():
        sqlglot.parse_one(text, read="duckdb")
    assert "SQL: question" in ask("explain", "win_rate", "-w", tiny).out


def test_an_explanation_shows_the_one_statement_of_a_first_question_as_long_as_it_is_one(ask: Ask, tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "w", ignore=shutil.ignore_patterns("cache"))
    explained = ("explain", "average_deal_value", "-w", tmp_path / "w")
    assert "asked alone for the first time" in " ".join(ask(*explained).out.split())
    sql = ask(*explained, "--format", "json").json["sql"]  # who explains does not ask
    assert next(iter(sql)) == "straight" and "fact_deals" not in sql["straight"] and "fact_deals" in sql["question"]
    sqlglot.parse_one(sql["straight"], read="duckdb")
    assert ask("compute", "average_deal_value", "--period", "2025", "-w", tmp_path / "w").code == 0
    assert "straight" not in ask(*explained, "--format", "json").json["sql"]


def test_an_explanation_says_which_table_is_missing(ask: Ask, messy: Path) -> None:
    assert "needs documents" in ask("explain", "wins_per_contract_sent", "-w", messy).out


@pytest.mark.usefixtures("nowhere")
def test_a_kpi_that_is_not_there_cannot_be_explained(ask: Ask) -> None:
    said = ask("explain", "winrate")
    assert said.code == 2 and "the nearest: win_rate" in said.err
