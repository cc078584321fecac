"""Customers: since when, active or not, what they are touched, sold and asked."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import first_of, looked_up, seconds_between, with_account, with_customer_since, with_day_start, with_place
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.looking_back import Hindsight
from salesgauge.semantics.model import SPAN_DAYS, SPANS, Model, in_spans
from salesgauge.semantics.reach import Own, through


@FACTS.declare("an account that is a customer",
               key="account_id", reach={
                   "fact_purchases": (Own("account_id"),), "contracts": (Own("account_id"),), "accounts": (Own("account_id"),),
                   "leads": (Own("account_id"),),
                   "fact_rep_history": (through("fact_purchases", "rep_id", "rep", "account_id", "purchased_on"),
                                        through("contracts", "rep_id", "rep_id", "account_id", "starts_on"))})
def customers(m: Model) -> ir.Table:
    """Customer since: the first purchase or the start of the first contract, whichever is earlier (at one instant a purchase before a
    contract, then the smaller id), with the channel and rep of what made it one."""
    purchases = m.fact("purchases")
    purchases = purchases.filter(purchases.account_id.notnull(), ~purchases.is_return)
    bought = purchases.select("account_id", since_at="purchased_at", since_local="purchased_at_local", rank=ibis.literal(0, "int64"),
                              made_by="purchase_id", channel="channel", rep="rep")
    c = m["contracts"]
    c = with_day_start(c.filter(c.account_id.notnull()), "starts_on", "starts_at")
    local = c.starts_on.cast("timestamp(6)")
    signed = c.select("account_id", since_at=c.starts_at.coalesce(local), since_local=local, rank=ibis.literal(1, "int64"),
                      made_by="contract_id", channel=ibis.null("string"), rep="rep_id")
    events = ibis.union(bought, signed)
    events = events.mutate(order=events.rank.cast("string").concat(events.made_by))  # of those at one instant
    t = events.group_by("account_id").agg(since_at=events.since_at.min())
    first = events.group_by("account_id", "since_at").agg(order=events.order.min())
    made = {c: c for c in ("since_local", "made_by", "channel", "rep")}
    t = looked_up(t, first, [("account_id", "account_id"), ("since_at", "since_at")], {"order": "order"})
    t = looked_up(t, events, [("account_id", "account_id"), ("order", "order")], made)
    t = t.mutate(since_on=t.since_local.date())
    t = with_place(m, t, "rep", "since_on", "since_")
    t = with_account(m, t, region="account_region")
    leads = m["leads"].select("lead_id", lead_channel="channel", lead_at="created_at", of_account="account_id")
    j = t.inner_join(leads, [t.account_id == leads.of_account, leads.lead_at <= t.since_at])
    earliest = first_of(j, ["account_id"], [j.lead_at, j.lead_id]).select("account_id", "lead_id", "lead_at", "lead_channel")
    t = looked_up(t, earliest, [("account_id", "account_id")], {"lead_id": "lead_id", "lead_at": "lead_at", "lead_channel": "lead_channel"})
    return t.select("account_id", "since_at", "since_local", "since_on", "made_by", "channel", "rep", "since_team", "since_region",
                    "segment",
                    "industry", "account_owner", "account_region", "lead_id", "lead_at", "lead_channel",
                    days_to_sell=seconds_between(t.lead_at, t.since_at) / 86400,
                    lead_missing=t.lead_at.isnull().ifelse("no_first_lead", ibis.null("string")))


def won_before_its_time(m: Hindsight) -> ir.Table | None:
    """Deals that make an account a customer with an instant at which they are not known: where won deals are the purchases, the first of
    an account by its instant is then not the first that is known."""
    if m.shape.has("orders"):
        return None
    d = m.stored("opportunities")
    return d.filter(d.outcome == "won", d.closed_at <= m.as_of_at, d.created_at > m.as_of_at).select("opportunity_id")


@FACTS.look_back("customers", unless=won_before_its_time)
def customers_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """Who is a customer since an instant was one as of any later, made one by the same: later purchases are no earlier ones. A contract
    begins with its day."""
    return t.filter(t.since_at <= m.as_of_at)


def active_accounts(m: Model, instant: str, day: str, window: str) -> ir.Table:
    """The accounts active at an instant of each span (columns of SPANS: the instant, its local day, the start of the purchase window)."""
    if m.shape.has("contracts"):
        c, s = m["contracts"], SPANS
        t = c.inner_join(s, [c.starts_on <= s[day], c.ends_on > s[day]])
        return t.filter(t.account_id.notnull()).select("span", "account_id").distinct()
    p, s = m.fact("purchases"), SPANS
    p = p.filter(~p.is_return, p.account_id.notnull())
    t = p.inner_join(s, [p.purchased_at >= s[window], p.purchased_at < s[instant]])
    return t.select("span", "account_id").distinct()


def _marked(t: ir.Table, others: ir.Table, column: str) -> ir.Table:
    """`t` with whether its span and account are among `others`."""
    held = others.mutate(found__=ibis.literal(True))
    t = looked_up(t, held, [("span", "span"), ("account_id", "account_id")], {column: "found__"})
    return t.mutate(**{column: t[column].fill_null(False)})


def with_owner_place(m: Model, t: ir.Table) -> ir.Table:
    """Account dimensions, and the account owner's place on P's first day."""
    t = looked_up(t, SPANS, [("span", "span")], {"place_on": "start_on"})
    t = with_account(m, t)
    return with_place(m, t, "account_owner", "place_on").mutate(owner=ibis._.account_owner)


_STATE = ("span", "account_id", "account_owner", "owner", "place_on", "team", "region", "segment", "industry")


@FACTS.declare("an account active at P's start", period=True)
def starting_customers(m: Model) -> ir.Table:
    """Accounts active at P's start, and whether they are still at H."""
    t = active_accounts(m, "start_at", "start_on", "start_window_at")
    t = _marked(t, active_accounts(m, "horizon_at", "horizon_on", "horizon_window_at"), "retained")
    t = with_owner_place(m, t)
    return t.select(*_STATE, "retained")


