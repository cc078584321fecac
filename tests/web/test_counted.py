"""Where a record counts: exactly where the records behind a value have it."""

from __future__ import annotations

import pytest

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace

PERIOD, AS_OF = "2026-Q1", "2026-05-20T09:00:00+00:00"
SIDES = [("win_rate", "numerator"), ("win_rate", "denominator"), ("new_opportunities", "numerator"), ("average_deal_value", "numerator"),
         ("touches_per_won_deal", "numerator"), ("touches_per_won_deal", "denominator"), ("no_such_kpi", "numerator")]


@pytest.mark.parametrize("whose", ["everything", "rep"])
def test_a_record_adds_what_its_rows_behind_a_value_add(demo: ServedWorkspace, whose: str) -> None:
    won = demo.records({"kpi": "average_deal_value", "period": PERIOD, "as_of": AS_OF}, "denominator")["rows"]
    viewer = EVERYTHING if whose == "everything" else Viewer(won[0]["row"]["owner_id"])
    queries = [({"kpi": kpi, "period": PERIOD, "as_of": AS_OF}, side) for kpi, side in SIDES]
    expected: dict[tuple[str, str], dict[int, float]] = {}
    for place, (query, side) in enumerate(queries[:-1]):
        for row in demo.records(query, side, viewer)["rows"]:
            of_record = expected.setdefault((row["table"], row["id"]), {})
            of_record[place] = of_record.get(place, 0) + row["contribution"]
    first, last = won[0]["id"], won[-1]["id"]
    for table, name in (("opportunities", first), ("opportunities", last), ("activities", first), ("opportunities", "1")):
        found = demo.contributions(queries, table, name, viewer)
        assert {place: number for place, number in enumerate(found) if number is not None} == pytest.approx(expected.get((table, name), {}))
