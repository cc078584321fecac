"""What DuckDB is asked for, where it is another text than the expression library's."""

from __future__ import annotations

import duckdb
import ibis

from salesgauge.semantics.sql import to_sql

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
