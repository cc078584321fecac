"""What facts declare of how far a changed row reaches is whole, and of the kind that a refresh may rely on."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from salesgauge.catalogue import built_in
from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from salesgauge.semantics.compiler import Compiled, Compiler
from salesgauge.semantics.reach import (
    BEFORE,
    EVERYTHING,
    KEYS,
    OF,
    Everything,
    Own,
    Path,
    Reach,
    Through,
    columns_told,
    finding_columns,
    living,
    needed,
    steps,
    through,
)
from salesgauge.semantics.shape import Shape

KEPT = {name: fact for name, fact in FACTS.items() if not fact.period}
# Facts whose every group has its rows whatever the rows looked up are: there, what a row was looked up by may be read off the fact itself.
WHOLE_GROUPS = {"activities"}


@pytest.fixture(scope="module", params=[((), False), ((), True), (("orders",), False), (("stage_changes", "contracts"), True)],
                ids=["all tables", "all tables, dated", "without orders", "without history, dated"])
def compiled(request: pytest.FixtureRequest) -> dict[str, Compiled]:
    """Every kept fact, compiled for a shape of workspace."""
    absent, dated = request.param
    compiler = Compiler(Shape(frozenset(TABLES.keys() - set(absent)), (), "EUR", dated=dated), FACTS, built_in())
    return {name: compiler.fact(name) for name in KEPT}


def paths(name: str, page: Compiled) -> Iterator[tuple[str, Own | Through]]:
    """The paths that lead somewhere in that shape, with the relation that each starts from."""
    for relation in page.reached:
        for path in living(KEPT[name].reach, relation, page.reached, name) or ():
            yield relation, path


def test_every_relation_that_a_fact_reads_has_a_path_or_reaches_everything(compiled: dict[str, Compiled]) -> None:
    for name, page in compiled.items():
        assert page.reached, name
        for relation, found in page.reached.items():
            assert found is not None or KEPT[name].reach.get(relation) is EVERYTHING, f"{name}: no path from {relation}"
        assert (page.key in page.columns) if page.key else all(isinstance(r, Everything) for r in KEPT[name].reach.values()), name


def test_a_path_through_a_relation_goes_through_one_whose_own_rows_reach_the_same_keys(compiled: dict[str, Compiled]) -> None:
    for name, page in compiled.items():
        own = {(relation, path.column, path.prefix) for relation, path in paths(name, page)
               if isinstance(path, Own) and not path.until}
        for relation, path in paths(name, page):
            if isinstance(path, Through) and path.relation == BEFORE:
                assert name in WHOLE_GROUPS, f"{name}: {relation}"
            elif isinstance(path, Through):
                assert (path.relation, path.key, path.prefix) in own, f"{name}: {relation} through {path.relation}"


def test_every_column_that_a_path_names_is_there(compiled: dict[str, Compiled]) -> None:
    def columns(relation: str, name: str) -> set[str]:
        if relation == BEFORE:
            return set(compiled[name].columns)
        if relation.startswith("fact_"):
            return set(compiled[relation.removeprefix("fact_")].columns)
        table = TABLES[relation]
        return {c.name for c in table.columns} | {f"{c.name}_local" for c in table.columns}
    for name, page in compiled.items():
        for relation, path in paths(name, page):
            if isinstance(path, Own):
                assert path.column in columns(relation, name), (name, relation)
                assert not path.until or (path.until[0] in columns(relation, name) and path.until[1] in page.columns), (name, relation)
            else:
                assert {mine for mine, _theirs in path.on} <= columns(relation, name), (name, relation)
                assert {theirs for _mine, theirs in path.on} | {path.key, *path.days} <= columns(path.relation, name), (name, relation)
                assert not path.days or {"valid_from", "valid_to"} <= columns(relation, name), (name, relation)


def test_keys_are_found_through_other_relations_by_day_and_by_name() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE orders AS FROM (VALUES ('o1', 'USD', DATE '2025-01-01'), ('o2', 'USD', DATE '2025-03-01'), "
                    "('o3', NULL, DATE '2025-03-01')) t(order_id, currency, on_day)")
        con.execute("CREATE TEMP TABLE changed_fact_rates AS SELECT 'USD' AS currency, DATE '2025-02-01' AS valid_from, "
                    "DATE '9999-12-31' AS valid_to")
        way = (through("orders", "currency", "currency", "order_id", "on_day", prefix="orders|"), Own("currency"))
        assert sorted(keys(con, way, "fact_rates", None)) == [("USD",), ("orders|o2",)]
        assert keys(con, way, "fact_rates", "currency = 'EUR'") == []


def keys(con: duckdb.DuckDBPyConnection, way: tuple[Path, ...], relation: str, known: str | None) -> list[tuple[str, ...]]:
    """The keys that are found, of relations read whole."""
    return con.execute(" UNION ALL ".join(
        step.sql.replace(OF, f"temp.main.{step.rows.relation}" if step.rows else "") for step in
        steps(way, relation, "purchases", known, "purchase_id"))).fetchall()


def test_of_keys_that_a_minimum_decides_only_those_are_found_that_the_row_does_not_lie_beyond() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE before_purchases AS FROM (VALUES ('o1', 5), ('o2', 5), ('o3', NULL), ('o5', 5)) "
                    "t(purchase_id, least)")
        con.execute("CREATE TEMP TABLE changed_fact_lines AS FROM (VALUES ('o1', 5), ('o1', 9), ('o2', 6), ('o3', 7), ('o4', 8), "
                    "('o5', NULL), (NULL, 1)) t(id, nth)")
        found = keys(con, (Own("id", until=("nth", "least")),), "fact_lines", None)
        assert sorted(key for key, in found if key) == ["o1", "o3", "o4", "o5"]  # o4 has no row yet
        assert columns_told([{"fact_lines": (Own("id", until=("nth", "least")),)}], "fact_lines") == ("id", "nth")


def test_what_some_keys_need_is_every_row_that_reaches_one_of_them() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TEMP TABLE activities AS FROM (VALUES (1, 'L1', NULL), (2, NULL, 'D1'), (3, NULL, 'D2'), (4, NULL, NULL)) "
                    "t(id, lead_id, opportunity_id)")
        con.execute("CREATE TEMP TABLE fact_lead_deals AS FROM (VALUES ('L1', 'D9'), ('L2', 'D2')) t(lead_id, deal_id)")
        con.execute(f"CREATE TEMP TABLE {KEYS} AS FROM (VALUES ('leads|L1'), ('leads|L2'), ('deals|D7')) t(key)")
        way = (Own("lead_id", "leads|"), through("fact_lead_deals", "opportunity_id", "deal_id", "lead_id", prefix="leads|"))
        what = needed(way, "activities", "lead_activities")
        assert what is not None and what.rows is not None
        assert sorted(con.execute(f"SELECT id FROM activities r WHERE {what.test}").fetchall()) == [(1,), (3,)]
        values = {rows.column: sorted(con.execute(rows.values).fetchall()) for rows in what.rows}
        assert values == {"lead_id": [("L1",), ("L2",)], "opportunity_id": [("D2",), ("D9",)]}
        assert needed(way[1:], "activities", "lead_activities") is None
        assert needed((Own("lead_id"), through(BEFORE, "a", "b", "c")), "activities", "lead_activities") is None


def test_of_a_row_that_changed_its_readers_need_what_they_find_keys_by() -> None:
    orders = through("orders", "account", "account_id", "order_id", "on")
    readers: tuple[Reach, ...] = ({"fact_deals": (Own("id"), orders)}, {"fact_deals": EVERYTHING}, {})
    assert columns_told(readers, "fact_deals") == ("account", "id", "valid_from", "valid_to")
    finding: tuple[Reach, ...] = ({"orders": (Own("order_id"), through("deals", "deal", "id", "key"))}, {"orders": (orders,)})
    assert finding_columns(finding, "orders") == ("deal", "order_id")
