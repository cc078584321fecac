"""What lies outside of the periods is left out where its day is told, and nothing else is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pytest

from salesgauge.facts.attach import first_of, looked_up
from salesgauge.semantics.early import left_out_early
from salesgauge.semantics.model import in_spans
from salesgauge.semantics.sql import to_sql

CALLS = ibis.table({"call": "string", "at": "timestamp(6)", "deal": "string"}, name="calls")
DEALS = ibis.table({"deal": "string", "at": "timestamp(6)", "rep": "string"}, name="deals")


def day(t: ir.Table) -> ir.Table:
    return t.mutate(day=t["at"].date())


def asked(t: ir.Table) -> ir.Table:
    return t.filter(in_spans(t.day))


def of_deal(t: ir.Table) -> ir.Table:
    return looked_up(t, DEALS, [("deal", "deal")], {"rep": "rep"})


def filters_of_instants(t: ir.Table) -> list[ops.Filter]:
    """The filters that ask for an instant, once what can be is left out early."""
    def compared(node: ops.Filter) -> list[Any]:
        return [found for predicate in node.predicates for found in predicate.find((ops.GreaterEqual, ops.Less), filter=ops.Value)]
    return [node for node in left_out_early(t).op().find(ops.Filter)
            if any(comparison.left.dtype.is_timestamp() for comparison in compared(node))]


def rows(t: ir.Table) -> list[tuple[Any, ...]]:
    """Its rows, of calls before, in and after 2025, at its very bounds too."""
    with duckdb.connect() as con:
        con.execute("SET VARIABLE from_on = DATE '2025-01-01'")
        con.execute("SET VARIABLE until_on = DATE '2026-01-01'")
        con.execute('CREATE TABLE calls (call VARCHAR, "at" TIMESTAMP, deal VARCHAR)')
        con.execute('CREATE TABLE deals (deal VARCHAR, "at" TIMESTAMP, rep VARCHAR)')
        instants = (datetime(2024, 12, 31, 23, 59, 59, 999_999), datetime(2025, 1, 1), datetime(2025, 7, 1),
                    datetime(2025, 12, 31, 23, 59, 59, 999_999), datetime(2026, 1, 1), None)
        for number, at in enumerate(instants):
            con.execute("INSERT INTO calls VALUES ($call, $at, $deal)", {"call": f"C{number}", "at": at, "deal": f"D{number % 2}"})
            con.execute("INSERT INTO deals VALUES ($deal, $at, $rep)", {"deal": f"D{number}", "at": at, "rep": f"R{number}"})
        return sorted(con.execute(to_sql(t)).fetchall(), key=repr)


DEALS_OF_DAYS = DEALS.mutate(day=DEALS["at"].date()).select("deal", "day")
ONCE = {
    "a table": asked(day(CALLS)),
    "what was looked up": asked(of_deal(day(CALLS))),
    "what was looked up before the day": asked(day(of_deal(CALLS))),
    "columns renamed, dropped and filtered": asked(
        day(CALLS).rename(said="day").filter(ibis._.deal.notnull()).drop("at").rename(day="said")),
    "two tables as one": asked(ibis.union(day(CALLS).select("deal", "day"), DEALS_OF_DAYS)),
    "calls of deals that there are": asked(day(CALLS).semi_join(DEALS, "deal")),
}
WHOLE = {
    "the first of each deal": asked(first_of(day(CALLS), ["deal"], [day(CALLS)["at"]]).select("call", "day")),
    "how many of each day": asked(day(CALLS).group_by("day").agg(calls=ibis._.count())),
    "the day of what is looked up": asked(looked_up(CALLS, DEALS_OF_DAYS, [("deal", "deal")], {"day": "day"})),
    "calls with those of the same day": asked(day(CALLS).mutate(others=ibis._.call.count().over(ibis.window(group_by="day")))),
}


@pytest.mark.parametrize("name", ONCE)
def test_it_is_left_out_where_the_day_is_told(name: str) -> None:
    assert len(filters_of_instants(ONCE[name])) == (4 if name == "two tables as one" else 2)  # of both bounds
    assert rows(left_out_early(ONCE[name])) == rows(ONCE[name])
    assert rows(ONCE[name])


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_not_where_other_rows_depend_on_it(name: str) -> None:
    assert filters_of_instants(WHOLE[name]) == []
    assert rows(left_out_early(WHOLE[name])) == rows(WHOLE[name])


def test_of_an_instant_that_counts_only_where_something_holds_the_stored_one_is_asked_as_well() -> None:
    held = CALLS.mutate(at=CALLS.deal.notnull().ifelse(CALLS["at"], ibis.null("timestamp(6)")))
    t = asked(of_deal(day(of_deal(held).drop("rep"))))
    assert len(filters_of_instants(t)) == 4  # of both bounds: the instant that counts, and the one that is stored
    assert rows(left_out_early(t)) == rows(t)
    assert rows(t)


def test_the_filter_stands_below_what_is_looked_up() -> None:
    made = left_out_early(ONCE["what was looked up"]).op()
    (join,) = made.find(ops.JoinChain)
    assert join.first.parent.find(ops.Filter)