@FACTS.declare("a touch in P with an account active at P's start", period=True)
def customer_touches(m: Model) -> ir.Table:
    """Touches with the accounts that were active at P's start."""
    a = m.fact("activities")
    a = a.filter(a.is_touch, a.account_id.notnull(), a.occurred_at.notnull(), in_spans(a.occurred_on))
    t = a.select("activity_id", "account_id", "occurred_on").inner_join(SPAN_DAYS, [a.occurred_on == SPAN_DAYS.day])
    t = t.select("span", "activity_id", "account_id").semi_join(m.fact("starting_customers"), ["span", "account_id"])
    return with_owner_place(m, t).select(*_STATE, "activity_id", touches=ibis.literal(1, "int64"))


@FACTS.declare("an account that was a customer before P's start", period=True)
def earlier_customers(m: Model) -> ir.Table:
    """Accounts whose customer-since lies before P's start."""
    c, s = m.fact("customers"), SPANS
    t = c.inner_join(s, [c.since_at < s.start_at]).select("span", "account_id")
    return with_owner_place(m, t).select(*_STATE)


@FACTS.declare("a deal won in P by an account that was a customer before P's start", period=True)
def customer_wins(m: Model) -> ir.Table:
    """Won deals of earlier customers, with kind and product."""
    d, s = m.fact("deals"), SPANS
    d = d.filter(d.outcome == "won").select("opportunity_id", "account_id", "kind", "product", "closed_on")
    t = d.inner_join(s, [d.closed_on >= s.start_on, d.closed_on < s.end_on]).select("span", *d.columns)
    t = t.semi_join(m.fact("earlier_customers"), ["span", "account_id"])
    return with_owner_place(m, t).select(*_STATE, "opportunity_id", "kind", "product")


