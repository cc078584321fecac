"""Quantiles from counts: equal to those of the values where each is counted by itself, within the stated error where buckets are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import duckdb
import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesgauge.semantics.distribution import ERROR, bucket_of, counted, quantiles
from salesgauge.semantics.sql import to_sql
from semantics.dialects.catalogue import called, read_back, sql_of
from semantics.dialects.functions import KNOWN

VALUES = ibis.table({"g": "string", "day": "int64", "v": "float64"}, name="values_")
FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)
TIED = st.sampled_from([0.0, -0.0, 1.0, 1.01, 1.0201, 5e-324, 1e-300, -1e-300, 1e300, 1.7e308, -1.7e308, 86400.0, 1 / 3600])
DURATIONS = st.integers(0, 10**7).map(lambda seconds: seconds / 86400)
SAMPLES = st.one_of([st.lists(values, max_size=40) for values in (FINITE, TIED, DURATIONS, FINITE | TIED, st.floats(1, 1.02))])
QUANTILES = {"median": 0.5, "p90": 0.9}

Numbers = dict[str, float]


def quantile(values: Sequence[float], share: float) -> float:
    """Between the two values around the place, said anew."""
    ordered, place = sorted(values), (len(values) - 1) * share
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below if below == above else below * (1.0 - (place - math.floor(place))) + above * (place - math.floor(place))


class Counting:
    """Counts values in DuckDB and puts their quantiles together, by SQL that is compiled once."""

    def __init__(self) -> None:
        self._con = duckdb.connect()
        self._sql = {(exactly, daily): to_sql(expression(exactly, daily)) for exactly in (True, False) for daily in (True, False)}

    def quantiles(self, groups: Mapping[str, Sequence[float | None]], exactly: bool, daily: bool, seed: int = 0) -> dict[str, Numbers]:
        """The quantiles of each group, whose values are on days, and in an order, that the seed decides."""
        random = Random(seed)
        rows = [(g, random.randrange(5), v) for g, values in groups.items() for v in values]
        random.shuffle(rows)
        g, day, v = zip(*rows, strict=True) if rows else ((), (), ())
        self._con.execute("CREATE OR REPLACE TABLE values_ AS SELECT UNNEST($g::VARCHAR[]) g, UNNEST($day::BIGINT[]) \"day\", "
                          "UNNEST($v::DOUBLE[]) v", {"g": list(g), "day": list(day), "v": list(v)})
        cursor = self._con.execute(self._sql[exactly, daily])
        names = [column[0] for column in cursor.description]
        return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in cursor.fetchall()}


def expression(exactly: bool, daily: bool) -> ir.Table:
    return quantiles(counted(VALUES, VALUES.v, {"g": VALUES.g, **({"day": VALUES.day} if daily else {})}, exactly=exactly), ["g"],
                     exactly=exactly)


@pytest.fixture(scope="module")
def counting() -> Counting:
    return Counting()


@settings(deadline=None)
@given(groups=st.dictionaries(st.sampled_from("abc"), SAMPLES), daily=st.booleans())
def test_quantiles_of_values_that_are_counted_are_those_of_the_values(counting: Counting, groups: dict[str, list[float]],
                                                                      daily: bool) -> None:
    found = counting.quantiles(groups, exactly=True, daily=daily)
    assert found == {g: {name: quantile(values, share) for name, share in QUANTILES.items()} for g, values in groups.items() if values}


@settings(deadline=None)
@given(groups=st.dictionaries(st.sampled_from("abc"), SAMPLES))
def test_a_quantile_from_buckets_is_as_near_to_the_exact_one_as_is_stated(counting: Counting, groups: dict[str, list[float]]) -> None:
    found = counting.quantiles(groups, exactly=False, daily=True)
    assert found.keys() == {g for g, values in groups.items() if values}
    for g, row in found.items():
        ordered = sorted(groups[g])
        for name, share in QUANTILES.items():
            exact, error, place = quantile(ordered, share), row[f"{name}_error"], (len(ordered) - 1) * share
            around = ordered[math.floor(place)], ordered[math.ceil(place)]
            digits = max(map(abs, around)) * 1e-15
            assert abs(row[name] - exact) <= error + digits, (name, row, exact)
            if all(value == 0 or 1e-300 <= abs(value) <= 1e300 for value in around):
                largest = max(map(abs, around)) if around[0] < 0 < around[1] else abs(exact)
                assert error <= ERROR * largest * (1 + 1e-9), (name, row, around)


@settings(deadline=None, max_examples=20)
@given(groups=st.dictionaries(st.sampled_from("abc"), SAMPLES), exactly=st.booleans())
def test_however_counts_are_put_together_they_say_the_same(counting: Counting, groups: dict[str, list[float]], exactly: bool) -> None:
    once = counting.quantiles(groups, exactly, daily=False)
    assert all(counting.quantiles(groups, exactly, daily=True, seed=seed) == once for seed in (1, 2))


def test_few_values_far_apart_have_no_error_in_buckets_either(counting: Counting) -> None:
    [row] = counting.quantiles({"a": [3.0, -4.0, 0.0, 7.5]}, exactly=False, daily=True).values()
    assert row == {"median": 1.5, "median_error": 0.0, "p90": pytest.approx(6.15), "p90_error": 0.0}


def test_values_without_end_stay_what_they_are(counting: Counting) -> None:
    for exactly in (True, False):
        [row] = counting.quantiles({"a": [1.0, math.inf, math.inf, math.inf]}, exactly, daily=True).values()
        assert (row["median"], row["p90"]) == (math.inf, math.inf)


def test_an_empty_value_counts_nowhere(counting: Counting) -> None:
    for exactly in (True, False):
        found = counting.quantiles({"a": [None, 2.0, None, 4.0], "b": [None]}, exactly, daily=True)
        assert found.keys() == {"a"} and found["a"]["median"] == 3.0


def test_buckets_are_in_the_order_of_their_values() -> None:
    values = [-1.7e308, -2.0, -1.005, -1e-300, 0.0, 5e-324, 1 / 3600, 1.0, 1.005, 1.0101, 1e9, 1.7e308]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE values_ AS SELECT 'a' g, 0 \"day\", UNNEST($v::DOUBLE[]) v", {"v": values})
        found = con.execute(to_sql(VALUES.select(VALUES.v, bucket=bucket_of(VALUES.v)).order_by("v"))).fetchall()
    buckets = [bucket for _value, bucket in found]
    assert buckets == sorted(buckets) and len(set(buckets)) == len(buckets)
    assert buckets[4] == 0 and all(bucket == int(bucket) for bucket in buckets)


@pytest.fixture(scope="module")
def sample() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE MACRO isnotnull(x) AS x IS NOT NULL")  # these two of ClickHouse
        con.execute("CREATE MACRO minif(x, c) AS min(CASE WHEN c THEN x END)")
        con.execute('CREATE TABLE values_ AS SELECT \'g\' || i % 3 AS g, i % 7 AS "day", '
                    "CASE WHEN i % 11 > 0 THEN (i * 37 % 101 - 20) / 7 END AS v FROM range(400) t(i)")
        yield con


@pytest.mark.parametrize("exactly", [True, False])
def test_counts_and_their_quantiles_are_sql_of_every_engine(exactly: bool, sample: duckdb.DuckDBPyConnection) -> None:
    """What is written for each is read back by its own grammar and run by DuckDB, beside DuckDB's own."""
    made = expression(exactly, daily=True)
    own = [pytest.approx(row, rel=1e-12) for row in sorted(row[1:] for row in sample.execute(to_sql(made)).fetchall())]
    assert len(own) == 3
    for dialect, known in KNOWN.items():
        sql = sql_of(made, dialect)
        assert called(sql) <= known
        query = read_back(sql, dialect)
        assert query.named_selects == list(made.columns)
        assert sorted(row[1:] for row in sample.execute(query.sql("duckdb")).fetchall()) == own, dialect
