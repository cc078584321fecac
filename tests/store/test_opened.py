"""How the connections of a generation plan what they are asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesgauge.store.session import Session
from salesgauge.workspace import Workspace
from store.workbench import LEADS, Workbench


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    with Workspace(bench.workspace).session() as opened:
        yield opened


def planned(session: Session, sql: str, operators: str) -> list[str]:
    """The operators of these names in the plan of a statement, from the last to the first."""
    (_kind, plan), = session.con.execute(f"EXPLAIN {sql}").fetchall()
    return re.findall(operators, plan)


def test_what_is_held_against_many_periods_is_compared_with_each_and_not_sorted(session: Session) -> None:
    session.con.execute("CREATE TEMP TABLE days AS SELECT range AS day FROM range(100_000)")
    session.con.execute("CREATE TEMP TABLE periods AS SELECT range AS span, range * 9 AS start, range * 9 + 9 AS until FROM range(366)")
    counted = "SELECT span, count(*) FROM days JOIN periods ON day >= start AND day < until GROUP BY ALL"
    assert planned(session, counted, r"\w*JOIN\w*") == ["NESTED_LOOP_JOIN"]


def test_a_comparison_of_both_sides_that_stands_apart_is_made_after_the_join(session: Session) -> None:
    session.con.execute("CREATE TEMP TABLE calls AS SELECT range AS number, range % 7 AS lead, range AS called FROM range(10_000)")
    session.con.execute("CREATE TEMP TABLE leads_ AS SELECT range AS lead, range * 9 AS created FROM range(5)")
    counted = "SELECT count(*) FROM calls JOIN leads_ USING (lead) WHERE coalesce(called >= created, false)"
    assert planned(session, counted, r"FILTER|HASH_JOIN") == ["FILTER", "HASH_JOIN"]
