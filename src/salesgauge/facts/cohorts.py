"""Cohorts of customers: who began in a period, and who of them is still there some quarters later."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import looked_up, with_account, with_place
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.model import SPANS, Model

QUARTERS = 12  # how far a cohort is followed


def _last_known_day(m: Model) -> ir.Table:
    """One row with the last day of which something is known: the as-of day, or that of the last purchase or contract begun."""
    if m.shape.dated:
        return SPANS.select(seen_until=m.as_of_on).distinct()
    bought = m.fact("purchases").select(day="purchased_on")
    days = ibis.union(bought, m["contracts"].select(day="starts_on"))
    return days.agg(seen_until=days.day.max())


@FACTS.declare("a customer that began in P, at P's end and at each quarter's end after it that is known", period=True)
def customer_cohorts(m: Model) -> ir.Table:
    """New customers of P with whether they are active `age` quarters after P's end, for each age up to 12 that has come by the as-of
    day (without one: by the last purchase or start of a contract)."""
    ages = ibis.union(*[SPANS.select("span", "start_on", "end_on", age=ibis.literal(age, "int64"),
                                     check_on=(SPANS.end_on + ibis.interval(months=3 * age)).cast("date")) for age in range(QUARTERS + 1)])
    known = _last_known_day(m)
    ages = ages.inner_join(known, [ages.check_on <= known.seen_until])
    c = m.fact("customers").select("account_id", "since_at", "since_on", "channel")
    t = c.inner_join(ages, [c.since_on >= ages.start_on, c.since_on < ages.end_on])
    t = t.select("span", "account_id", "since_at", "channel", "age", "check_on", place_on="since_on")
    if m.shape.has("contracts"):
        held = m["contracts"].select("starts_on", "ends_on", of_account="account_id")
        j = t.inner_join(held, [t.account_id == held.of_account, held.starts_on <= t.check_on, held.ends_on > t.check_on])
    else:
        p = m.fact("purchases")
        p = p.filter(~p.is_return, p.account_id.notnull()).select("purchased_on", of_account="account_id")
        j = t.inner_join(p, [t.account_id == p.of_account, p.purchased_on < t.check_on,
                             p.purchased_on.epoch_days() >= t.check_on.epoch_days() - m.shape.activity_window_days])
    active = j.select("span", "account_id", "age").distinct().mutate(found=ibis.literal(True))
    t = looked_up(t, active, [("span", "span"), ("account_id", "account_id"), ("age", "age")], {"is_active": "found"})
    t = with_place(m, with_account(m, t), "account_owner", "place_on")
    return t.select("span", "account_id", "account_owner", "place_on", "team", "region", "manager", "segment", "industry", "channel",
                    "since_at", "check_on", owner="account_owner", age=t.age.cast("string"), is_active=t.is_active.fill_null(False))
