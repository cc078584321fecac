"""The records behind a value, in pages and batches: sorted, searched, and adding up to the value."""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from examples.company import Company, rows
from salesgauge.errors import BadQuery
from salesgauge.semantics.question import Viewer

PERIOD = "2024-01-01..2026-01-01"
SIDES = (("new_leads", "numerator"), ("win_rate", "denominator"), ("revenue", "numerator"), ("quota_attainment", "denominator"),
         ("average_purchase_value", "numerator"), ("average_retail_price", "numerator"))


def asked(kpi: str, **more: Any) -> dict[str, Any]:
    return {"kpi": kpi, "period": PERIOD, **more}


@pytest.mark.parametrize(("kpi", "side"), SIDES)
def test_pages_and_batches_are_the_records_one_after_the_other_with_the_same_total(firm: Company, kpi: str, side: str) -> None:
    workspace = firm.workspace
    whole = workspace.records(asked(kpi), side)
    assert whole["rows"]
    pages = [workspace.records_page(asked(kpi), side, offset=n, limit=3) for n in range(0, len(whole["rows"]), 3)]
    assert list(chain.from_iterable(page.rows for page in pages)) == whole["rows"]
    assert {(page.count, page.matching) for page in pages} == {(len(whole["rows"]), len(whole["rows"]))}
    assert all(math.isclose(page.total, whole["total"], rel_tol=1e-12) for page in pages)
    assert list(chain.from_iterable(workspace.records_batches(asked(kpi), side))) == whole["rows"]
    number = workspace.answer([asked(kpi)])[0]["rows"][0][side]
    assert math.isclose(pages[0].total, number, rel_tol=1e-9)


def cell(row: dict[str, Any], column: str) -> Any:
    if column in ("id", "table", "contribution"):
        return row[column]
    if column.startswith("because_"):
        return row["row"]["because"][column.removeprefix("because_")]
    return row["row"].get(column)


@pytest.mark.parametrize(("kpi", "side"), SIDES)
def test_records_are_sorted_by_each_column_that_they_have_with_empty_ones_last(firm: Company, kpi: str, side: str) -> None:
    columns = firm.workspace.records_page(asked(kpi), side).columns
    assert {"id", "contribution"} <= set(columns)
    with firm.workspace.session() as session:
        records = firm.workspace.open_records(session, asked(kpi), side)
        for column in columns:
            for descending in (False, True):
                rows = [cell(row, column) for row in records.page("", column, descending, 0, 1000).rows]
                filled = [value for value in rows if value is not None]
                assert rows == sorted(filled, reverse=descending) + [None] * (len(rows) - len(filled)), (column, descending)


def test_records_of_several_tables_stand_in_one_page_and_are_sorted_together(tmp_path: Path, firm: Company) -> None:
    mixed = Company(tmp_path, firm.templates, {
        "leads": rows("lead_id created_at channel\nL1 2025-01-01 web"),
        "opportunities": rows("opportunity_id created_at channel loss_reason\nD1 2025-01-02 fair price"),
        "activities": rows("activity_id occurred_at kind status lead_id opportunity_id\nA1 2025-01-03 visit held L1 -\n"
                           "A2 2025-01-04 visit held - D1")})
    question, side = asked("contacts_to_first_meeting"), "denominator"
    page = mixed.workspace.records_page(question, side, sort="loss_reason")
    assert [(r["table"], r["id"], r["row"]["channel"]) for r in page.rows] == [("opportunities", "D1", "fair"), ("leads", "L1", "web")]
    assert page.columns[:3] == ("table", "id", "contribution")
    assert [row["id"] for row in mixed.workspace.records_page(question, side, sort="table").rows] == ["L1", "D1"]
    assert [row["id"] for row in mixed.workspace.records_page(question, side, search="WEB").rows] == ["L1"]
    assert [row["id"] for row in mixed.workspace.records_page(question, side, sort="channel", descending=True).rows] == ["L1", "D1"]


def test_a_search_finds_part_of_an_id_or_text_whatever_its_case(firm: Company) -> None:
    every = firm.workspace.records(asked("new_leads"), "numerator")["rows"]
    for searched in ("web", " WEB ", "АННА", "展会", "l1", "'", "%", 'a,"b"', "1' OR '1'='1", "no such text"):
        page = firm.workspace.records_page(asked("new_leads"), "numerator", search=searched, sort="id", limit=1000)
        texts = [[v for v in (row["id"], *row["row"].values()) if isinstance(v, str)] for row in every]
        part = searched.strip().lower()
        expected = [row["id"] for row, own in zip(every, texts, strict=True) if any(part in text.lower() for text in own)]
        assert [row["id"] for row in page.rows] == sorted(expected), searched
        assert (page.matching, page.count) == (len(expected), len(every))


def test_a_column_that_records_do_not_have_is_named_beside_those_that_they_have(firm: Company) -> None:
    with pytest.raises(BadQuery, match=r"the records of new_leads cannot be sorted by 'chanel'; did you mean channel\?; they have: id, "):
        firm.workspace.records_page(asked("new_leads"), "numerator", sort="chanel")
    for sort in ("created_at; DROP TABLE leads", '"', "sort__", "span"):
        with pytest.raises(BadQuery, match="cannot be sorted by"):
            firm.workspace.records_page(asked("new_leads"), "numerator", sort=sort)


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, 0), (0, 1001)])
def test_a_page_that_cannot_be_is_refused(firm: Company, offset: int, limit: int) -> None:
    with pytest.raises(BadQuery, match="a page starts at 0 or later and has 1 to 1000 rows"):
        firm.workspace.records_page(asked("new_leads"), "numerator", offset=offset, limit=limit)


def test_a_side_that_a_value_does_not_have_is_refused(firm: Company) -> None:
    for side, said in (("total", "has the sides numerator and denominator, not 'total'"), ("denominator", "it has no denominator")):
        with pytest.raises(BadQuery, match=said):
            firm.workspace.records_page(asked("new_leads"), side)


def test_a_page_after_the_last_and_one_of_no_records_are_empty(firm: Company) -> None:
    after = firm.workspace.records_page(asked("new_leads"), "numerator", offset=1000)
    assert after.rows == [] and after.count > 0
    none = firm.workspace.records_page({"kpi": "new_leads", "period": "2001"}, "numerator", search="x", sort="id")
    assert (none.rows, none.count, none.matching, none.total) == ([], 0, 0, 0)


def test_a_viewer_pages_through_their_own_records_only(firm: Company) -> None:
    page = firm.workspace.records_page(asked("new_leads"), "numerator", Viewer("R1"), limit=1000)
    assert 0 < page.count < firm.workspace.records_page(asked("new_leads"), "numerator").count
    assert {row["row"]["owner_id"] for row in page.rows} == {"R1"}
