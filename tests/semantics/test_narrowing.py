"""What an expression loses when only some of its columns are needed."""

import duckdb
import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import looked_up
from salesgauge.semantics.narrowing import columns_read, narrowed
from salesgauge.semantics.sql import to_sql

DEALS = ibis.table({"deal": "int64", "rep": "string", "amount": "int64"}, name="deals")
REPS = ibis.table({"rep_id": "string", "team": "string", "boss": "string"}, name="reps")
NOTES = ibis.table({"deal": "int64", "text": "string"}, name="notes")


def with_team() -> ir.Table:
    return looked_up(DEALS, REPS, [("rep", "rep_id")], {"team": "team", "boss": "boss"})


def rows(expression: ir.Table) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE deals AS FROM (VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)) AS v(deal, rep, amount)")
        con.execute("CREATE TABLE reps AS FROM (VALUES ('a', 'north', 'x'), ('b', 'south', 'x')) AS v(rep_id, team, boss)")
        con.execute("CREATE TABLE notes AS FROM (VALUES (1, 'one'), (1, 'two')) AS v(deal, text)")
        return sorted(con.execute(to_sql(expression)).fetchall(), key=repr)


def tables_of(expression: ir.Table) -> str:
    return " ".join(name for name in ("deals", "reps", "notes") if f'"{name}"' in to_sql(expression))


def test_what_is_looked_up_for_a_column_that_nobody_needs_is_not_joined() -> None:
    plain = with_team().group_by("rep").agg(total=with_team().amount.sum())
    assert (tables_of(plain), tables_of(narrowed(plain))) == ("deals reps", "deals")
    assert rows(narrowed(plain)) == rows(plain) == [("a", 10), ("b", 20), ("c", 30)]


def test_what_is_looked_up_for_a_column_that_is_needed_stays() -> None:
    t = with_team()
    for needed in (t.group_by("team").agg(n=t.count()), t.filter(t.team == "north").select("deal"), t.select("deal", "boss")):
        assert tables_of(narrowed(needed)) == "deals reps"
        assert rows(narrowed(needed)) == rows(needed)


def test_a_lookup_through_what_was_looked_up_keeps_the_first() -> None:
    t = looked_up(with_team(), REPS.rename(id_="rep_id", other="team").select("id_", "other"), [("boss", "id_")], {"upper": "other"})
    assert to_sql(narrowed(t.select("deal", "upper"))).count('"reps"') == 2
    assert rows(narrowed(t.select("deal", "upper"))) == rows(t.select("deal", "upper"))
    assert tables_of(narrowed(t.select("deal"))) == "deals"


def test_a_join_that_may_find_several_rows_stays_though_nobody_needs_its_columns() -> None:
    j = DEALS.left_join(NOTES, [DEALS.deal == NOTES.deal])
    counted = j.select("rep").count().as_table()
    assert tables_of(narrowed(counted)) == "deals notes"
    assert rows(narrowed(counted)) == rows(counted) == [(4,)]


def test_the_sides_of_a_union_keep_the_same_columns() -> None:
    t = with_team()
    both = ibis.union(t, t.filter(t.amount > 15))
    asked = both.group_by("rep").agg(total=both.amount.sum())
    assert tables_of(narrowed(asked)) == "deals"
    assert rows(narrowed(asked)) == rows(asked) == [("a", 10), ("b", 40), ("c", 60)]


def test_rows_that_are_told_apart_by_every_column_keep_them() -> None:
    t = with_team()
    distinct = t.select("team", "boss").distinct()
    asked = distinct.group_by("boss").agg(n=distinct.count())
    assert rows(narrowed(asked)) == rows(asked) == [("x", 2), (None, 1)]


def test_rows_that_are_only_counted_are_still_counted() -> None:
    t = with_team()
    assert rows(narrowed(t.count().as_table())) == [(3,)]
    assert tables_of(narrowed(t.count().as_table())) == "deals"


def test_a_window_over_columns_that_are_needed_is_what_it_was() -> None:
    t = with_team()
    t = t.mutate(before=t.amount.lag().over(ibis.window(order_by="deal")), first=t.team.min().over(ibis.window(group_by="boss")))
    asked = t.select("deal", "before")
    assert tables_of(narrowed(asked)) == "deals"
    assert rows(narrowed(asked)) == rows(asked) == [(1, None), (2, 10), (3, 20)]


def test_a_table_that_a_value_is_looked_for_in_keeps_its_columns() -> None:
    asked = DEALS.filter(DEALS.rep.isin(REPS.filter(REPS.team == "north").rep_id)).select("deal")
    assert rows(narrowed(asked)) == rows(asked) == [(1,)]
    assert columns_read(asked)["deals"] == ({"rep", "deal"}, {"amount"})
    assert columns_read(asked)["reps"][0] >= {"rep_id", "team"}


def test_the_columns_on_which_rows_depend_are_those_that_are_shown_compared_or_joined_by() -> None:
    t = with_team()
    assert columns_read(t.filter(t.team == "north").select("deal")) == {"deals": ({"deal", "rep"}, {"amount"}),
                                                                       "reps": ({"rep_id", "team"}, {"boss"})}
    assert columns_read(t.filter(t.amount > 1).count().as_table())["deals"] == ({"amount"}, {"deal", "rep"})