@FACTS.declare("an account active 365 days before H", period=True)
def customers_a_year_ago(m: Model) -> ir.Table:
    """Accounts active at H - 365 days, and whether they are lost at H."""
    t = active_accounts(m, "year_ago_at", "year_ago_on", "year_ago_window_at")
    t = _marked(t, active_accounts(m, "horizon_at", "horizon_on", "horizon_window_at"), "retained")
    t = _of_owner(m, t)
    return t.select("span", "account_id", *_OWNED, lost=~t.retained)


_OWNED = ("segment", "industry", "account_owner", "region", "owner", "place_on")


def _of_owner(m: Model, t: ir.Table) -> ir.Table:
    """Account dimensions; the row is the account owner's, as of the last day of the horizon."""
    t = looked_up(with_account(m, t, region="region"), SPANS, [("span", "span")], {"place_on": "last_on"})
    return t.mutate(owner=t.account_owner)


def _account_purchases(m: Model, bounds: Sequence[ir.BooleanValue], p: ir.Table) -> ir.Table:
    """Purchases and returns within the bounds of each span of the accounts with a purchase in them, marked where one of those counts."""
    t = p.inner_join(SPANS, list(bounds))
    t = t.select("span", "record_table", "purchase_id", "account_id", "value", "value_missing", "is_return", "purchased_at")
    buys = t.filter(~t.is_return)
    t = _marked(t, buys.select("span", "account_id").distinct(), "account_buys")
    t = _marked(t.filter(t.account_buys), buys.filter(buys.value_missing.isnull()).select("span", "account_id").distinct(),
                "account_counts")
    t = _of_owner(m, t)
    return t.select("span", "record_table", "purchase_id", "account_id", "value", "value_missing", "is_return", "account_counts",
                    "purchased_at", *_OWNED, account="account_id")


@FACTS.declare("a purchase or return of an account within the 365 days before H", period=True)
def year_purchases(m: Model) -> ir.Table:
    """What lifetime value is estimated from."""
    p = m.fact("purchases")
    p = p.filter(p.account_id.notnull())
    return _account_purchases(m, [p.purchased_at >= SPANS.year_ago_at, p.purchased_at < SPANS.end_at,
                                  p.purchased_at <= SPANS.horizon_at], p)


@FACTS.declare("a purchase or return of an account by H", period=True)
def purchases_so_far(m: Model) -> ir.Table:
    """What an account has been worth so far."""
    p = m.fact("purchases")
    p = p.filter(p.account_id.notnull())
    return _account_purchases(m, [p.purchased_at < SPANS.end_at], p)


@FACTS.declare("the last answer of a contact to the customer survey in P", period=True)
def survey_answers(m: Model) -> ir.Table:
    """One answer per contact (else account, else each alone), with 100, 0 or -100 and why it may not count."""
    r = m["survey_responses"]
    r = r.filter(r.survey == "nps").mutate(answered_on=r.responded_at_local.date())
    who = ibis.cases((r.contact_id.notnull(), ibis.literal("c:") + r.contact_id),
                     (r.account_id.notnull(), ibis.literal("a:") + r.account_id), else_=ibis.literal("r:") + r.response_id)
    r = r.mutate(who=who)
    t = r.inner_join(SPANS, [r.answered_on >= SPANS.start_on, r.answered_on < SPANS.end_on])
    t = first_of(t, ["span", "who"], [ibis.desc(t.responded_at), ibis.desc(t.response_id)])
    t = with_customer_since(m, t)
    ripe = t.since_local + ibis.interval(days=m.shape.nps_min_tenure_days)
    missing = ibis.cases((t.since_at.isnull() | (t.since_at > t.responded_at), "not_a_customer"),
                         (t.responded_at_local < ripe, "too_new_customer"), else_=ibis.null("string"))
    t = with_account(m, t.mutate(value_missing=missing), region="region")
    return t.select("span", "response_id", "account_id", "score", "value_missing", "segment", "industry", "account_owner", "region",
                    owner="account_owner", place_on="answered_on",
                    value=ibis.cases((t.score >= 9, 100.0), (t.score <= 6, -100.0), else_=0.0))
