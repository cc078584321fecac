"""The SQL of engines has marks for tables and parameters, which are filled in when it is run."""

from __future__ import annotations

from typing import Any

import ibis
import pytest
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from salesgauge.semantics.dialects import writer
from salesgauge.semantics.dialects.marking import marking
from salesgauge.semantics.dialects.marks import parameters_in, tables_in, with_parameters, with_tables
from salesgauge.semantics.model import AS_OF_AT, AS_OF_ON, in_spans
from salesgauge.semantics.scan import ASKED_SPAN, VIEWER, WHERE_

LEADS = ibis.table({"at": "timestamp(6)", "on": "date", "rep": "string", "span": "int64", "channel": "string"}, name="leads")
ASKED = LEADS.filter(LEADS.at <= ibis.literal(AS_OF_AT, type="timestamp(6)"), LEADS.on <= ibis.literal(AS_OF_ON, type="date"),
                     in_spans(LEADS.on), LEADS.rep == VIEWER, LEADS.span.isin([ASKED_SPAN]), LEADS.channel.isin([WHERE_.format(12)]))


@pytest.mark.parametrize("dialect", ["postgresql", "clickhouse"])
def test_every_table_and_parameter_is_a_mark(dialect: str) -> None:
    sql = writer(dialect)(ASKED)
    assert tables_in(sql) == {"leads"}
    assert parameters_in(sql) == {"as_of_at", "as_of_on", "from_on", "until_on", "viewer", "spans", "where12"}
    assert "1111" not in sql
    assert "7777" not in sql


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    sql = with_tables("FROM ⟦leads⟧ WHERE x = ⟦$viewer⟧", {"leads": "⟦$viewer⟧"})
    assert with_parameters("⟦$viewer⟧", lambda name: f"⟦${name}⟧!") == "⟦$viewer⟧!"
    assert sql == "FROM ⟦$viewer⟧ WHERE x = ⟦$viewer⟧"


def test_a_list_of_values_that_is_no_parameter_stays() -> None:
    assert "'web'" in writer("postgresql")(LEADS.filter(LEADS.channel.isin(["web", "event"])))


def test_the_library_overwrites_what_a_dialect_says_unless_it_is_told() -> None:
    said: Any = type("Said", (PostgresCompiler,), {"visit_RandomUUID": lambda self, op: "ours"})
    assert said().visit_RandomUUID(None) != "ours"
    told: Any = type("Told", (PostgresCompiler,), {"visit_RandomUUID": lambda self, op: "ours", "SIMPLE_OPS": {}})
    assert told().visit_RandomUUID(None) == "ours"
    with pytest.raises(AssertionError, match="overwritten"):
        marking(said)
