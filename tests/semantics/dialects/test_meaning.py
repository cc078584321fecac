"""Nothing is compiled that means one thing on one engine and another on the next, unless a dialect's file says what is written instead.

What the catalogue is made of is held to a list of operations, each with what must be so that it means the same everywhere; the SQL of each
dialect is then looked through, as its own grammar reads it, for what means something else there.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pytest
import sqlglot.expressions as sge

from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from semantics.dialects.catalogue import EVERYTHING, called, expressions, read_back, shapes, sql_of
from semantics.dialects.functions import KNOWN
from semantics.dialects.meaning import faults, unlike

ENGINES = ("duckdb", "postgresql", "clickhouse", "spark")
EACH = 7  # of the questions by a dimension so many are left out between two
VALUES = ibis.table({"a": "int64", "b": "int64", "x": "float64", "on": "date", "text": "string", "said": "string"}, name="samples")


def in_turn(made: list[ir.Table], dialects: tuple[str, ...]) -> set[tuple[str, str]]:
    """The faults of expressions, each in one of the dialects."""
    found = set[tuple[str, str]]()
    for place, expression in enumerate(made):
        dialect = dialects[place % len(dialects)]
        sql = sql_of(expression, dialect)
        found |= {(dialect, fault) for fault in faults(sql, read_back(sql, dialect), dialect)}
    return found


def test_some_of_the_catalogue_means_the_same_in_the_dialects_of_the_engines(some: list[ir.Table]) -> None:
    assert in_turn(some, ENGINES) == set()


def test_some_of_the_catalogue_is_made_of_operations_that_mean_the_same_everywhere(some: list[ir.Table]) -> None:
    assert set(unlike(some)) == set()


@pytest.mark.more
def test_all_of_the_catalogue_means_the_same_everywhere() -> None:
    """Every fact, table and KPI, and some of their dimensions, each in the dialect of one of the engines, in turn."""
    asked = list(shapes())
    alone = tuple(shape for shape in asked if shape.by == EVERYTHING[shape.kpi].required)
    facts = expressions(facts=tuple(FACTS), tables=tuple(TABLES))
    questions = expressions(questions=(*alone, *asked[::EACH]), sides=alone[::EACH])
    assert set(unlike([*facts, *questions])) == set()
    assert in_turn([*facts, *questions], ENGINES) == set()  # of the others tests/semantics/dialects/test_warehouses.py


@pytest.mark.parametrize(("made", "fault"), [
    (VALUES.select(q=VALUES.x / VALUES.b), "Divide"), (VALUES.select(q=VALUES.a // VALUES.b), "FloorDivide"),
    (VALUES.select(q=VALUES.a % 7), "Modulus"), (VALUES.select(q=VALUES.x.round(1)), "Round"),
    (VALUES.select(q=VALUES.x.cast("int64")), "Cast"), (VALUES.select(q=VALUES.text.lower()), "Lowercase"),
    (VALUES.filter(VALUES.text < VALUES.said), "Less"), (VALUES.select(q=VALUES.on.truncate("W")), "DateTruncate"),
    (VALUES.agg(q=VALUES.text.nunique()), "CountDistinct"), (VALUES.agg(q=VALUES.text.first()), "First"),
    (VALUES.agg(q=VALUES.x.var(how="sample")), "Variance"), (VALUES.agg(q=VALUES.text.argmax(VALUES.x)), "ArgMax"),
    (VALUES.select(q=VALUES.on.day_of_week.index()), "DayOfWeekIndex"), (VALUES.filter(VALUES.text.ilike("a%")), "StringSQLILike"),
    (VALUES.select(q=ibis.now()), "TimestampNow"), (VALUES.select(q=VALUES.on.strftime("%d")), "Strftime")])
def test_what_means_something_else_on_another_engine_is_found_out(made: ir.Table, fault: str) -> None:
    assert [found.partition("(")[0] for found in unlike([made])] == [fault]


@pytest.mark.parametrize(("dialect", "sql", "fault"), [
    ("postgresql", "SELECT CONCAT(a, b) FROM t", "CONCAT"), ("snowflake", "SELECT LAG(a) OVER (ORDER BY b DESC) FROM t", "ORDER BY"),
    ("spark", "SELECT LAG(a) OVER (ORDER BY b) FROM t", "ORDER BY"), ("trino", "SELECT a % 2 FROM t", "Mod"),
    ("bigquery", "SELECT ROUND(a) FROM t", "ROUND"), ("clickhouse", "SELECT uniq(a) FROM t", "UNIQ"),
    ("databricks", "SELECT MIN(a) FROM t WHERE b ILIKE 'x'", "ILike"), ("duckdb", "SELECT CURRENT_DATE AS d FROM t", "CurrentDate")])
def test_sql_that_means_something_else_in_its_dialect_is_found_out(dialect: str, sql: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(sql, read_back(sql, dialect), dialect))


@pytest.mark.parametrize("dialect", KNOWN)
def test_whole_numbers_are_divided_as_fractions_and_a_text_with_nothing_is_nothing(dialect: str) -> None:
    divided = read_back(sql_of(VALUES.select(q=VALUES.a / VALUES.b.nullif(0)), dialect), dialect)
    if dialect not in ("duckdb", "clickhouse", "bigquery"):  # there / is always a division of fractions, or a function is
        assert divided.find(sge.Cast)
    joined = sql_of(VALUES.select(t=VALUES.text + VALUES.said), dialect)
    assert ("||" in joined) is (dialect in ("duckdb", "postgresql")), joined
    later = sql_of(VALUES.select(days=VALUES.on.delta(date(2025, 1, 1), unit="day")), dialect)
    assert not called(later) - KNOWN[dialect]
