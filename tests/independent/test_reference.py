"""The program's answers on random companies against the reference in plain Python, KPI by KPI."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from examples.company import write_folder
from independent.companies import Made, company, layout
from independent.questions import Query, questions
from independent.reference.answer import Reference
from independent.reference.measures import KPIS
from independent.reference.tables import Company, read_folder
from salesgauge.catalogue import built_in
from salesgauge.workspace import Workspace

NUMBERS = ("value", "numerator", "denominator", "n", "low", "high", "median", "p90")
FIXED = [(1, 0), (5, 2), (7, 4)]  # seed and layout: every table; without orders; without contracts
MORE = [(seed, number) for number in range(18) for seed in range(100, 100 + int(os.environ.get("SALESGAUGE_COMPANIES", "1")))]


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two numbers are the same, up to the last digits of a sum."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-9)


def differences(given: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """What differs between two answers, in words."""
    if "error" in given or "error" in expected:
        codes = [answer.get("error", {}).get("code") for answer in (given, expected)]
        return [] if codes[0] == codes[1] else [f"error {codes[0]}, not {codes[1]}"]
    found = [
        f"{name} is {given[name]}, not {expected[name]}"
        for name in ("kpi", "unit", "currency", "timezone")
        if given[name] != expected[name]
    ]
    places = [[(row["start"], row["end"], row["by"]) for row in answer["rows"]] for answer in (given, expected)]
    if places[0] != places[1]:
        return [*found, f"rows are {places[0]}, not {places[1]}"]
    for row, wanted in zip(given["rows"], expected["rows"], strict=True):
        found += [
            f"{row['start']} {row['by']}: {name} is {row.get(name)}, not {wanted.get(name)}"
            for name in NUMBERS
            if not same(row.get(name), wanted.get(name), 1e-6 if name in ("low", "high") else 1e-9)
        ]
        if row["excluded"] != wanted["excluded"]:
            found.append(f"{row['start']} {row['by']}: set aside {row['excluded']}, not {wanted['excluded']}")
    return found


def made_known(made: Made) -> Reference:
    """The reference for a company."""
    return Reference(Company(made.tables, made.timezone, made.layout.currency, made.layout.settings, made.columns))


def compare(seed: int, number: int, each: int, folder: Path) -> dict[str, list[str]]:
    """The differences on one company, by question."""
    made = company(seed, layout(number))
    reference = made_known(made)
    asked = questions(made, reference, each, Random(seed))
    workspace = Workspace.create(folder / "workspace", made.timezone, made.layout.currency, made.layout.settings)
    report = workspace.load(write_folder(folder / "company", made.tables), now=datetime(2030, 1, 1, tzinfo=UTC))
    assert not any(table.rows_aside or table.cells_aside for table in report.tables)
    given = workspace.answer(asked)
    return {
        json.dumps(query, ensure_ascii=False): found
        for query, answer in zip(asked, given, strict=True)
        if (found := differences(answer, reference.answer(query)))
    }


@pytest.mark.parametrize(("seed", "number"), FIXED)
def test_every_kpi_of_a_random_company_is_what_plain_python_makes_of_it(seed: int, number: int, tmp_path: Path) -> None:
    assert compare(seed, number, 1, tmp_path) == {}


@pytest.mark.more
@pytest.mark.parametrize(("seed", "number"), MORE)
def test_many_questions_of_many_companies_are_answered_as_plain_python_does(seed: int, number: int, tmp_path: Path) -> None:
    assert compare(seed, number, 4, tmp_path) == {}


def test_the_fixed_companies_have_something_of_each_kpi() -> None:
    counted: set[str] = set()
    for seed, number in FIXED:
        made = company(seed, layout(number))
        reference = made_known(made)
        wide: list[Query] = [{"kpi": kpi, "period": f"{made.year}", "grain": "quarter"} for kpi in KPIS]
        counted |= {answer["kpi"] for answer in map(reference.answer, wide) for row in answer.get("rows", ()) if row["n"]}
    assert counted == set(KPIS) == set(built_in())


@pytest.mark.parametrize("pack", ["tiny", "deals-only"])
def test_the_reference_gives_the_expected_answers_of_a_pack(pack: str, shared_folder: Path) -> None:
    folder = shared_folder / "conformance" / pack
    chosen, asked, expected = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("workspace", "queries", "expected")
    )
    tables, columns = read_folder(folder)
    reference = Reference(Company(tables, chosen["timezone"], chosen["currency"], chosen["settings"], columns))
    found = {
        json.dumps(query): differences(reference.answer(query), answer) for query, answer in zip(asked, expected["results"], strict=True)
    }
    assert {query: wrong for query, wrong in found.items() if wrong} == {}
