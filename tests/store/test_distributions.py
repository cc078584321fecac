"""Distributions that are kept beside a fact: which of them answers a median, and what the answer says of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from examples.company import Company
from salesgauge.semantics.distribution import ERROR
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.semantics.rollup import BUCKETS, SUMS, VALUES, Rollup
from salesgauge.serving import ServedWorkspace
from salesgauge.store.rolled import NONE, Worth

MINUTES = [*range(6000, 6048), 90_000, 9_000]  # how long each deal took: most are in one bucket, but for the last two
MEDIAN, NINE_TENTHS = 6024.5 / 1440, 6044.1 / 1440
ALL = Worth(rows=0, smaller=0)
CYCLE = {"kpi": "sales_cycle_length", "period": "2025-01-01..2025-07-01"}
APPROXIMATE = {**CYCLE, "approximate": True}


@dataclass(frozen=True)
class Only(Worth):
    """Keeps sums and one form of distributions; `counted`: how many rows those would have that it was asked about."""

    rows: int = 0
    form: str = VALUES
    counted: list[tuple[Rollup, int]] = field(default_factory=list)

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        self.counted.append((rollup, rows))
        return rollup.held == SUMS or rollup.held.startswith(self.form)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Company:
    """Fifty deals won on many days of four months by two reps."""
    deals: list[dict[str, str]] = []
    for n, minutes in enumerate(MINUTES):
        created = datetime(2025, 1, 2, 9) + timedelta(days=2 * n)
        deals.append({"opportunity_id": f"D{n}", "created_at": created.isoformat(), "outcome": "won", "amount": "1",
                      "closed_at": (created + timedelta(minutes=minutes)).isoformat(), "owner_id": f"R{n % 2}"})
    return Company(tmp_path_factory.mktemp("spread"), templates, {"opportunities": deals, "reps": [{"rep_id": "R0"}, {"rep_id": "R1"}]})


@contextmanager
def serving(firm: Company, worth: Worth, *, answers: bool = False) -> Iterator[ServedWorkspace]:
    """A server that finds nothing kept of another one, but its answers where it is said so."""
    for kept in (firm.workspace.folder / "store" / "cache").glob("g-*"):
        if not (answers and kept.suffix == ".answers"):
            shutil.rmtree(kept)
    with closing(ServedWorkspace(firm.workspace.folder, worth=worth)) as served:
        yield served


def answered(served: ServedWorkspace, question: dict[str, Any], viewer: Viewer = EVERYTHING) -> tuple[list[str], dict[str, Any]]:
    """The rollups and rows that answer a question, and the only row of its answer."""
    [answer] = served.answer([question], viewer)
    [row] = answer["rows"]
    return [name for name in served.sql(question, viewer) if name.startswith(("rollup_", "rows_"))], row


def test_a_median_is_answered_exactly_from_values_that_are_counted(firm: Company) -> None:
    firm.workspace.worth = NONE
    [exact] = firm.workspace.answer([CYCLE])[0]["rows"]
    with serving(firm, ALL) as served:
        read, row = answered(served, CYCLE)
    assert read == ["rollup_deal_cycles_closed_by_month_total", "rollup_deal_cycles_closed_by_month_total_values_0"]
    assert row == {name: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value for name, value in exact.items()}
    assert (row["median"], row["p90"]) == (pytest.approx(MEDIAN), pytest.approx(NINE_TENTHS))


def test_what_may_be_approximate_says_that_it_is_exact_where_it_is(firm: Company) -> None:
    for worth in (ALL, NONE, Worth(rows=0, smaller=1000)):
        with serving(firm, worth) as served:
            read, row = answered(served, APPROXIMATE)
        assert not any(BUCKETS in name for name in read)
        assert (row["median"], row["median_error"], row["p90_error"]) == (pytest.approx(MEDIAN), 0.0, 0.0)


def test_what_may_be_approximate_is_answered_from_buckets_and_says_by_how_much(firm: Company) -> None:
    with serving(firm, Only(form=BUCKETS)) as served:
        read, row = answered(served, APPROXIMATE)
        assert read[-1] == "rollup_deal_cycles_closed_by_month_total_buckets_0"
        for name, exact in (("median", MEDIAN), ("p90", NINE_TENTHS)):
            assert row[name] != exact
            assert abs(row[name] - exact) <= row[f"{name}_error"] <= ERROR * exact
        read, whole = answered(served, CYCLE)
        assert read == []
        assert (whole["median"], "median_error" in whole) == (pytest.approx(MEDIAN), False)
        assert {**row, "low": None, "high": None, "value": None}.items() >= {
            name: whole[name] for name in ("numerator", "denominator", "n", "excluded")}.items()


def test_no_value_has_no_error(firm: Company) -> None:
    with serving(firm, ALL) as served:
        _read, row = answered(served, {**APPROXIMATE, "period": "2020"})
    assert (row["median"], row["median_error"]) == (None, None)


def test_a_kpi_without_a_median_is_never_approximate(firm: Company) -> None:
    with serving(firm, ALL) as served:
        question = {"kpi": "new_opportunities", "period": "2025"}
        assert served.answer([question | {"approximate": True}]) == served.answer([question])


def test_days_and_the_rows_of_a_viewer_are_answered_from_days(firm: Company) -> None:
    with serving(firm, ALL) as served:
        read, row = answered(served, {**CYCLE, "period": "2025-01-05..2025-03-20"}, Viewer("R0"))
    assert [name.split("_by_")[1].split("_")[0] for name in read] == ["day", "day"]
    assert row["n"] == 19


def test_where_the_coarsest_distribution_is_not_worth_it_no_finer_one_is_counted(firm: Company) -> None:
    worth = Only(form=BUCKETS)
    with serving(firm, worth) as served:
        for by in ([], ["rep"], ["rep", "kind"]):
            served.answer([{**CYCLE, "by": by}])
    counted = [(rollup, rows) for rollup, rows in worth.counted if rollup.held]
    assert len({rollup for rollup, _rows in counted}) == len(counted) == 6
    assert {rows for _rollup, rows in counted} == {len(MINUTES)}


def test_a_distribution_has_to_count_many_more_values_than_it_has_rows() -> None:
    spread = Rollup("deal_cycles", "closed", True, (), f"{BUCKETS}_0")
    assert Worth().keeps(spread, 20_000, 180_000) and not Worth().keeps(spread, 20_001, 180_000)
    assert Worth().keeps(spread, 10, 100_000) and not Worth().keeps(spread, 10, 99_999)


def test_more_than_two_dimensions_are_left_to_the_fact(firm: Company) -> None:
    with serving(firm, ALL) as served:
        question = {**CYCLE, "by": ["rep", "kind", "channel"]}
        served.answer([question])
        assert not [name for name in served.sql(question) if name.startswith("rollup_")]


def test_a_median_that_the_facts_gave_is_kept_for_the_next_server(firm: Company) -> None:
    found, builds = [], []
    for answers in (False, True):
        with serving(firm, Worth(rows=0, smaller=1000), answers=answers) as served:
            found.append(served.answer([CYCLE]))
            with served.session() as session:
                builds.append("deal_cycles" in session.builds)
    assert found[0] == found[1]
    assert builds == [True, False]
