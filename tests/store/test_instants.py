"""Which instant stands for another, and what in a fact may depend on one."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import pytest

from salesgauge.catalogue import built_in
from salesgauge.facts import FACTS
from salesgauge.schema import EVERY_DAY, TABLES
from salesgauge.semantics.compiler import Compiler
from salesgauge.semantics.fact import Facts
from salesgauge.semantics.model import SPANS, Model
from salesgauge.semantics.shape import Shape
from salesgauge.store.cells import BY_DAY, BY_INSTANT
from salesgauge.store.instants import Instant, LatestEvents

STANDING = {"span", "start_on", "end_on", "start_at", "end_at", "start_window_at", "forecast_cutoff_at"}  # whatever the as-of instant
LEAD, SPENT = ("leads", "created_at"), ("spend", "spent_on")


def instant(day: int, hour: int = 0) -> Instant:
    return Instant(datetime(2025, 1, day, hour), date(2025, 1, day))


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("CREATE TABLE leads (created_at TIMESTAMP); INSERT INTO leads VALUES ('2025-01-05 10:00:00'), ('2025-01-08'), (NULL)")
    made.execute("CREATE TABLE spend (spent_on DATE); INSERT INTO spend VALUES ('2025-01-06'), ('2025-01-09')")
    return made


@pytest.mark.parametrize(("asked", "at", "on"), [
    (instant(1), datetime(1, 1, 1), date(1, 1, 1)), (instant(5, 10), datetime(2025, 1, 5, 10), date(1, 1, 1)),
    (instant(6), datetime(2025, 1, 5, 10), date(2025, 1, 6)), (instant(7, 23), datetime(2025, 1, 5, 10), date(2025, 1, 6)),
    (instant(8), datetime(2025, 1, 8), date(2025, 1, 6)), (instant(30), datetime(2025, 1, 8), date(2025, 1, 9))])
def test_the_latest_event_by_then_stands_for_an_instant(con: duckdb.DuckDBPyConnection, asked: Instant, at: datetime, on: date) -> None:
    latest = LatestEvents()
    for _again in range(2):
        assert latest.anchor(con, [LEAD, SPENT], asked) == (at, on)
    assert latest.anchor(con, [SPENT], asked) == (datetime(1, 1, 1), on)
    assert latest.anchor(con, [LEAD, EVERY_DAY], asked) == (at, asked.on)


def test_between_two_events_nothing_is_read_again(con: duckdb.DuckDBPyConnection) -> None:
    latest = LatestEvents()
    found = latest.anchor(con, [LEAD, SPENT], instant(6))
    con.execute("DROP TABLE leads; DROP TABLE spend")
    assert latest.anchor(con, [LEAD, SPENT], instant(7)) == found
    with pytest.raises(duckdb.CatalogException):
        latest.anchor(con, [LEAD, SPENT], instant(8))


@pytest.mark.parametrize("without", [(), ("orders", "stage_changes", "contracts")])
def test_every_fact_compares_the_instant_with_events_and_uses_it_for_nothing_else(without: tuple[str, ...]) -> None:
    compiler = Compiler(Shape(frozenset(TABLES.keys() - set(without)), (), "EUR", dated=True), FACTS, built_in())
    for name in FACTS:
        page = compiler.fact(name)
        assert page.events is not None, name
        assert bool(page.events) == ("$as_of" in page.sql), name
        assert all(TABLES[table].column(column) for table, column in page.events if (table, column) != EVERY_DAY)
        assert FACTS[name].period or EVERY_DAY not in page.events, f"{name} would be kept anew for every day"


def test_a_fact_that_uses_the_instant_otherwise_depends_on_the_instant_itself() -> None:
    facts = Facts()

    @facts.declare("a lead with its age")
    def ages(m: Model) -> object:
        t = m.stored("leads")
        return t.select("lead_id", age=m.as_of_at.epoch_seconds() - t.created_at.epoch_seconds())

    @facts.declare("a lead known for a day")
    def settled(m: Model) -> object:
        t = m.stored("leads").mutate(later=m.stored("leads").created_at.truncate("D"))
        return t.filter(t.later <= m.as_of_at).select("lead_id")

    @facts.declare("a lead")
    def sound(m: Model) -> object:
        t = m.stored("leads").mutate(renamed=m.stored("leads").created_at)
        return t.filter(t.renamed <= m.as_of_at).select("lead_id")
    @facts.declare("a lead with its days")
    def days(m: Model) -> object:
        t = m.stored("leads")
        return t.filter(t.created_at <= m.as_of_at).select("lead_id", day=m.as_of_on)
    compiler = Compiler(Shape(frozenset(TABLES), (), "EUR", dated=True), facts, built_in())
    assert compiler.fact("days").events == (EVERY_DAY, ("leads", "created_at"))
    assert compiler.fact("ages").events is None
    assert compiler.fact("settled").events is None
    assert compiler.fact("sound").events == (("leads", "created_at"),)


def test_every_column_of_the_spans_is_known_to_move_with_the_instant_or_not() -> None:
    assert set(SPANS.columns) == STANDING | (BY_INSTANT | BY_DAY) - {"span_months"}
