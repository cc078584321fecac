"""What ClickHouse does otherwise: each test pins one thing that a dialect or setting of ours is there for, and fails when it may go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis import _
from ibis.backends.sql.compilers.clickhouse import compiler as as_the_library_writes

from engines.conftest import of_rows, put_on
from laws.companies import company
from salesgauge.errors import EngineError
from salesgauge.semantics.dialects import writer
from salesgauge.semantics.dialects.clickhouse_days import FIRST_DAY, held_day, nearest_day
from salesgauge.semantics.dialects.marks import with_tables
from salesgauge.store.engines.clickhouse import SETTINGS, ClickHouse
from salesgauge.store.engines.engine import Link

pytestmark = pytest.mark.more

ROWS = pa.table({"at": pa.array([datetime(1969, 12, 31, 23, 59, 58, 500_000)], pa.timestamp("us")), "n": pa.array([1], pa.int64()),
                 "on": pa.array([date(1950, 1, 1)], pa.date32())})
TABLE = ibis.table({"at": "timestamp(6)", "n": "int64", "on": "date"}, name="t")


@pytest.fixture
def link(address: Callable[[str], str]) -> Iterator[Link]:
    with closing(ClickHouse(address("clickhouse"), None, "pinned").link()) as opened:
        opened.make_space("pinned")
        yield opened


@pytest.fixture
def place(link: Link) -> str:
    return link.put_passing("t", {"at": "timestamp(6)", "n": "int64", "on": "date"}, ROWS.to_reader())


def ours(link: Link, place: str, value: Any, kind: str) -> Any:
    """The value of an expression over the one row, as our dialect writes it."""
    sql = with_tables(writer("clickhouse")(TABLE.select(value=value)), {"t": place})
    return link.rows(sql, {"value": kind}, {}).column(0)[0].as_py()


def theirs(link: Link, place: str, value: Any) -> str:
    """The same as the expression library writes it, as text."""
    sql = str(as_the_library_writes.to_sqlglot(TABLE.select(value=value)).sql("clickhouse"))
    return told(link, f'SELECT toString(value) FROM ({sql.replace("FROM t ", f"FROM {place} ").replace(chr(34) + "t" + chr(34), place)})')


def told(link: Link, sql: str) -> str:
    return str(link.rows(sql, {"value": "string"}, {}).column(0)[0].as_py())


def test_seconds_before_1970_are_counted(link: Link, place: str) -> None:
    assert ours(link, place, _.at.truncate("s").epoch_seconds(), "int64") == -2
    assert theirs(link, place, _.at.truncate("s").epoch_seconds()) != "-2"


def test_microseconds_before_1970_are_positive(link: Link, place: str) -> None:
    assert ours(link, place, _.at.microsecond(), "int64") == 500_000
    assert theirs(link, place, _.at.microsecond()) == "-500000"


def test_the_day_of_an_instant_before_1970_is_that_day(link: Link, place: str) -> None:
    assert ours(link, place, _.at.date(), "date") == date(1969, 12, 31)
    with pytest.raises(EngineError, match="out of bounds"):
        theirs(link, place, _.at.date())


def test_a_day_as_a_literal_keeps_its_century(link: Link, place: str) -> None:
    assert ours(link, place, ibis.literal(date(1950, 1, 1)) == _.on, "boolean") is True
    with pytest.raises(EngineError):
        theirs(link, place, ibis.literal(date(1950, 1, 1)) == _.on)


def test_a_quantile_is_exact_and_interpolates(link: Link) -> None:
    numbers = "FROM (SELECT arrayJoin([1., 2., 3., 4.]) AS x)"
    assert told(link, f"SELECT toString(quantileExactInclusive(0.9)(x)) AS value {numbers}") == "3.7"
    assert told(link, f"SELECT toString(quantileExact(0.9)(x)) AS value {numbers}") == "4"
    assert "quantileExactInclusive" in writer("clickhouse")(TABLE.agg(value=_.n.quantile(0.9)))


def test_the_row_before_the_first_of_what_cannot_be_null_would_be_a_zero(link: Link) -> None:
    rows = "FROM (SELECT toInt64(5) AS x)"
    window = "OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    assert told(link, f"SELECT toString(lagInFrame(x, 1) {window}) AS value {rows}") == "0"
    assert told(link, f"SELECT toString(lagInFrame(toNullable(x), 1) {window}) AS value {rows}") == "None"
    assert "toNullable" in writer("clickhouse")(TABLE.select(value=_.n.lag().over(ibis.window(order_by="n"))))


@pytest.mark.parametrize(("sql", "unset"), [
    ("SELECT toString(y) AS value FROM (SELECT 1 AS x) a LEFT JOIN (SELECT 2 AS x, 3 AS y) b USING x", "join_use_nulls = 0"),
    ("SELECT toString(sum(x)) AS value FROM (SELECT toInt64(1) AS x) WHERE x > 1", "aggregate_functions_null_for_empty = 0")])
def test_nothing_is_null_only_by_a_setting(sql: str, unset: str, link: Link) -> None:
    assert told(link, sql) == "None"
    assert told(link, f"{sql} SETTINGS {unset}") == "0"


def test_a_day_that_a_type_cannot_hold_is_an_error_only_by_a_setting(link: Link) -> None:
    sql = "SELECT toString(toDate(toDateTime64('1950-01-01 00:00:00', 6, 'UTC'))) AS value"
    with pytest.raises(EngineError, match="out of bounds"):
        told(link, sql)
    assert told(link, f"{sql} SETTINGS date_time_overflow_behavior = 'ignore'") != "1950-01-01"


def test_every_setting_is_what_it_must_be(link: Link) -> None:
    for name, wanted in SETTINGS.items():
        assert told(link, f"SELECT value FROM system.settings WHERE name = '{name}'") == wanted


def test_the_ends_of_the_calendar_lie_outside_what_is_held() -> None:
    assert held_day(date(1, 1, 1)) == date(1900, 1, 1) < FIRST_DAY
    assert held_day(datetime(9999, 12, 31)) == datetime(2299, 12, 31)
    assert held_day(date(1899, 12, 31)) is None
    assert held_day(date(1900, 1, 2)) == date(1900, 1, 2)
    assert nearest_day(date(1850, 5, 5)) == date(1900, 1, 1)
    assert nearest_day(datetime(2024, 5, 5, 1)) == datetime(2024, 5, 5, 1)


def test_a_day_that_clickhouse_cannot_hold_refuses_the_generation(address: Callable[[str], str], tmp_path: Path) -> None:
    tables = company(1, 2)
    tables["reps"][0]["hired_on"] = "1871-01-18"
    local = of_rows(tmp_path, tables)
    there = put_on(local.folder, "clickhouse", address("clickhouse"), "too_old")
    with pytest.raises(EngineError, match=r"can hold days from 1900-01-02 to 2299-12-30, and hired_on has 1871-01-18"):
        there.answer([{"kpi": "revenue", "period": "2025"}])


def test_an_instant_before_all_that_is_held_knows_nothing(address: Callable[[str], str], tmp_path: Path) -> None:
    local = of_rows(tmp_path, company(1, 4))
    query = {"kpi": "revenue", "period": "1871", "as_of": "1871-01-18"}
    expected = local.answer([query])
    assert put_on(local.folder, "clickhouse", address("clickhouse"), "early").answer([query]) == expected
