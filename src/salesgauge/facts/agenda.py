"""What to work on: open deals with their last touch and next step, customers at H, contracts that end soon, accounts in the upsell
window."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import first_of, looked_up, seconds_between, with_account, with_place
from salesgauge.facts.customers import active_accounts
from salesgauge.facts.deals import deal_activities, is_touch
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.model import SPANS, Model

AHEAD_DAYS = 90         # how far ahead contracts that end are looked for, and how long a customer may go untouched
RENEWAL_LEAD_DAYS = 365  # a renewal deal belongs to the contract of its account that ends within so many days of its creation
FEW_BUYERS = 20         # below so many customers who bought again there is no window


@FACTS.declare("a deal open at H, with its touches up to then and its next step", period=True)
def deal_agenda(m: Model) -> ir.Table:
    """Open deals with the last touch and the number of touches by H, and the next step as it stands."""
    t = m.fact("pipeline_deals")
    d = m.fact("deals").select("opportunity_id", "deal_lead_id").semi_join(t.select("opportunity_id").distinct(), "opportunity_id")
    a = deal_activities(m, d)
    a = a.filter(is_touch(a)).select("occurred_at", of_deal="opportunity_id")
    open_ = t.select("span", "opportunity_id", "end_at", "horizon_at")
    j = open_.inner_join(a, [open_.opportunity_id == a.of_deal, a.occurred_at < open_.end_at, a.occurred_at <= open_.horizon_at])
    last = j.group_by("span", "opportunity_id").agg(last_touch_at=j.occurred_at.max(), touches=j.count())
    t = looked_up(t, last, [("span", "span"), ("opportunity_id", "opportunity_id")],
                  {"last_touch_at": "last_touch_at", "touches": "touches"})
    t = looked_up(t, m["opportunities"], [("opportunity_id", "opportunity_id")],
                  {"next_step": "next_step", "next_step_on": "next_step_on"})
    none = t.next_step.isnull() & t.next_step_on.isnull()
    return t.mutate(touches=t.touches.fill_null(0), lacks_next_step=none | (t.next_step_on < t.horizon_on).fill_null(False),
                    days_untouched=seconds_between(t.last_touch_at.coalesce(t.created_at), t.horizon_at) / 86400)


def _of_owner(m: Model, t: ir.Table) -> ir.Table:
    """Account dimensions and the account owner's place on the last day of the horizon."""
    t = with_account(m, looked_up(t, SPANS, [("span", "span")], {"place_on": "last_on"}))
    return with_place(m, t, "account_owner", "place_on").mutate(owner=ibis._.account_owner)


_OWNED = ("span", "account_id", "account_owner", "owner", "place_on", "team", "region", "manager", "segment", "industry")


@FACTS.declare("a customer active at H", period=True)
def customers_at_end(m: Model) -> ir.Table:
    """Active customers with the last touch by H."""
    t = active_accounts(m, "horizon_at", "horizon_on", "horizon_window_at")
    t = looked_up(t, SPANS, [("span", "span")], {"end_at": "end_at", "horizon_at": "horizon_at"})
    a = m.fact("activities")
    a = a.filter(a.is_touch, a.occurred_at.notnull(), a.account_id.notnull()).select("occurred_at", of_account="account_id")
    j = t.inner_join(a, [t.account_id == a.of_account, a.occurred_at < t.end_at, a.occurred_at <= t.horizon_at])
    last = j.group_by("span", "account_id").agg(last_touch_at=j.occurred_at.max())
    t = looked_up(t, last, [("span", "span"), ("account_id", "account_id")], {"last_touch_at": "last_touch_at"})
    t = looked_up(t, m.fact("customers"), [("account_id", "account_id")], {"since_at": "since_at"})
    quiet = seconds_between(t.last_touch_at, t.horizon_at) / 86400
    t = _of_owner(m, t.mutate(days_untouched=quiet))
    return t.select(*_OWNED, "since_at", "last_touch_at", "days_untouched",
                    is_untouched=(t.days_untouched > AHEAD_DAYS).fill_null(True))


