"""What several joins look up is a common table where it was put together from groups of rows."""

import duckdb
import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import looked_up
from salesgauge.semantics.once import computed_once
from salesgauge.semantics.sql import to_sql

CALLS = ibis.table({"call": "int64", "account": "string"}, name="calls")
ORDERS = ibis.table({"account": "string", "day": "int64"}, name="orders")
CONTRACTS = ibis.table({"account": "string", "day": "int64"}, name="contracts")


def since() -> ir.Table:
    events = ibis.union(ORDERS, CONTRACTS)
    return events.group_by("account").agg(since=events.day.min())


def of_customers(calls: ir.Table, known: ir.Table) -> ir.Table:
    return looked_up(calls, known, [("account", "account")], {"since": next(c for c in known.columns if c != "account")})


def rows(expression: ir.Table) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE calls AS FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'a')) AS v(call, account)")
        con.execute("CREATE TABLE orders AS FROM (VALUES ('a', 3), ('a', 2), ('b', 5)) AS v(account, day)")
        con.execute("CREATE TABLE contracts AS FROM (VALUES ('a', 4), ('b', 1)) AS v(account, day)")
        return sorted(con.execute(to_sql(expression)).fetchall(), key=repr)


def test_what_two_joins_look_up_is_read_once() -> None:
    both = ibis.union(of_customers(CALLS.filter(CALLS.call < 3), since()), of_customers(CALLS.filter(CALLS.call >= 3), since()))
    once = computed_once(both)
    assert (to_sql(both).count('"orders"'), to_sql(once).count('"orders"')) == (2, 1)
    assert rows(once) == rows(both) == [(1, "a", 2), (2, "b", 1), (3, "c", None), (4, "a", 2)]


def test_what_one_join_looks_up_stays_where_it_is() -> None:
    alone = of_customers(CALLS, since())
    assert to_sql(computed_once(alone)) == to_sql(alone)


def test_a_table_that_two_joins_look_up_stays_one_that_conditions_can_be_asked_of() -> None:
    both = ibis.union(of_customers(CALLS.filter(CALLS.call < 3), ORDERS), of_customers(CALLS.filter(CALLS.call >= 3), ORDERS))
    assert to_sql(computed_once(both)) == to_sql(both)


def test_what_is_looked_up_in_something_that_is_looked_up_is_read_once_as_well() -> None:
    known = of_customers(since().rename(first="since"), since()).group_by("account").agg(since=ibis._.since.max())
    both = ibis.union(of_customers(CALLS.filter(CALLS.call < 3), known), of_customers(CALLS.filter(CALLS.call >= 3), known))
    assert to_sql(computed_once(both)).count('"orders"') == 1
    assert rows(computed_once(both)) == rows(both)
