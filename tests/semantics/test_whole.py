"""Facts in the place of the tables that stand for them, and what may be left out of them then."""

import re
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from salesgauge.schema import TABLES
from salesgauge.semantics.fact import Facts
from salesgauge.semantics.measure import Measure, Where
from salesgauge.semantics.model import Model, Rows
from salesgauge.semantics.scan import Chosen
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


@FACTS.declare("a lead with the owner's calls since")
def called(m: Model) -> ir.Table:
    t = m["leads"].mutate(created_on=ibis._.created_at_local.date())
    asked = m.asked(t, "created_on", "channel")
    calls = m.at_least("calls", None if asked is t else Rows("leads", "owner_id", asked.select("owner_id")))
    j = asked.inner_join(calls, [asked.owner_id == calls.rep_id])
    j = m.asked_from(j.filter(m.apart(j.occurred_at >= j.created_at)), "occurred_at", "created_on")
    return j.select("lead_id", "created_on", "channel", "owner_id", "occurred_at")


@FACTS.declare("a call of an owner of leads")
def calls(m: Model) -> ir.Table:
    owners = m.at_least("born", m.rows).select("owner_id").distinct()
    a = m["activities"].select("rep_id", "occurred_at")
    return a.semi_join(owners, [a.rep_id == owners.owner_id])


def from_ads(t: ir.Table) -> ir.BooleanValue:
    return t.channel == "ads"


def of_bo(t: ir.Table) -> ir.BooleanValue:
    return t.owner_id == "bo"


def whole_sql(fact: str, chosen: Chosen) -> str:
    """The SQL of a fact of which a question reads these rows."""
    columns = {"owner_id": "string", "created_on": "date"}
    read = ibis.table(columns, name=f"fact_{fact}")
    return to_sql(WholeFacts(Shape(frozenset(TABLES), (), "EUR"), FACTS).instead_of_tables(read, {fact: chosen}))


@pytest.mark.parametrize(("fact", "days", "leaves_out"), [
    ("born", {"created_on"}, True), ("born", {"converted_on"}, False), ("born", {"created_on", "converted_on"}, False),
    ("born", set(), False), ("firsts", {"created_on"}, False)])
def test_what_lies_outside_of_the_periods_is_left_out_only_of_a_fact_that_is_read_by_that_day_alone(
        fact: str, days: set[str], leaves_out: bool) -> None:
    assert ("from_on" in whole_sql(fact, Chosen(days, {None}))) is leaves_out


@pytest.mark.parametrize(("counted", "leaves_out"), [
    ({from_ads}, True), ({from_ads, None}, False), ({from_ads, of_bo}, False), ({of_bo}, False), (set(), False)])
def test_what_no_measure_counts_is_left_out_where_the_fact_has_all_that_tells_it(counted: set[Where | None], leaves_out: bool) -> None:
    assert ("'ads'" in whole_sql("called", Chosen({"created_on"}, counted))) is leaves_out


def test_what_no_measure_counts_stays_where_the_rows_are_not_chosen_by_that_day_alone() -> None:
    assert "'ads'" not in whole_sql("called", Chosen({"created_on", "left_on"}, {from_ads}))


@pytest.mark.parametrize(("more", "counted"), [
    ({}, from_ads), ({"set_aside": "value_missing"}, None), ({"transform": lambda _scan, t: t}, None), ({"where": None}, None)])
def test_what_a_measure_sets_aside_or_looks_at_in_a_last_step_is_not_left_out(more: dict[str, Any], counted: Where | None) -> None:
    chosen = Chosen()
    chosen.note("created_on", Measure("leads", "born", **{"where": from_ads, **more}))
    assert chosen == Chosen({"created_on"}, {counted})


def test_what_is_compared_with_other_rows_is_not_left_out() -> None:
    chosen = Chosen()
    chosen.note("created_on", Measure("leads", "born", where=from_ads), compared=True)
    assert chosen == Chosen({"created_on"}, {None})


APART = re.compile(r'COALESCE\(\S+"occurred_at" >= \S+"created_at", FALSE\)')


def test_a_comparison_of_both_sides_stands_apart_from_the_join_in_a_fact_that_is_built_for_one_question_alone() -> None:
    columns = {"calls": {"rep_id": "string", "occurred_at": "timestamp(6)"}}
    by_itself = FACTS["called"].build(Model(Shape(frozenset(TABLES), (), "EUR"), columns.__getitem__))
    assert APART.search(whole_sql("called", Chosen()))
    assert "COALESCE" not in to_sql(by_itself) and '"occurred_at" >= "' in re.sub(r'"t\d+"\.', "", to_sql(by_itself))


@pytest.mark.parametrize(("days", "leaves_out"), [({"created_on"}, True), ({"left_on"}, False), ({"created_on", "left_on"}, False)])
def test_what_happened_long_before_all_periods_is_left_out_of_what_happened_since_a_day_in_them(days: set[str], leaves_out: bool) -> None:
    before = re.search(r'"occurred_at" >= \(CAST\(GETVARIABLE\(.from_on.\) AS TIMESTAMP\(6\)\) - INTERVAL .2. DAY\)',
                       whole_sql("called", Chosen(days, {None})))
    assert (before is not None) is leaves_out


def test_the_rows_that_a_reader_asks_for_are_all_that_is_read_of_the_facts_below_it() -> None:
    asked, all_of_them = (whole_sql("called", Chosen(days, {None})) for days in ({"created_on"}, {"created_on", "left_on"}))
    assert '"id__"' in asked and '"id__"' not in all_of_them
