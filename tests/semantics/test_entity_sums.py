"""What has put entities together says of a group what its entities say."""

from __future__ import annotations

import duckdb
import ibis
import pytest

from salesgauge.catalogue import built_in
from salesgauge.semantics.added import Added
from salesgauge.semantics.entity_sums import EntitySums
from salesgauge.semantics.parts import parts_of
from salesgauge.semantics.sql import to_sql

EACH = ibis.table({"rep": "string", "account": "string", "belong": "int64", "count": "int64", "sum": "float64", "aside": "int64"}, "each")
ROWS = [("R1", "A1", 3, 2, 10.0, 1), ("R1", "A2", 1, 1, 40.0, 0), ("R1", "A3", 2, 0, None, 2), ("R1", None, 1, 1, 99.0, 0),
        ("R1", "A4", 1, 1, None, 0), ("R2", "A5", 4, 0, None, 4)]


def told() -> tuple[Added, list[dict[str, object]]]:
    """Where the numbers of a mean over accounts are, and the groups by rep."""
    kpi, sums = built_in()["historic_customer_value"], EntitySums()
    [part], _further = parts_of(kpi.formula)
    added = sums.of(part, Added("belong", {"num": "sum", "num_n": "count", "den": "count", "den_n": "count", "aside_x": "aside"}), kpi)
    made = EACH.group_by("rep").agg(**sums.aggregated(EACH, "account")).order_by("rep")
    with duckdb.connect() as con:
        con.execute("CREATE TABLE each (rep VARCHAR, account VARCHAR, belong BIGINT, count BIGINT, sum DOUBLE, aside BIGINT)")
        con.executemany("INSERT INTO each VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        cursor = con.execute(to_sql(made))
        names = [column[0] for column in cursor.description]
        return added, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_accounts_count_that_have_rows_that_count_and_what_belongs_to_none_does_not() -> None:
    added, [first, second] = told()
    assert [first[added.numbers[name]] for name in ("num", "num_n", "den", "den_n", "aside_x")] == [50.0, 3, 3, 3, 3]
    assert (first[added.rows], first["count__"]) == (8, 5)
    assert [second[added.numbers[name]] for name in ("num", "num_n", "den", "aside_x")] == [None, 0, 0, 4]


def test_deviations_are_those_of_the_sums_that_are_there() -> None:
    added, [first, _second] = told()
    assert added.dev and added.present and added.total
    assert (first[added.present], first[added.total]) == (2, 50.0)
    assert first[added.dev] == pytest.approx(2 * 15.0**2)


def test_a_name_stands_for_one_column_whoever_asks_for_it() -> None:
    kpi, sums = built_in()["historic_customer_value"], EntitySums()
    [part], _further = parts_of(kpi.formula)
    at = Added("belong", {"num": "sum", "num_n": "count", "den": "count", "den_n": "count"})
    assert sums.of(part, at, kpi) == sums.of(part, at, kpi)
    assert sums.schema(sums.of(part, at, kpi).columns).keys() == set(sums.aggregated(EACH, "account")) - {"count__"}
