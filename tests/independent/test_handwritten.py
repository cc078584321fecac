"""The program's answers on the small demo company against SQL written by hand from the specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from independent import handwritten
from salesgauge.demo import CURRENCY, TIMEZONE, simulate
from salesgauge.periods import pieces, read_instant, read_period
from salesgauge.store.generation import open_tables
from salesgauge.workspace import Workspace

GROUPED = {  # by what each is asked once more
    "average_contract_value": "rep", "close_rate": "region", "competitor_price_index": "competitor", "customer_acquisition_rate": "touches",
    "customer_lifetime_value": "segment", "customer_retention_rate": "team", "discount_rate": "family", "employee_satisfaction": "tenure",
    "forecast_accuracy": "team", "lead_response_time": "channel", "net_promoter_score": "account_owner", "quota_attainment": "team",
    "ramp_time": "manager", "rep_retention_rate": "team", "revenue": "rep", "revenue_concentration": "region", "sales_cycle_length": "team",
    "stalled_time": "stage", "touches_per_won_deal": "activity_kind", "win_rate": "rep"}
AS_OF = "2025-08-17T14:30:00"


def _questions(kpi: str) -> list[dict[str, Any]]:
    return [{"kpi": kpi, "period": "2025"}, {"kpi": kpi, "period": "2025", "grain": "month"},
            {"kpi": kpi, "period": "2025-Q2", "by": [GROUPED[kpi]]}, {"kpi": kpi, "period": "2025", "grain": "quarter", "as_of": AS_OF}]


QUESTIONS = [question for kpi in handwritten.KPIS for question in _questions(kpi)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("independent")
    simulate(folder / "company", "small", seed=11)
    made = Workspace.create(folder / "workspace", TIMEZONE, CURRENCY, {})
    made.load(folder / "company", now=datetime(2026, 7, 1, tzinfo=UTC))
    return made


@pytest.fixture(scope="module")
def tables(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    open_tables(con, workspace.generation())
    yield con
    con.close()


@pytest.fixture(scope="module")
def answers(workspace: Workspace) -> list[dict[str, Any]]:
    """Of each question, in one batch."""
    return workspace.answer(QUESTIONS)


def _by_hand(question: dict[str, Any], workspace: Workspace, con: duckdb.DuckDBPyConnection) -> dict[tuple[Any, ...], dict[str, Any]]:
    by = question.get("by", [])
    spans = [(s.start, s.end) for s in pieces(read_period(question["period"]), question.get("grain", "total"))]
    as_of = read_instant(question["as_of"], workspace.settings.zone) if "as_of" in question else None
    company = handwritten.Company(TIMEZONE, CURRENCY, asdict(workspace.settings))
    rows = handwritten.answer(con, question["kpi"], spans, company, by, as_of=as_of)
    return {(row["start_on"], row["end_on"], *(row[dimension] for dimension in by)): row for row in rows}


@pytest.mark.parametrize("number", range(len(QUESTIONS)), ids=[" ".join(map(str, q.values())) for q in QUESTIONS])
def test_hand_written_sql_gives_the_same(number: int, answers: list[dict[str, Any]], workspace: Workspace,
                                         tables: duckdb.DuckDBPyConnection) -> None:
    question = QUESTIONS[number]
    by_hand = _by_hand(question, workspace, tables)
    assert "error" not in answers[number]
    for row in answers[number]["rows"]:
        key = (date.fromisoformat(row["start"]), date.fromisoformat(row["end"]), *row["by"].values())
        expected = by_hand.pop(key, None)
        if expected is None:  # without groups there is a row for each period, even for one without any row in it
            assert (row["n"], row["value"] or 0, row["numerator"]) == (0, 0, 0) and not row["by"], row
            continue
        for number_of in ("value", "numerator", "denominator", "n", "median", "p90"):
            if number_of in row:
                found = expected[number_of]
                assert row[number_of] == (found if found is None else pytest.approx(found, rel=1e-9, abs=1e-9)), (key, number_of)
    assert not by_hand, "rows that the program does not give"


def test_the_demo_company_has_something_of_each_kpi(answers: list[dict[str, Any]]) -> None:
    counted = {answer["kpi"] for answer in answers for row in answer["rows"] if row["n"] and row["value"] is not None}
    assert counted == set(handwritten.KPIS)


def test_sql_is_written_for_twenty_kpis_of_every_area(workspace: Workspace) -> None:
    assert len(handwritten.KPIS) == len(GROUPED) == 20
    assert {workspace.catalogue[kpi].area for kpi in handwritten.KPIS} == {kpi.area for kpi in workspace.catalogue.values()}


def test_rows_outside_of_every_period_are_not_counted(workspace: Workspace, tables: duckdb.DuckDBPyConnection) -> None:
    assert [_by_hand({"kpi": kpi, "period": "1999"}, workspace, tables) for kpi in handwritten.KPIS] == [{}] * len(handwritten.KPIS)


def test_a_line_for_a_dimension_stands_only_where_it_is_asked() -> None:
    company = handwritten.Company("UTC", "EUR")
    year = [(date(2025, 1, 1), date(2026, 1, 1))]
    assert "rep_assignments" not in handwritten.sql("win_rate", year, company)
    assert "rep_assignments" in handwritten.sql("win_rate", year, company, where={"team": ["East", None]})


def test_the_sql_is_found_beside_the_tests() -> None:
    assert Path(handwritten.__file__).parent / "sql" == handwritten.FOLDER
