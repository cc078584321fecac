"""The canonical tables as they were known at an instant. As-of is applied here, once, under every fact (spec/model.md, "Time")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from salesgauge.schema import EXTRA, LOCAL, ORDINAL, TABLES, Kind
from salesgauge.semantics.shape import Shape

# Stand for the parameters of compiled SQL, where they are replaced by placeholders (semantics/sql.py).
AS_OF_AT = datetime(1111, 11, 11, 11, 11, 11)
AS_OF_ON = date(1111, 11, 12)
FROM_ON, UNTIL_ON = date(1111, 11, 13), date(1111, 11, 14)  # the first day of all spans, and that after their last

# The instant or date at which a row becomes known.
_KNOWN_FROM = {
    "leads": "created_at", "opportunities": "created_at", "stage_changes": "changed_at", "documents": "sent_at", "orders": "ordered_at",
    "forecasts": "submitted_at", "survey_responses": "responded_at", "spend": "spent_on", "contracts": "starts_on",
    "price_observations": "observed_on", "promotions": "starts_on",
}
# Later events of a row: unknown until they happen.
_LATER = {"leads": ("qualified_at", "converted_at"), "documents": ("signed_at",), "activities": ("occurred_at", "booked_at")}

_TYPES = {Kind.TEXT: "string", Kind.CHOICE: "string", Kind.INSTANT: "timestamp(6)", Kind.DATE: "date", Kind.NUMBER: "float64",
          Kind.BOOLEAN: "boolean"}

SPANS = ibis.table(
    {"span": "int64", "start_on": "date", "end_on": "date", "start_at": "timestamp(6)", "end_at": "timestamp(6)",
     "horizon_at": "timestamp(6)", "horizon_on": "date", "last_on": "date", "year_ago_at": "timestamp(6)", "year_ago_on": "date",
     "start_window_at": "timestamp(6)", "horizon_window_at": "timestamp(6)", "year_ago_window_at": "timestamp(6)",
     "forecast_cutoff_at": "timestamp(6)"}, name="spans")
SPAN_DAYS = ibis.table({"span": "int64", "day": "date"}, name="span_days")
SPAN_MONTHS = ibis.table({"span": "int64", "month_on": "date", "next_month_on": "date"}, name="span_months")
CALENDAR_DAYS = ibis.table({"day": "date"}, name="calendar_days")  # without the zone: those of it take longer to make
LOCAL_DAYS = ibis.table({"day": "date", "starts_at": "timestamp(6)"}, name="local_days")
OVERSIGHT = ibis.table({"viewer": "string", "rep_id": "string", "valid_from": "date", "valid_to": "date"}, name="oversight")


def stored_schema(table: str, extras: tuple[str, ...] = ()) -> dict[str, str]:
    """The columns of a canonical table as the store holds them, with their Ibis types."""
    columns: dict[str, str] = {}
    for column in TABLES[table].columns:
        columns[column.name] = _TYPES[column.kind]
        if column.kind is Kind.INSTANT:
            columns[column.name + LOCAL] = _TYPES[column.kind]
    if TABLES[table].ordered:
        columns[ORDINAL] = "int64"
    return columns | {EXTRA + name: "string" for name in extras}


def in_spans(day: ir.DateColumn) -> ir.BooleanValue:
    """Whether a day lies between the first and the last of all spans: what is not there can be left out before anything is joined."""
    return (day >= ibis.literal(FROM_ON, type="date")) & (day < ibis.literal(UNTIL_ON, type="date"))


def overlaps_spans(begins: ir.DateColumn, ends: ir.DateColumn) -> ir.BooleanValue:
    """Whether what lasts from a day to a day (null: still) lasts into all spans together; as `in_spans` before anything is joined."""
    return (begins < ibis.literal(UNTIL_ON, type="date")) & (ends.isnull() | (ends >= ibis.literal(FROM_ON, type="date")))


class Rows(NamedTuple):
    """The rows of a canonical table of which a column is among the ids in the first column of `ids`."""

    table: str
    column: str
    ids: ir.Table

    def distinct_ids(self) -> ir.Table:
        """The ids, each once, as `id__`."""
        return self.ids.select(id__=self.ids[0]).distinct()


def known_by(table: str) -> tuple[str, ...]:
    """The columns that say when a stored row of a table becomes known."""
    return _LATER["activities"] if table == "activities" else (_KNOWN_FROM[table],) if table in _KNOWN_FROM else ()


def known_sql(table: str) -> str | None:
    """SQL: whether a stored row of a table is known as of the parameters $as_of_at and $as_of_on; None where every row is."""
    if table == "activities":
        return "(occurred_at <= $as_of_at OR booked_at <= $as_of_at)"
    column = _KNOWN_FROM.get(table)
    return None if column is None else f"{column} <= {'$as_of_on' if column.endswith('_on') else '$as_of_at'}"


class Model:
    """What facts are built from: `model["leads"]` is the table as known, `model.fact("deals")` another fact at the same instant.

    `fact_schema` gives the columns of a fact; every fact that is asked for is noted in `used`, every table that is read whatever the
    instant in `read_whole`. `rows`: those that a reader asks `at_least` for, which a fact that has no others may pass on (None: all).
    """

    rows: Rows | None = None

    def __init__(self, shape: Shape, fact_schema: Callable[[str], dict[str, str]]) -> None:
        self.shape = shape
        self.used: set[str] = set()
        self.read_whole: set[str] = set()
        self.told: set[str] = set()
        self._fact_schema = fact_schema

    def fact(self, name: str) -> ir.Table:
        """Another fact, as a table that is built before this one."""
        self.used.add(name)
        return ibis.table(self._fact_schema(name), name=f"fact_{name}")

    def part(self, name: str, column: str, rows: Rows) -> ir.Table:
        """The rows of another fact of which `column` is among the ids of `rows`, where it comes from the column of that canonical table,
        and from nothing else: who builds both at once may then leave out the other rows of the table before it builds the fact."""
        return self.fact(name).semi_join(rows.distinct_ids(), [(column, "id__")])

    def at_least(self, name: str, rows: Rows | None) -> ir.Table:
        """Another fact, of whose rows the reader takes only those that a `part` would have (None: any): who builds both at once may leave
        out the others, as there."""
        return self.fact(name)

    def asked(self, t: ir.Table, day: str, *told: str) -> ir.Table:
        """What a fact's rows are made from, of which the rows that make no row of that day within the periods may be left out, where the
        fact is built for one question that chooses its rows by that day alone; and those of which the columns `told`, which the fact's
        rows have as they are, say that it counts none of them. `t` itself where all may be needed."""
        return t

    def asked_from(self, t: ir.Table, at: str, day: str) -> ir.Table:
        """What a fact's rows are made from by what happened no earlier than on that day of theirs: where `asked` would leave out rows, what
        happened before all periods may be left out."""
        return t

    def apart(self, comparison: ir.BooleanValue) -> ir.BooleanValue:
        """A comparison of columns that come from both sides of a join, for a filter after it, where it may be made by itself: a fact that
        is built for one question asks for few rows of one side, by which an engine can leave out most of the other before it joins."""
        return comparison

    def stored(self, table: str) -> ir.Table:
        """A canonical table with all its rows, as of nothing."""
        self.read_whole.add(table)
        return self._stored(table)

    def _stored(self, table: str) -> ir.Table:
        return ibis.table(stored_schema(table, self.shape.extra_dimensions(table)), name=table)

    def extras(self, table: str) -> list[str]:
        """The columns of a table that carry dimensions beyond the canonical ones."""
        return [EXTRA + name for name in self.shape.extra_dimensions(table)]

    def hindsight(self, **columns: Any) -> dict[str, Any]:
        """Columns that tell from when on what a row says was known: only the rows as of nothing have them, for who looks back at an instant
        (semantics/looking_back.py). Their names are noted in `told`: no question reads them."""
        self.told.update(columns)
        return {} if self.shape.dated else columns

    @cached_property
    def as_of_at(self) -> ir.TimestampScalar:
        """The as-of instant (UTC), a parameter."""
        return ibis.literal(AS_OF_AT, type="timestamp(6)")

    @cached_property
    def as_of_on(self) -> ir.DateScalar:
        """The local day of the as-of instant, a parameter."""
        return ibis.literal(AS_OF_ON, type="date")

    def __getitem__(self, table: str) -> ir.Table:
        t = self._stored(table)
        if table == "opportunities":
            return self._opportunities(t)
        if table == "activities":
            t = t.filter(~t.automatic.identical_to(True))
        if not self.shape.dated:
            return t
        if table in _LATER:
            t = t.mutate(**{c + twin: (t[c] <= self.as_of_at).ifelse(t[c + twin], ibis.null(t[c].type()))
                            for c in _LATER[table] for twin in ("", LOCAL)})
        if table == "activities":
            return t.filter(t.occurred_at.notnull() | t.booked_at.notnull())
        known_from = _KNOWN_FROM.get(table)
        if known_from is None:
            return t
        return t.filter(t[known_from] <= (self.as_of_on if known_from.endswith("_on") else self.as_of_at))

    def _opportunities(self, t: ir.Table) -> ir.Table:
        """Deals: open unless both outcome and closing are known; stage, amount and expected close as of the instant."""
        closed = t.outcome.notnull() & t.closed_at.notnull()
        if self.shape.dated:
            t = t.filter(t.created_at <= self.as_of_at)
            closed = closed & (t.closed_at <= self.as_of_at)
        t = t.mutate(outcome=closed.ifelse(t.outcome, ibis.null("string")),
                     closed_at=closed.ifelse(t.closed_at, ibis.null("timestamp(6)")),
                     closed_at_local=closed.ifelse(t.closed_at_local, ibis.null("timestamp(6)")),
                     kind=t.kind.fill_null("new"))
        if not (self.shape.dated and self.shape.has("stage_changes")):
            return t
        changes = self.fact("stage_history")
        changes = changes.filter(changes.changed_at <= self.as_of_at)
        last = changes.group_by(of_deal=changes.opportunity_id).agg(
            last_stage=changes.stage.argmax(changes.nth, where=changes.stage.notnull()),
            last_amount=changes.amount.argmax(changes.nth, where=changes.amount.notnull()),
            last_closes_on=changes.closes_on.argmax(changes.nth, where=changes.closes_on.notnull()))
        j = t.left_join(last, [t.opportunity_id == last.of_deal])
        return j.mutate(stage=j.last_stage.coalesce(j.stage), amount=j.last_amount.coalesce(j.amount),
                        closes_on=j.last_closes_on.coalesce(j.closes_on)).select(t.columns)
