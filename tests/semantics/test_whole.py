"""Facts in the place of the tables that stand for them, and what may be left out of them then."""

import ibis
import ibis.expr.types as ir
import pytest

from salesgauge.schema import TABLES
from salesgauge.semantics.fact import Facts
from salesgauge.semantics.model import Model
from salesgauge.semantics.shape import Shape
from salesgauge.semantics.sql import to_sql
from salesgauge.semantics.whole import WholeFacts

FACTS = Facts()


@FACTS.declare("a lead")
def born(m: Model) -> ir.Table:
    t = m.asked(m["leads"].mutate(created_on=ibis._.created_at_local.date()), "created_on")
    return t.select("lead_id", "created_on", "owner_id")


@FACTS.declare("an owner's first lead")
def firsts(m: Model) -> ir.Table:
    t = m.fact("born")
    return t.group_by("owner_id").agg(created_on=t.created_on.min())


@pytest.mark.parametrize(("fact", "days", "leaves_out"), [
    ("born", {"created_on"}, True), ("born", {"converted_on"}, False), ("born", {"created_on", "converted_on"}, False),
    ("born", set(), False), ("firsts", {"created_on"}, False)])
def test_what_lies_outside_of_the_periods_is_left_out_only_of_a_fact_that_is_read_by_that_day_alone(
        fact: str, days: set[str], leaves_out: bool) -> None:
    read = ibis.table({"owner_id": "string", "created_on": "date"}, name=f"fact_{fact}")
    whole = WholeFacts(Shape(frozenset(TABLES), (), "EUR"), FACTS).instead_of_tables(read, {fact: days})
    assert ("from_on" in to_sql(whole)) is leaves_out
