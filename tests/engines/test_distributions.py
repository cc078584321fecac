"""Counts of values and their quantiles on engines: what an engine counts, DuckDB and the engine put together to the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from engines.conftest import EVERY_ENGINE
from salesgauge.semantics.dialects import writer
from salesgauge.semantics.dialects.marks import with_tables
from salesgauge.semantics.distribution import COLUMNS, counted, quantiles
from salesgauge.semantics.sql import to_sql
from salesgauge.store.engines.clickhouse import ClickHouse
from salesgauge.store.engines.postgresql import PostgreSQL
from salesgauge.store.engines.spark import Spark

COLUMNS_OF = {"g": "string", "v": "float64"}
VALUES = ibis.table(COLUMNS_OF, name="values_")
ENGINES: dict[str, Any] = {"postgresql": PostgreSQL, "clickhouse": ClickHouse, "spark": Spark}
ROWS = pa.table({"g": ["a"] * 300 + ["b"] * 7, "v": [None if n % 17 == 0 else (n * 37 % 101 - 20) / 7 for n in range(300)] + [
    0.0, -0.0, 1e-310, -1e308, 1.7e308, 1e-9, None]})


@pytest.mark.parametrize("name", EVERY_ENGINE)
def test_what_an_engine_counts_is_what_is_counted_here(name: str, address: Callable[[str], str]) -> None:
    with duckdb.connect() as con, closing(ENGINES[name](address(name), None, "spread").link()) as link:
        link.make_space("spread")
        con.register("values_", ROWS)
        place = {"values_": link.put_passing("values_", COLUMNS_OF, ROWS.to_reader())}
        for exactly in (True, False):
            counts = counted(VALUES, VALUES.v, {"g": VALUES.g}, exactly=exactly)
            found = link.rows(with_tables(writer(name)(counts), place), {"g": "string", **COLUMNS}, {})
            con.register("counts", found)
            kept = ibis.table({"g": "string", **COLUMNS}, name="counts")
            own, there = (rows(con, to_sql(quantiles(made, ["g"], exactly=exactly))) for made in (counts, kept))
            assert there == own and len(own) == 2
            put_together = quantiles(counts, ["g"], exactly=exactly)
            on_it = link.rows(with_tables(writer(name)(put_together), place), {n: str(k) for n, k in put_together.schema().items()}, {})
            assert sorted(tuple(row.values()) for row in on_it.to_pylist()) == [pytest.approx(row) for row in own]


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return sorted(con.execute(sql).fetchall())
