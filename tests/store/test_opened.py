"""How the connections of a generation plan what they are asked."""

from __future__ import annotations

import re
from pathlib import Path

from salesgauge.workspace import Workspace
from store.workbench import LEADS, Workbench


def test_what_is_held_against_many_periods_is_compared_with_each_and_not_sorted(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    with Workspace(bench.workspace).session() as session:
        session.con.execute("CREATE TEMP TABLE days AS SELECT range AS day FROM range(100_000)")
        session.con.execute("CREATE TEMP TABLE periods AS SELECT range AS span, range * 9 AS start, range * 9 + 9 AS until FROM range(366)")
        (_kind, plan), = session.con.execute(
            "EXPLAIN SELECT span, count(*) FROM days JOIN periods ON day >= start AND day < until GROUP BY ALL").fetchall()
    assert re.findall(r"\w*JOIN\w*", plan) == ["NESTED_LOOP_JOIN"]