@FACTS.declare("a contract that runs at H, ends within 90 days of it and has no successor by then", period=True)
def ending_contracts(m: Model) -> ir.Table:
    """Contracts to be renewed, with the state at H of the latest renewal deal of their account. A successor renews the contract by name,
    or runs on for the same account and product beyond its end."""
    c, s = m.fact("contracts"), SPANS
    t = c.inner_join(s, [c.starts_on <= s.horizon_on, c.ends_on >= s.horizon_on])
    t = t.mutate(days_left=t.ends_on.epoch_days() - t.horizon_on.epoch_days())
    t = t.filter(t.days_left <= AHEAD_DAYS)
    t = t.select("span", "contract_id", "account_id", "starts_on", "ends_on", "days_left", "value", "value_missing", "rep", "product",
                 "segment", "industry", *m.extras("contracts"), "end_at", "horizon_on", place_on="last_on")
    n = m["contracts"].select(next_id="contract_id", of_account="account_id", next_starts="starts_on", next_ends="ends_on",
                              next_product="product_id", renewed="renews_contract_id")
    named = t.inner_join(n, [t.contract_id == n.renewed, n.next_starts <= t.horizon_on])
    goes_on = t.inner_join(n, [t.account_id == n.of_account, n.next_id != t.contract_id, n.next_starts <= t.horizon_on,
                               n.next_starts > t.starts_on, n.next_ends > t.ends_on,
                               t["product"].isnull() | n.next_product.isnull() | (t["product"] == n.next_product)])
    followed = ibis.union(named.select("span", "contract_id"), goes_on.select("span", "contract_id"), distinct=True)
    t = t.anti_join(followed, ["span", "contract_id"])
    d = m.fact("deals")
    d = d.filter(d.kind == "renewal", d.account_id.notnull()).select(
        of_account="account_id", renewal_deal="opportunity_id", asked_at="created_at", asked_on="created_on", decided_at="closed_at",
        decided="outcome")
    j = t.inner_join(d, [t.account_id == d.of_account, d.asked_at < t.end_at, d.asked_on.epoch_days() >= t.ends_on.epoch_days()
                         - RENEWAL_LEAD_DAYS])
    latest = first_of(j, ["span", "contract_id"], [ibis.desc(j.asked_at), ibis.desc(j.renewal_deal)])
    by_then = (latest.decided_at < latest.end_at).fill_null(False)
    latest = latest.select("span", "contract_id", state=by_then.ifelse(latest.decided, "open"))
    t = looked_up(t, latest, [("span", "span"), ("contract_id", "contract_id")], {"renewal": "state"})
    t = looked_up(t, m["accounts"], [("account_id", "account_id")], {"account_owner": "owner_id"})
    t = with_place(m, t, "rep", "place_on").drop("end_at", "horizon_on")
    return t.mutate(renewal=t.renewal.fill_null("none"),
                    ends_in=ibis.cases((t.days_left <= 30, "0-30"), (t.days_left <= 60, "31-60"), else_="61-90"))


@FACTS.declare("a customer active at H who may buy more about now", period=True)
def upsell_openings(m: Model) -> ir.Table:
    """Active customers without an upsell or cross-sell deal won by H whose time as a customer lies between the quartiles of how long
    other customers took to theirs. Where fewer than 20 have bought again there is no window."""
    d = m.fact("deals")
    d = d.filter(d.outcome == "won", d.kind.isin(["upsell", "cross_sell"]), d.account_id.notnull())
    first = d.group_by("account_id").agg(again_at=d.closed_at.min())
    c = looked_up(m.fact("customers"), first, [("account_id", "account_id")], {"again_at": "again_at"})
    c = c.select("account_id", "since_at", "again_at")
    again = c.filter(c.again_at > c.since_at)
    took = seconds_between(again.since_at, again.again_at) / 86400
    window = again.agg(buyers=again.count(), window_from=took.quantile(0.25), window_until=took.quantile(0.75))
    t = active_accounts(m, "horizon_at", "horizon_on", "horizon_window_at")
    t = looked_up(t, SPANS, [("span", "span")], {"end_at": "end_at", "horizon_at": "horizon_at"})
    t = looked_up(t, c, [("account_id", "account_id")], {"since_at": "since_at", "again_at": "again_at"})
    t = t.filter(t.again_at.isnull() | (t.again_at >= t.end_at)).cross_join(window.filter(window.buyers >= FEW_BUYERS))
    t = t.mutate(customer_days=seconds_between(t.since_at, t.horizon_at) / 86400)
    t = t.filter(t.customer_days >= t.window_from, t.customer_days <= t.window_until)
    return _of_owner(m, t).select(*_OWNED, "since_at", "customer_days", "window_from", "window_until")
