"""What numpy hands over is what DuckDB's own rows have."""

from __future__ import annotations

import math

import duckdb
import pytest

from salesgauge.semantics.groups import Groups
from salesgauge.store.fetching import fetched

STATEMENTS = (
    "SELECT i AS span, CASE WHEN i % 3 > 0 THEN '陈 ' || i END AS key_rep, i * 1.5::DOUBLE AS num, i > 2 AS late FROM range(5000) t(i)",
    "SELECT i % 3 AS span, sum(CASE WHEN i % 3 > 0 THEN i END) AS num, 7::INTEGER AS n FROM range(50) t(i) GROUP BY ALL ORDER BY 1",
    "SELECT sum(NULL::BIGINT) AS num, NULL::DOUBLE AS den, NULL::VARCHAR AS key_rep, NULL::BOOLEAN AS late",
    "SELECT 'inf'::DOUBLE AS high, -0.0::DOUBLE AS none, 9223372036854775807 AS num, ''::VARCHAR AS key_rep",
    "SELECT 'a' AS key_rep, 1.0::DOUBLE AS num WHERE false",
    "SELECT DATE '2025-01-01' AS day, 12.50::DECIMAL(38, 2) AS num, 9007199254740993::HUGEINT AS den",  # numpy has none of them
)


def both(sql: str) -> tuple[Groups, Groups]:
    with duckdb.connect() as con:
        return fetched(con.execute(sql)), fetched(con.execute(sql), by_columns=True)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_rows_are_the_same_by_columns_and_their_values_of_the_same_types(sql: str) -> None:
    rows, columns = both(sql)
    assert columns == rows
    assert [[type(value) for value in row] for row in columns.rows] == [[type(value) for value in row] for row in rows.rows]


def test_what_is_no_number_stays_none() -> None:
    assert all(math.isnan(groups.rows[0][0]) for groups in both("SELECT 'nan'::DOUBLE AS num"))
