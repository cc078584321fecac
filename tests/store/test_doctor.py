"""Each thing that the doctor looks for, found in a company whose records have it, and not found in one whose records do not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesgauge.catalogue import built_in
from salesgauge.language import LANGUAGES, language
from salesgauge.store.doctor import Finding, diagnose
from salesgauge.store.doctor.checks import CHECKS, checks_by_table
from salesgauge.store.doctor.finding import reading
from salesgauge.workspace import Workspace

NOW = datetime(2025, 9, 1, tzinfo=UTC)
ELSEWHERE = ("absent_table", "rows_set_aside", "cells_set_aside", "hidden_column", "no_denominator")

# finding, table -> the files in which it is found, and the examples that are given
SICK: dict[tuple[str, str], tuple[dict[str, str], tuple[str, ...]]] = {
    ("leads_without_outbound", "leads"): (
        {"leads": "lead_id,created_at,opportunity_id\nL1,2025-01-02,\nL2,2025-01-02,O2\nL3,2025-01-02,\nL4,2025-01-02,\nL5,2025-01-02,\n",
         "opportunities": "opportunity_id,created_at,lead_id\nO2,2025-01-02,\nO3,2025-01-02,L3\n",
         "activities": "activity_id,occurred_at,kind,lead_id,opportunity_id,direction,automatic\nT1,2025-01-03,call,L1,,,\n"
                       "T2,2025-01-03,call,,O2,,\nT3,2025-01-03,call,,O3,outbound,\nT4,2025-01-03,call,L4,,inbound,\n"
                       "T5,2025-01-03,email,L5,,,true\n"}, ("L4", "L5")),
    ("unattached_activities", "activities"): (
        {"leads": "lead_id,created_at\n",
         "activities": "activity_id,occurred_at,kind,lead_id\nT1,2025-01-01,call,\nT2,2025-01-01,call,L1\n"},
        ("T1",)),
    ("no_amount", "opportunities"): ({"opportunities": "opportunity_id,created_at,amount\nO1,2025-01-01,\nO2,2025-01-01,0\n"}, ("O1",)),
    ("closed_before_created", "opportunities"): (
        {"opportunities": "opportunity_id,created_at,closed_at\nO1,2025-01-02,2025-01-01\nO2,2025-01-01,2025-01-01\n"}, ("O1",)),
    ("outcome_without_close", "opportunities"): (
        {"opportunities": "opportunity_id,created_at,closed_at,outcome\nO1,2025-01-02,,won\nO2,2025-01-01,,\n"}, ("O1",)),
    ("close_without_outcome", "opportunities"): (
        {"opportunities": "opportunity_id,created_at,closed_at,outcome\nO1,2025-01-02,2025-01-03,\nO2,2025-01-01,2025-01-03,won\n"},
         ("O1",)),
    ("changes_before_created", "stage_changes"): (
        {"opportunities": "opportunity_id,created_at\nO1,2025-01-02\n",
         "stage_changes": "opportunity_id,changed_at,stage\nO1,2025-01-01,a\n"},
        ("O1",)),
    ("changes_after_closed", "stage_changes"): (
        {"opportunities": "opportunity_id,created_at,closed_at,outcome\nO1,2025-01-02,2025-01-03,lost\n",
         "stage_changes": "opportunity_id,changed_at,stage\nO1,2025-01-04,a\n"}, ("O1",)),
    ("changes_of_unknown_deals", "stage_changes"): (
        {"opportunities": "opportunity_id,created_at\nO1,2025-01-02\n",
         "stage_changes": "opportunity_id,changed_at,stage\nO9,2025-01-04,a\n"},
        ("O9",)),
    ("unknown_stages", "opportunities"): (
        {"opportunities": "opportunity_id,created_at,pipeline,stage\nO1,2025-01-02,p,a\nO2,2025-01-02,q,a\nO3,2025-01-02,p,a\n",
         "stage_changes": "opportunity_id,changed_at,stage\nO3,2025-01-04,b\n", "stages": "pipeline,stage\np,a\n"}, ("p / b", "q / a")),
    ("contracts_end_before_start", "contracts"): (
        {"leads": "lead_id,created_at\n",
         "contracts": "contract_id,account_id,starts_on,ends_on,total_value\nC1,A,2025-01-02,2025-01-02,1\nC2,A,2025-01-02,2025-01-03,1\n"},
        ("C1",)),
    ("overlapping_assignments", "rep_assignments"): (
        {"leads": "lead_id,created_at\n", "rep_assignments": "rep_id,valid_from,valid_to\nR1,2025-01-01,2025-03-01\nR1,2025-02-01,\n"
                                                             "R2,2025-01-01,2025-02-01\nR2,2025-02-01,\n"}, ("R1",)),
    ("overlapping_quotas", "quotas"): (
        {"leads": "lead_id,created_at\n",
         "quotas": "rep_id,starts_on,ends_on,amount\nR1,2025-01-01,2025-04-01,1\nR1,2025-01-01,2025-02-01,1\n"
                                                    "R2,2025-01-01,2025-02-01,1\nR2,2025-02-01,2025-03-01,1\n"}, ("R1",)),
    ("forecasts_without_period", "forecasts"): (
        {"leads": "lead_id,created_at\n",
         "forecasts": "forecast_id,rep_id,submitted_at,starts_on,ends_on,amount\n" + "".join(
             f"{name},R1,2025-01-01,{start},{end},1\n" for name, start, end in (
                 ("month", "2025-02-01", "2025-03-01"), ("quarter", "2025-04-01", "2025-07-01"), ("year", "2025-01-01", "2026-01-01"),
                 ("week", "2025-01-06", "2025-01-13"), ("day", "2025-01-06", "2025-01-07"), ("askew", "2025-02-01", "2025-05-01"),
                 ("half", "2025-01-01", "2025-07-01"), ("tuesday", "2025-01-07", "2025-01-14")))}, ("askew", "half", "tuesday")),
    ("lines_without_order", "order_lines"): (
        {"orders": "order_id,ordered_at\nB1,2025-01-01\n", "order_lines": "order_id,line,quantity,unit_price\nB1,1,1,1\nB2,1,1,1\n"},
         ("B2|1",)),
    ("orders_without_lines", "orders"): (
        {"orders": "order_id,ordered_at\nB1,2025-01-01\nB2,2025-01-01\n",
         "order_lines": "order_id,line,quantity,unit_price\nB1,1,1,1\n"}, ("B2",)),
    ("scores_out_of_range", "survey_responses"): (
        {"leads": "lead_id,created_at\n", "survey_responses": "response_id,survey,responded_at,score\nQ1,nps,2025-01-01,11\n"
                                                              "Q2,nps,2025-01-01,10\nQ3,employee,2025-01-01,50\n"}, ("Q1",)),
    ("duplicate_accounts", "accounts"): (
        {"leads": "lead_id,created_at\n",
         "accounts": "account_id,name\nA1,Acme GmbH\nA2,\"ACME, G.m.b.H.\"\nA3,北京科技有限公司\nA4,北京科技\n"
                     "A5,Other\nA6,ООО Ромашка\nA7,«Ромашка»\nA8,Inc\nA9,Ltd\nA10,\n"},
        ("A1 = A2", "A3 = A4", "A6 = A7")),
    ("unknown_reps", "leads"): ({"leads": "lead_id,created_at,owner_id\nL1,2025-01-01,R9\nL2,2025-01-01,\n", "reps": "rep_id\nR1\n"},
        ("R9",)),
    ("unknown_accounts", "orders"): (
        {"orders": "order_id,ordered_at,account_id\nB1,2025-01-01,A9\nB2,2025-01-01,A1\n", "accounts": "account_id\nA1\n"}, ("A9",)),
    ("no_exchange_rate", "opportunities"): (
        {"opportunities": "opportunity_id,created_at,amount,currency\nO1,2025-01-01,1,CHF\nO2,2025-01-01,1,USD\nO3,2025-01-01,1,EUR\n"
                          "O4,2025-01-01,,GBP\n", "exchange_rates": "currency,rated_on,rate\nUSD,2024-01-01,0.9\n"}, ("CHF",)),
    ("rate_begins_later", "spend"): (
        {"leads": "lead_id,created_at\n", "spend": "spend_id,spent_on,amount,currency\nS1,2025-01-01,1,USD\nS2,2025-02-01,1,USD\n",
         "exchange_rates": "currency,rated_on,rate\nUSD,2025-02-01,0.9\n"}, ("USD",)),
    ("in_the_future", "leads"): ({"leads": "lead_id,created_at\nL1,2025-08-31\nL2,2025-09-02\n"}, ("L2",)),
    ("rows_set_aside", "leads"): ({"leads": "lead_id,created_at\nL1,2025-02-30\nL2,2025-02-03\n"}, ("leads.csv:2",)),
    ("cells_set_aside", "leads"): ({"leads": "lead_id,created_at,score\nL1,2025-02-03,high\n"}, ("leads.csv:2",)),
    ("hidden_column", "leads"): ({"leads": "lead_id,created_at,Team,size\nL1,2025-02-03,x,y\n"}, ("team",)),
    ("absent_table", "documents"): ({"opportunities": "opportunity_id,created_at\n"}, ()),
}


def examined(folder: Path, files: dict[str, str]) -> list[Finding]:
    source = folder / "files"
    source.mkdir()
    for name, text in files.items():
        (source / f"{name}.csv").write_text(text, encoding="utf-8")
    workspace = Workspace.create(folder / "w", "UTC", "EUR", {})
    workspace.load(source, now=NOW)
    with workspace.reading() as con:
        return diagnose(con, workspace.generation(), workspace.settings, workspace.catalogue, NOW)


@pytest.mark.parametrize(("key", "table"), SICK)
def test_it_finds(key: str, table: str, tmp_path: Path) -> None:
    files, examples = SICK[key, table]
    found = {(f.key, f.table): f for f in examined(tmp_path, files)}
    assert found[key, table].examples == examples
    assert found[key, table].kpis


def test_every_check_is_tried() -> None:
    keys = {check.key for check in (*CHECKS, *checks_by_table(built_in()))}
    assert keys | set(ELSEWHERE) == {key for key, _table in SICK} | {"no_denominator"}


def test_every_finding_has_its_words_in_every_language() -> None:
    for code in LANGUAGES:
        for key in [*ELSEWHERE, *(key for key, _table in SICK)]:
            assert language(code).finding(key) and language(code).advice(key)


def test_every_kpi_that_a_check_names_is_in_the_catalogue() -> None:
    assert {kpi for check in CHECKS for kpi in check.kpis} <= set(built_in())


def test_the_kpis_that_read_a_table_are_those_whose_rows_come_from_it() -> None:
    assert reading(built_in(), "documents") == ("wins_per_contract_sent",)
    assert "revenue" in reading(built_in(), "order_lines") and "revenue" not in reading(built_in(), "leads")


def test_a_sound_company_gets_no_finding_but_the_tables_that_it_lacks(tmp_path: Path) -> None:
    found = examined(tmp_path, {"leads": "lead_id,created_at\nL1,2025-01-01\n"})
    assert {f.key for f in found} == {"absent_table"}


def test_a_table_without_rows_has_no_share() -> None:
    assert Finding("absent_table", "leads", 3, None, (), ()).share is None
    assert Finding("no_amount", "opportunities", 1, 4, (), ()).share == 0.25
