"""The first groups of a question are those of the largest values among all, whatever is asked of whom and whichever table answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any

import pytest

from examples.company import Company
from laws.companies import company
from laws.test_laws import AS_OF, shared
from laws.test_rollup_laws import EVERY, same
from salesgauge.semantics.answer import cut
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.store.rolled import NONE, Worth
from salesgauge.workspace import Workspace

WHOLE = {"period": "2024-12-01..2025-04-01", "grain": "quarter"}


@pytest.fixture(scope="module")
def firm(pytestconfig: pytest.Config) -> Iterator[Company]:
    assert pytestconfig.cache is not None
    with tempfile.TemporaryDirectory() as folder:
        yield shared(pytestconfig.cache.mkdir("salesgauge-companies"), folder, company(20_253, 14))


def questions(random: Random, share: int) -> list[dict[str, Any]]:
    """KPIs and figures by what they must be asked by and another dimension, and how many groups are wanted."""
    asked = []
    for kpi in random.sample(list(EVERY.values()), len(EVERY) // share):
        by = [*kpi.required, *random.sample([d for d in kpi.dimensions if d not in kpi.required][:3], 1 if kpi.dimensions[1:] else 0)]
        asked.append({"kpi": kpi.id, **WHOLE, "by": by, "first": random.choice((1, 2, 3, 50))})
    return asked


def are_the_first(workspace: Workspace, asked: list[dict[str, Any]], viewer: Viewer) -> int:
    """How many groups were left out."""
    whole = workspace.answer([query | {"first": None} for query in asked], viewer, figures=True)
    found = workspace.answer(asked, viewer, figures=True)
    same(found, [cut(answer, query["first"]) for answer, query in zip(whole, asked, strict=True)])
    for answer, rest in zip(found, whole, strict=True):
        assert answer["left_out"] == len(rest["rows"]) - len(answer["rows"])
    return sum(answer["left_out"] for answer in found)


@pytest.mark.parametrize(("viewer", "as_of", "least"), [
    (EVERYTHING, None, 20), (EVERYTHING, AS_OF, 5), (Viewer("R1", reports=True), None, 1)])
def test_of_the_facts(firm: Company, viewer: Viewer, as_of: str | None, least: int) -> None:
    firm.workspace.worth = NONE
    asked = [query | {"as_of": as_of} for query in questions(Random(1), 3)]
    assert are_the_first(firm.workspace, asked, viewer) >= least


def test_of_rollups(firm: Company) -> None:
    with closing(ServedWorkspace(firm.workspace.folder, worth=Worth(rows=0, smaller=0, at_once=True))) as served:
        asked = questions(Random(2), 2)
        assert are_the_first(served, asked, EVERYTHING) > 20
        assert sum(any(name.startswith("rollup_") for name in served.sql(query, figures=True)) for query in asked) > len(asked) / 3


def test_of_more_than_a_database_gives_the_largest_of(firm: Company) -> None:
    assert are_the_first(firm.workspace, [query | {"first": 2_000_000} for query in questions(Random(3), 9)], EVERYTHING) == 0


def test_of_one_question_straight_from_the_tables(firm: Company) -> None:
    asked = [{"kpi": kpi, "period": "2025", "by": [by], "first": 2, "as_of": "2025-03-30"}
             for kpi, by in (("win_rate", "rep"), ("revenue", "product"), ("historic_customer_value", "account"))]
    for query in asked:
        [alone], [among, _other] = firm.workspace.answer([query]), firm.workspace.answer([query, asked[0]])
        same([alone], [among])


def test_equal_values_stand_in_the_order_of_their_keys_empty_ones_last(firm: Company) -> None:
    [answer] = firm.workspace.answer([{"kpi": "account_purchases", "period": "1990", "by": ["account"], "first": 3}], figures=True)
    assert (answer["rows"], answer["left_out"]) == ([], 0)
    rows: list[dict[str, Any]] = [{"start": "a", "value": value, "key": key} for key, value in
                                  (("A", 1), ("B", None), ("C", 2.0), ("D", 1), (None, 2))]
    assert [row["key"] for row in cut({"rows": rows}, 4)["rows"]] == ["C", None, "A", "D"]


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "3", True])
def test_it_is_a_whole_number(firm: Company, wrong: Any) -> None:
    [answer] = firm.workspace.answer([{"kpi": "revenue", "period": "2025", "by": ["rep"], "first": wrong}])
    assert answer["error"]["code"] == "bad_query"
    assert "first a whole number from 1 on" in answer["error"]["message"]
