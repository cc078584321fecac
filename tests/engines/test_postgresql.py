"""What PostgreSQL does otherwise: each test pins one thing that a dialect or column type of ours is there for, and fails when it may go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis import _
from ibis.backends.sql.compilers.postgres import compiler as as_the_library_writes

from salesgauge.errors import EngineError
from salesgauge.semantics.dialects import writer
from salesgauge.semantics.dialects.marks import with_tables
from salesgauge.store.engines.engine import Link
from salesgauge.store.engines.postgresql import PostgreSQL

pytestmark = pytest.mark.more

TABLE = ibis.table({"b": "boolean", "s": "string"}, name="t")


@pytest.fixture
def link(address: Callable[[str], str]) -> Iterator[Link]:
    with closing(PostgreSQL(address("postgresql"), None, "").link()) as opened:
        yield opened


def place(link: Link) -> str:
    rows = pa.table({"b": [True, False, None], "s": ["a", "B", "ä"]})
    return link.put_passing("t", {"b": "boolean", "s": "string"}, rows.to_reader())


def told(link: Link, sql: str, **values: Any) -> str:
    return str(link.rows(sql, {"value": "string"}, values).column(0)[0].as_py())


def test_a_boolean_becomes_a_long_integer_through_an_integer(link: Link) -> None:
    where = place(link)
    sum_of = TABLE.agg(value=_.b.cast("int64").sum())
    assert link.rows(with_tables(writer("postgresql")(sum_of), {"t": where}), {"value": "int64"}, {}).column(0)[0].as_py() == 1
    plain = str(as_the_library_writes.to_sqlglot(sum_of).sql("postgres")).replace('"t"', where, 1)
    with pytest.raises(EngineError, match="cannot cast type boolean to bigint"):
        told(link, plain)


def test_texts_are_in_the_order_of_their_bytes_only_by_their_column(link: Link) -> None:
    ordered = "SELECT string_agg(s, '' ORDER BY s) AS value FROM"
    assert told(link, f"{ordered} {place(link)}") == "Baä"
    assert told(link, f"{ordered} (VALUES ('a'), ('B'), ('ä')) AS plain (s)") == "aäB"


def test_a_sum_of_whole_numbers_comes_back_as_one(link: Link) -> None:
    sql = "SELECT sum(n) AS value FROM (VALUES (1::bigint), (2)) AS t (n)"
    assert told(link, f"SELECT pg_typeof(value)::text AS value FROM ({sql}) s") == "numeric"
    assert link.rows(sql, {"value": "int64"}, {}).column(0).to_pylist() == [3]


def test_days_and_times_are_written_and_read_in_utc_whatever_the_server_prefers(link: Link) -> None:
    assert told(link, "SELECT current_setting('TimeZone') || ' ' || current_setting('DateStyle') AS value") == "UTC ISO, MDY"


@pytest.mark.parametrize("text", ["'; DROP TABLE x; --", "100 %s", "⟦leads⟧", "\\'", '"', "⟦$viewer⟧"])
def test_a_parameter_is_never_part_of_the_sql(text: str, link: Link) -> None:
    assert told(link, "SELECT ⟦$viewer⟧ || '%' AS value", viewer=text) == text + "%"


def test_rows_that_are_sent_arrive_as_they_are(link: Link) -> None:
    texts = ["", None, "a,b", 'say "so"', "two\nlines", "\\N", " ", "大"]
    where = link.put_passing("sent", {"s": "string", "x": "float64"}, pa.table({"s": texts, "x": [0.1 + 0.2] * len(texts)}).to_reader())
    assert link.rows(f"SELECT s, x FROM {where}", {"s": "string", "x": "float64"}, {}).to_pydict() == {"s": texts, "x": [0.1 + 0.2] * 8}


def test_a_server_that_cannot_be_reached_is_said_in_one_line() -> None:
    with pytest.raises(EngineError, match=r"^PostgreSQL: .*refused"):
        PostgreSQL("postgresql://tester:hidden@127.0.0.1:1/none", None, "").link()
