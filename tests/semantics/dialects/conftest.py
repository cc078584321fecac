"""A part of the catalogue that has every operation of the whole."""

from __future__ import annotations

import ibis.expr.types as ir
import pytest

from salesgauge.semantics.question import QuestionShape
from semantics.dialects.catalogue import expressions

# Between them they have every operation of the catalogue: quantiles, windows, the last of a group, intervals, anti joins, cohorts.
SOME_FACTS = ("upsell_openings", "customer_cohorts", "stage_history", "price_sightings", "prospects")
SOME_TABLES = ("opportunities", "activities")
SOME_QUESTIONS = tuple(QuestionShape(kpi, by, where, viewer) for kpi, by, where, viewer in (
    ("win_rate", ("rep",), (("team", True, True),), "reports"), ("sales_cycle_length", (), (), "everything"),
    ("revenue_concentration", (), (), "own"), ("competitor_price_index", ("competitor",), (), "everything"),
    ("quota_attainment", ("team",), (), "everything")))


@pytest.fixture(scope="session")
def some() -> list[ir.Table]:
    """Some facts, tables, questions and the rows behind one."""
    return expressions(facts=SOME_FACTS, tables=SOME_TABLES, questions=SOME_QUESTIONS, sides=SOME_QUESTIONS[:1])
