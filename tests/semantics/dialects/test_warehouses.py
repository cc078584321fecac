"""The whole catalogue in the SQL of warehouses to which no test has a connection: Trino, Snowflake, BigQuery, Databricks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pytest
import sqlglot.expressions as sge

from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from semantics.dialects.catalogue import EVERYTHING, SHAPE, expressions, read_back, shapes, sql_of
from semantics.dialects.meaning import faults

WAREHOUSES = ("trino", "snowflake", "bigquery", "databricks")
TIMES = ibis.table({"g": "string", "at": "timestamp(6)", "value": "float64", "counts": "boolean", "a": "date", "b": "date"}, name="times")


def check(expression: ir.Table, dialect: str) -> None:
    """One statement of that dialect, which gives the expression's columns and has nothing that was not looked up there."""
    sql = sql_of(expression, dialect)
    tree = read_back(sql, dialect)
    assert not list(faults(sql, tree, dialect))
    columns = tree.named_selects
    assert "*" in columns or columns == list(expression.columns)


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_some_of_the_catalogue_is_sql_of_a_warehouse(dialect: str, some: list[ir.Table]) -> None:
    for expression in some:
        check(expression, dialect)


@pytest.mark.more
@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_is_sql_of_every_warehouse(fact: str) -> None:
    for expression in expressions(facts=(fact,)):
        for dialect in WAREHOUSES:
            check(expression, dialect)


@pytest.mark.more
def test_every_canonical_table_as_known_is_sql_of_every_warehouse() -> None:
    for expression in expressions(tables=tuple(TABLES)):
        for dialect in WAREHOUSES:
            check(expression, dialect)


@pytest.mark.more
@pytest.mark.parametrize("area", sorted({kpi.area for kpi in EVERYTHING.values()}))
def test_every_question_of_an_area_is_sql_of_a_warehouse(area: str) -> None:
    """Each KPI alone in all four, each of its dimensions in one of them, in turn."""
    asked = [shape for shape in shapes() if EVERYTHING[shape.kpi].area == area]
    for place, (shape, expression) in enumerate(zip(asked, expressions(questions=tuple(asked)), strict=True)):
        alone = shape.by == EVERYTHING[shape.kpi].required
        for dialect in WAREHOUSES if alone else WAREHOUSES[place % 4:place % 4 + 1]:
            check(expression, dialect)


def test_the_shapes_ask_for_every_dimension_of_every_kpi() -> None:
    asked = {(shape.kpi, dimension) for shape in shapes() for dimension in shape.by}
    assert asked >= {(kpi.id, dimension) for kpi in EVERYTHING.values() for dimension in kpi.all_dimensions(SHAPE)}


def to_the_digit(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(round(value, 12) if isinstance(value, float) else value for value in row)


@pytest.mark.parametrize("dialect", ["trino", "bigquery"])
def test_quantiles_of_gathered_values_are_the_exact_ones(dialect: str) -> None:
    """What these two write instead of a quantile is run by DuckDB, beside its own."""
    made = TIMES.group_by("g").agg(nine=TIMES.value.quantile(0.9, where=TIMES.counts), quarter=TIMES.value.quantile(0.25))
    written = read_back(sql_of(made, dialect), dialect).sql("duckdb")
    with duckdb.connect() as con:
        con.execute("CREATE TABLE times AS SELECT g, CAST(v AS DOUBLE) AS value, c AS counts FROM (VALUES ('a', 1.5, true), "
                    "('a', 4, true), ('a', 9, false), ('a', 7.25, true), ('b', NULL, true), ('c', 2, true), ('c', 3, NULL), ('d', 5, true)"
                    ") t(g, v, c)")
        own = con.execute("SELECT g, quantile_cont(value, 0.9) FILTER (WHERE counts), quantile_cont(value, 0.25) FROM times GROUP BY g "
                          "ORDER BY g").fetchall()
        found = con.execute(written).fetchall()
    assert sorted(map(to_the_digit, found)) == list(map(to_the_digit, own))


@pytest.mark.parametrize(("dialect", "never"), [
    ("trino", ("to_unixtime", "%f", "MICROSECOND", "approx_percentile")), ("snowflake", ("epoch_microsecond",)),
    ("bigquery", ("TIMESTAMP_TRUNC", "UNIX_SECONDS", "TIMESTAMP_ADD", "APPROX_QUANTILES")), ("databricks", ("approx",))])
def test_instants_and_quantiles_are_not_written_as_the_expression_library_would(dialect: str, never: tuple[str, ...]) -> None:
    made = TIMES.select(seconds=TIMES.at.truncate("s").epoch_seconds(), micros=TIMES.at.microsecond(),
                        later=TIMES.at + ibis.interval(microseconds=1))
    sql = sql_of(made, dialect) + sql_of(TIMES.agg(q=TIMES.value.quantile(0.9)), dialect)
    assert not [word for word in never if word.lower() in sql.lower()]


@pytest.mark.parametrize("dialect", ["trino", "snowflake", "bigquery"])
def test_the_greater_of_two_days_passes_over_an_empty_one(dialect: str) -> None:
    sql = sql_of(TIMES.select(later=ibis.greatest(TIMES.a, TIMES.b), earlier=ibis.least(TIMES.a, TIMES.b)), dialect)
    assert sql.count("COALESCE(GREATEST(") == sql.count("COALESCE(LEAST(") == 1


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_empty_values_come_last_in_a_window(dialect: str) -> None:
    window = ibis.window(group_by="g", order_by=[ibis.desc("at"), ibis.asc("a")])
    written = read_back(sql_of(TIMES.select(nth=ibis.row_number().over(window)), dialect), dialect).find(sge.Window)
    assert written is not None
    order = written.args["order"].sql("duckdb")
    with duckdb.connect() as con:
        rows = con.execute(f'SELECT t0."at", t0.a FROM (VALUES (2, 1), (NULL, 1), (2, NULL), (3, NULL)) AS t0("at", a) {order}').fetchall()
    assert rows == [(3, None), (2, 1), (2, None), (None, 1)]


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_whole_numbers_are_divided_as_fractions(dialect: str) -> None:
    days = TIMES.a.epoch_days() - TIMES.b.epoch_days()
    sql = sql_of(TIMES.select(years=days / 365), dialect)
    divided = {"trino": "AS DOUBLE) / 365", "snowflake": "AS DOUBLE)", "bigquery": "ieee_divide", "databricks": "TRY_DIVIDE(CAST"}
    assert divided[dialect] in sql


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_an_instant_without_a_zone_stays_one(dialect: str) -> None:
    made = TIMES.select(first=ibis.literal(datetime(1, 1, 1), type="timestamp(6)"), none=ibis.null("timestamp(6)"))
    assert {"trino": "TIMESTAMP(6)", "snowflake": "TIMESTAMPNTZ", "bigquery": "DATETIME", "databricks": "TIMESTAMP_NTZ"}[dialect] in sql_of(
        made, dialect)
