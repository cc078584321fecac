"""Attaching what a row needs from master data: place of a rep on a day, account, product, location, rate. Each is a lookup by a
unique key (or a key and a day in non-overlapping intervals), so it never multiplies rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from salesgauge.semantics.model import CALENDAR_DAYS, LOCAL_DAYS, Model
from salesgauge.semantics.narrowing import LOOKED_UP

EVER, NEVER = date(1, 1, 1), date(9999, 12, 31)  # of what holds from a day to a day: where it has no first, or no last
_ANY_DAY = ibis.literal("2000-01-01", type="date")  # where no rate ever changed


def looked_up(t: ir.Table, other: ir.Table, on: Sequence[tuple[str, str]], take: dict[str, str],
              day: tuple[str, str, str] | None = None) -> ir.Table:
    """`t` with columns of `other`: `on` pairs (column of t, key of other), `take` new name -> column of other, `day` (column of t,
    first day, day after the last) of an interval in other. Null where nothing is found."""
    keys = {LOOKED_UP.format(i): other[key] for i, (_column, key) in enumerate(on)}
    bounds = {"from__": other[day[1]], "to__": other[day[2]]} if day else {}
    held = other.select(**keys, **bounds, **{new: other[column] for new, column in take.items()})
    matches = [t[column] == held[LOOKED_UP.format(i)] for i, (column, _key) in enumerate(on)]
    if day:
        matches += [t[day[0]] >= held.from__, t[day[0]] < held.to__]
    return t.left_join(held, matches).drop(*keys, *bounds)


def with_place(m: Model, t: ir.Table, rep: str, day: str, stem: str = "") -> ir.Table:
    """Team, region and manager of a rep on a day, as `<stem>team`, `<stem>region`, `<stem>manager` (rule 5)."""
    return looked_up(t, m.fact("rep_history"), [(rep, "rep_id")],
                     {f"{stem}team": "team", f"{stem}region": "region", f"{stem}manager": "manager_id"}, (day, "valid_from", "valid_to"))


def with_tenure(m: Model, t: ir.Table, rep: str, day: str, column: str) -> ir.Table:
    """The rep's tenure band in the month of a day: full months between the month of `hired_on` and it; null before or unknown."""
    t = looked_up(t, m["reps"], [(rep, "rep_id")], {"hired_on__": "hired_on"})
    return t.mutate(**{column: tenure_band(t.hired_on__, t[day])}).drop("hired_on__")


def tenure_band(hired_on: ir.DateColumn, day: ir.DateColumn) -> ir.StringColumn:
    """0-2, 3-5, 6-11, 12-23 or 24+ months; null where unknown or not yet hired."""
    months = (day.year() * 12 + day.month()) - (hired_on.year() * 12 + hired_on.month())
    return ibis.cases((months < 0, ibis.null("string")), (months <= 2, "0-2"), (months <= 5, "3-5"), (months <= 11, "6-11"),
                      (months <= 23, "12-23"), (months >= 24, "24+"), else_=ibis.null("string"))


def with_account(m: Model, t: ir.Table, account: str = "account_id", *, region: str | None = None) -> ir.Table:
    """Segment, industry, `account_owner` of an account, and its region under the name given."""
    take = {"segment": "segment", "industry": "industry", "account_owner": "owner_id"} | ({region: "region"} if region else {})
    return looked_up(t, m["accounts"], [(account, "account_id")], take)


def with_product(m: Model, t: ir.Table, product: str = "product") -> ir.Table:
    """The family of a product."""
    return looked_up(t, m["products"], [(product, "product_id")], {"family": "family"})


def with_location(m: Model, t: ir.Table, location: str = "location") -> ir.Table:
    """`location_kind` and `location_region` of a location."""
    return looked_up(t, m["locations"], [(location, "location_id")], {"location_kind": "kind", "location_region": "region"})


class DailyRates(NamedTuple):
    """What one unit of each other currency was worth (`currency`, `day`, `rate__`) on each day from the last before any rate changed
    (`first`) to that on which one changed last (`last`)."""

    rates: ir.Table
    first: ir.Scalar
    last: ir.Scalar

    def day(self, day: ir.Value) -> ir.Value:
        """That day, or the one among these on which each currency was worth the same."""
        return ibis.cases((day < self.first, self.first), (day > self.last, self.last), else_=day)


