"""What DuckDB is asked for, where it is another text than the expression library's."""

from __future__ import annotations

import duckdb
import ibis
import pytest

from salesgauge.semantics.sql import to_sql

COUNTS = ibis.table({"team": "string", "rows": "int64"}, name="counts")
TIMES = ibis.table({"team": "string", "hours": "float64", "counts": "boolean"}, name="times")


def test_quantiles_of_the_same_values_are_told_together_and_are_those_of_each_alone() -> None:
    hours, counts = TIMES.hours, TIMES.counts
    sql = to_sql(TIMES.group_by("team").agg(median=hours.quantile(0.5, where=counts), p90=hours.quantile(0.9, where=counts),
                                            least=hours.quantile(0.25)).order_by("team"))
    with duckdb.connect() as con:
        con.execute("CREATE TABLE times AS SELECT 'a' AS team, i * 1.5::DOUBLE AS hours, i % 3 > 0 AS counts FROM range(10) t(i) "
                    "UNION ALL VALUES ('b', NULL, true), ('c', 1, false)")
        alone = con.execute("SELECT team, quantile_cont(hours, 0.5) FILTER (counts), quantile_cont(hours, 0.9) FILTER (counts), "
                            "quantile_cont(hours, 0.25) FROM times GROUP BY team ORDER BY team").fetchall()
        assert con.execute(sql).fetchall() == alone == [("a", 6.75, 11.25, 3.375), ("b", None, None, None), ("c", None, None, 1.0)]
        [[_kind, plan]] = con.execute(f"EXPLAIN {sql}").fetchall()
        assert plan.count("quantile_cont(") == 2, "one of the two together, one of the third"


def test_sums_of_whole_numbers_are_whole_numbers_of_64_bits_over_groups_and_windows() -> None:
    sums = COUNTS.group_by("team").agg(rows=COUNTS.rows.sum(), some=COUNTS.rows.sum(where=COUNTS.rows > 1), true=(COUNTS.rows > 1).sum())
    over = COUNTS.select("team", part=COUNTS.rows / COUNTS.rows.sum().over(group_by="team"), all=COUNTS.rows.sum().over())
    with duckdb.connect() as con:
        con.execute("CREATE TABLE counts AS FROM (VALUES ('a', 1::BIGINT), ('a', 3), ('b', 2)) t(team, rows)")
        found = con.execute(to_sql(sums.order_by("team")))
        assert [str(column[1]) for column in found.description] == ["VARCHAR", "BIGINT", "BIGINT", "BIGINT"]
        assert found.fetchall() == [("a", 4, 3, 1), ("b", 2, 2, 1)]
        assert con.execute(to_sql(over.order_by("part"))).fetchall() == [("a", 0.25, 6), ("a", 0.75, 6), ("b", 1.0, 6)]
        con.execute(f"INSERT INTO counts VALUES ('c', {2**63 - 1}), ('c', 1)")
        with pytest.raises(duckdb.ConversionException):
            con.execute(to_sql(sums)).fetchall()
