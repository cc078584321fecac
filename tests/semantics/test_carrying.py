"""What holds until the next that is not empty."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from salesgauge.semantics.carrying import last_known
from salesgauge.semantics.dialects import writer

CHANGES = ibis.table({"deal": "string", "nth": "int64", "value": "float64"}, name="changes")
TYPES = {pa.string(): "string", pa.float64(): "float64", pa.date32(): "date", pa.timestamp("us"): "timestamp(6)"}
EVERY = ("duckdb", "postgresql", "clickhouse", "spark", "databricks", "trino", "snowflake", "bigquery")


def carried(values: list[Any], kind: pa.DataType, **how: bool) -> list[Any]:
    """The values of one deal carried on, in order; another deal's stand among them."""
    rows = [(deal, nth, value) for nth, value in enumerate(values) for deal in ("A", "B") if (deal, nth) != ("B", 0)]
    deals, numbers, found = zip(*reversed(rows), strict=True)
    changes = pa.table({"deal": pa.array(deals), "nth": pa.array(numbers), "value": pa.array(found, kind)})
    table = ibis.table(ibis.schema({"deal": "string", "nth": "int64", "value": TYPES[kind]}), name="changes")
    with duckdb.connect() as con:
        con.register("changes", changes)
        sql = writer("duckdb")(table.mutate(value=last_known(table.value, "deal", "nth", **how)))
        return [value for value, in con.execute(f"SELECT value FROM ({sql}) WHERE deal = 'A' ORDER BY nth").fetchall()]


@pytest.mark.parametrize(("kind", "one", "other"), [
    (pa.string(), "new", "won"), (pa.float64(), 0.0, -1.5), (pa.date32(), date(2024, 2, 29), date(1969, 1, 1)),
    (pa.timestamp("us"), datetime(2024, 1, 1, 0, 0, 0, 1), datetime(1, 1, 1))])
def test_a_value_holds_until_the_next_that_is_not_empty(kind: pa.DataType, one: Any, other: Any) -> None:
    values = [None, one, None, None, other, one, None]
    assert carried(values, kind) == [None, one, one, one, other, one, one]
    assert carried(values, kind, before=True) == [None, None, one, one, one, other, one]


def test_what_never_had_a_value_has_none() -> None:
    assert carried([None, None], pa.string()) == [None, None]


@pytest.mark.parametrize("dialect", EVERY)
def test_every_dialect_says_which_rows_and_that_empty_ones_are_passed_over(dialect: str) -> None:
    sql = writer(dialect)(CHANGES.mutate(value=last_known(CHANGES.value, "deal", "nth", before=True))).upper()
    assert "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING" in sql
    assert "IGNORE NULLS" in sql or "IS NULL) OVER" in sql


def test_the_library_does_not_say_it_of_its_own_last() -> None:
    window = ibis.cumulative_window(group_by="deal", order_by="nth")
    assert "NULLS" not in writer("duckdb")(CHANGES.mutate(value=CHANGES.value.last(include_null=False).over(window)))