def daily_rates(m: Model) -> DailyRates:
    """The rates of days, for long tables: each row is held against one, and not against every rate that its currency ever had."""
    held = m.fact("rate_history")
    ended = held.filter(held.valid_to < ibis.literal(NEVER, type="date"))
    bounds = ended.agg(first=(ended.valid_to.min() - ibis.interval(days=1)).cast("date"), last=ended.valid_to.max())
    first, last = (bounds.select(it=bounds[name].fill_null(_ANY_DAY)).as_scalar() for name in ("first", "last"))
    days = CALENDAR_DAYS.filter(CALENDAR_DAYS.day >= first, CALENDAR_DAYS.day <= last)
    known = held.select("currency").distinct().cross_join(days)
    rates = looked_up(known, held, [("currency", "currency")], {"rate__": "rate"}, ("day", "valid_from", "valid_to"))
    return DailyRates(rates, first, last)


def with_rate(m: Model, t: ir.Table, currency: str, day: str, column: str, rates: DailyRates | None = None) -> ir.Table:
    """What one unit of the row's currency is worth on a day in the workspace's; null for a currency without any rate. `rates`: those of
    days, where rows are many."""
    if rates is None:
        t = looked_up(t, m.fact("rate_history"), [(currency, "currency")], {"rate__": "rate"}, (day, "valid_from", "valid_to"))
    else:
        t = t.mutate(rated__=rates.day(t[day]))
        t = looked_up(t, rates.rates, [(currency, "currency"), ("rated__", "day")], {"rate__": "rate__"}).drop("rated__")
    own = t[currency].fill_null(m.shape.currency) == m.shape.currency
    return t.mutate(**{column: own.ifelse(1.0, t.rate__)}).drop("rate__")


def with_money(m: Model, t: ir.Table, amount: str, day: str, stem: str, currency: str = "currency", *, known: bool = False,
               rates: DailyRates | None = None) -> ir.Table:
    """`<stem>value`, the amount converted on a day, and `<stem>value_missing`, the reason where there is none: no_amount before
    no_exchange_rate. `known`: the amount is never empty; `rates` as of `with_rate`."""
    t = with_rate(m, t, currency, day, "rate_of_day__", rates)
    no_rate = t.rate_of_day__.isnull().ifelse("no_exchange_rate", ibis.null("string"))
    missing = no_rate if known else t[amount].isnull().ifelse("no_amount", no_rate)
    return t.mutate(**{f"{stem}value": t[amount] * t.rate_of_day__, f"{stem}value_missing": missing}).drop("rate_of_day__")


def with_customer_since(m: Model, t: ir.Table, account: str = "account_id") -> ir.Table:
    """`since_at` and `since_local` of the row's account; null where it is no customer."""
    return looked_up(t, m.fact("customers"), [(account, "account_id")], {"since_at": "since_at", "since_local": "since_local"})


def with_day_start(t: ir.Table, day: str, column: str) -> ir.Table:
    """The instant (UTC) at which a local day begins."""
    return looked_up(t, LOCAL_DAYS, [(day, "day")], {column: "starts_at"})


def numbered(t: ir.Table, group: Sequence[str], order: Sequence[ir.Value], column: str = "nth") -> ir.Table:
    """The rows of each group numbered from 1 in an order that has no ties."""
    window = ibis.window(group_by=list(group), order_by=list(order))
    return t.mutate(**{column: ibis.row_number().over(window) + 1})


def first_of(t: ir.Table, group: Sequence[str], order: Sequence[ir.Value]) -> ir.Table:
    """The first row of each group in an order that has no ties."""
    n = numbered(t, group, order, "nth__")
    return n.filter(n.nth__ == 1).drop("nth__")


def seconds_between(earlier: ir.TimestampColumn, later: ir.TimestampColumn) -> ir.FloatingColumn:
    """Elapsed seconds, fractions kept. Whole seconds and microseconds apart: a double of both would round the microseconds."""
    whole = later.truncate("s").epoch_seconds().cast("float64") - earlier.truncate("s").epoch_seconds().cast("float64")
    return whole + (later.microsecond() - earlier.microsecond()).cast("float64") / 1_000_000
