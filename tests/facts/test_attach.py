"""What a row needs from master data is the same however it is looked up."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import duckdb
import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesgauge.facts.attach import EVER, NEVER, daily_rates, with_rate
from salesgauge.semantics.model import Model
from salesgauge.semantics.shape import Shape
from salesgauge.semantics.sql import to_sql

START = date(2024, 12, 20)
HISTORY = {"currency": "string", "rate": "float64", "valid_from": "date", "valid_to": "date"}
PAID = ibis.table({"n": "int64", "currency": "string", "paid_on": "date"}, name="paid")


def day(number: int) -> date:
    return START + timedelta(days=number)


def rates(changes: dict[str, list[int]], paid: list[tuple[str | None, date | None]]) -> tuple[list[float | None], list[float | None]]:
    """What each payment's currency was worth: held against every rate of it, and against that of one day. A currency changes on the days
    that are listed, from 1.5 to 2.5 to 3.5 ..."""
    model = Model(Shape(frozenset(), (), "EUR"), {"rate_history": HISTORY}.__getitem__)
    with duckdb.connect() as con:
        con.execute("CREATE TABLE fact_rate_history (currency VARCHAR, rate DOUBLE, valid_from DATE, valid_to DATE)")
        con.execute("CREATE TABLE calendar_days AS SELECT d::DATE AS day FROM range(DATE '2000-1-1', DATE '2026-1-1', INTERVAL 1 DAY) d(d)")
        con.execute("CREATE TABLE paid (n INTEGER, currency VARCHAR, paid_on DATE)")
        for currency, numbers in changes.items():
            bounds = [EVER, *map(day, numbers), NEVER]
            for n, (since, until) in enumerate(pairwise(bounds)):
                con.execute("INSERT INTO fact_rate_history VALUES (?, ?, ?, ?)", [currency, n + 1.5, since, until])
        for n, (currency_paid, on) in enumerate(paid):
            con.execute("INSERT INTO paid VALUES (?, ?, ?)", [n, currency_paid, on])

        def found(t: ibis.Table) -> list[float | None]:
            return [rate for rate, in con.execute(to_sql(t.order_by("n").select("rate"))).fetchall()]
        return (found(with_rate(model, PAID, "currency", "paid_on", "rate")),
                found(with_rate(model, PAID, "currency", "paid_on", "rate", daily_rates(model))))


@pytest.mark.parametrize(("on", "rate"), [(date(1850, 1, 1), 1.5), (day(9), 1.5), (day(10), 2.5), (day(19), 2.5), (day(20), 3.5),
                                          (date(2190, 1, 1), 3.5), (None, None)])
def test_a_rate_holds_until_the_next_the_first_before_it_and_the_last_after_it(on: date | None, rate: float | None) -> None:
    assert rates({"USD": [10, 20], "GBP": [5]}, [("USD", on)]) == ([rate], [rate])


def test_a_currency_whose_rate_never_changed_has_it_on_every_day() -> None:
    assert rates({"USD": []}, [("USD", day(0)), ("USD", date(1850, 1, 1)), ("CHF", day(0)), ("EUR", day(0))])[1] == [1.5, 1.5, None, 1.0]


def test_without_rates_only_the_own_currency_is_worth_something() -> None:
    assert rates({}, [("USD", day(0)), ("EUR", day(0)), (None, None)])[1] == [None, 1.0, 1.0]


FOREIGN = ("USD", "GBP", "JPY")


@given(st.dictionaries(st.sampled_from(FOREIGN), st.lists(st.integers(0, 40), unique=True, max_size=4).map(sorted)),
       st.lists(st.tuples(st.sampled_from([*FOREIGN, "CHF", "EUR", None]), st.none() | st.integers(-30, 70).map(day)), max_size=8))
def test_rates_of_days_are_those_that_hold_on_them(
        changes: dict[str, list[int]], paid: list[tuple[str | None, date | None]]) -> None:
    each, of_days = rates(changes, paid)
    assert each == of_days
