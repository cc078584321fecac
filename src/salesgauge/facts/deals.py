"""Deals and what happened to them: bookings, tracked and open deals of a period, cycles, touches."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import (
    DailyRates,
    daily_rates,
    first_of,
    looked_up,
    seconds_between,
    with_account,
    with_money,
    with_place,
    with_product,
    with_tenure,
)
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.looking_back import Hindsight, where
from salesgauge.semantics.model import SPANS, Model, Rows, overlaps_spans
from salesgauge.semantics.reach import EVERYTHING, Own, through

# The columns of a deal that every fact about deals carries on as dimensions.
DEAL_DIMENSIONS = ("rep", "kind", "channel", "product", "family", "location", "segment", "industry")
# How an activity reaches deals: by name, or through its lead.
OF_DEALS = (Own("opportunity_id"), through("fact_deals", "lead_id", "deal_lead_id", "opportunity_id"))
_DAYS = ("created_at_local", "closed_at_local")


@FACTS.declare("a deal, as known",
               key="opportunity_id", in_time="closed_on", reach={
                   "opportunities": (Own("opportunity_id"),), "leads": (Own("opportunity_id"),), "stages": EVERYTHING,
                   "fact_stage_history": (Own("opportunity_id"),),
                   "reps": (through("opportunities", "rep_id", "owner_id", "opportunity_id"),),
                   "products": (through("opportunities", "product_id", "product_id", "opportunity_id"),),
                   "accounts": (through("opportunities", "account_id", "account_id", "opportunity_id"),),
                   "fact_rep_history": (through("opportunities", "rep_id", "owner_id", "opportunity_id", *_DAYS),),
                   "fact_rate_history": (through("opportunities", "currency", "currency", "opportunity_id", *_DAYS),)})
def deals(m: Model) -> ir.Table:
    """Deals with their lead, value when created and when closed, places of the owner on both days, and dimensions."""
    t = m["opportunities"]
    leads = m["leads"]
    leads = leads.filter(leads.opportunity_id.notnull())
    earliest = first_of(leads, ["opportunity_id"], [leads.created_at, leads.lead_id])
    t = looked_up(t, earliest, [("opportunity_id", "opportunity_id")],
                  {"earliest_lead": "lead_id", **m.hindsight(earliest_lead_at="created_at")})
    t = t.mutate(deal_lead_id=t.lead_id.coalesce(t.earliest_lead), created_on=t.created_at_local.date(),
                 closed_on=t.closed_at_local.date())
    t = t.rename(rep="owner_id", product="product_id", location="location_id")
    for event in ("created", "closed"):
        t = with_place(m, t, "rep", f"{event}_on", f"{event}_")
    t = _valued(m, t, daily_rates(m))
    t = with_tenure(m, t, "rep", "closed_on", "closed_tenure")
    t = looked_up(t, m["reps"], [("rep", "rep_id")], {"owner_role": "role", "known_owner": "rep_id"})
    t = with_product(m, with_account(m, t))
    stages = m["stages"]
    t = looked_up(t, stages, [("pipeline", "pipeline"), ("stage", "stage")], {"stage_is_qualified": "is_qualified"})
    return t.select("opportunity_id", "account_id", "deal_lead_id", "pipeline", "stage", "outcome", "created_at", "created_at_local",
                    "created_on",
                    "closed_at", "closed_at_local", "closed_on", "amount", "currency", "created_value", "created_value_missing",
                    "closed_value", "closed_value_missing", "acv_value", "acv_value_missing", "owner_role", "closed_tenure",
                    "created_team", "created_region", "created_manager", "closed_team", "closed_region", "closed_manager",
                    "loss_reason", "competitor", *DEAL_DIMENSIONS, *m.extras("opportunities"), owner_is_known=t.known_owner.notnull(),
                    stage_is_qualified=t.stage_is_qualified.fill_null(False),
                    **m.hindsight(acv="acv", lead_known_at=lambda t: where(t.lead_id.isnull(), t, "earliest_lead_at")["earliest_lead_at"]))


def _otherwise_then(m: Hindsight, t: ir.Table) -> ir.Table:
    """Deals that were open at the instant, had another stage or amount, or of which a lead that names them was not known yet."""
    told = m.shape.has("stage_changes")
    t = t.filter(t.created_at <= m.as_of_at)
    t = _with_state_then(m, t) if told else t
    other = ~m.is_known(t.closed_at) | (t.lead_known_at > m.as_of_at).fill_null(False)
    if told:
        other = other | ~t.stage_then.coalesce(t.stage).identical_to(t.stage) | ~t.amount_then.identical_to(t.amount)
    return t.filter(other).select(key="opportunity_id")


def _with_state_then(m: Hindsight, t: ir.Table) -> ir.Table:
    """Deals with the stage (empty: none was told) and amount of the interval that held at the instant."""
    s = m.fact("deal_states")
    s = s.filter(s.from_at <= m.as_of_at, s.until_at > m.as_of_at)
    return looked_up(t, s, [("opportunity_id", "opportunity_id")], {"stage_then": "stage", "amount_then": "amount"})


def _deals_then(m: Hindsight, t: ir.Table) -> ir.Table:
    """A deal closed later is open; its stage and amount are those that held at the instant, and so its values; a lead that only named
    the deal is its lead once it is known."""
    t = m.of_keys(t, "opportunity_id")
    t = t.mutate(**where(m.is_known(t.closed_at), t, "outcome", "closed_at", "closed_at_local", "closed_on", "closed_team", "closed_region",
                         "closed_manager", "closed_tenure"),
                 **where(t.lead_known_at.isnull() | m.is_known(t.lead_known_at), t, "deal_lead_id"))
    t = t.drop("created_value", "created_value_missing", "closed_value", "closed_value_missing", "acv_value", "acv_value_missing")
    if m.shape.has("stage_changes"):
        t = _with_state_then(m, t.drop("stage_is_qualified"))
        t = t.mutate(stage=t.stage_then.coalesce(t.stage), amount=t.amount_then)
        t = looked_up(t, m["stages"], [("pipeline", "pipeline"), ("stage", "stage")], {"stage_is_qualified": "is_qualified"})
        t = t.mutate(stage_is_qualified=t.stage_is_qualified.fill_null(False))
    return _valued(m, t)


@FACTS.look_back("deals", again=_otherwise_then, instead=_deals_then)
def deals_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A deal that was closed by then and stands as it did."""
    return t.filter(t.created_at <= m.as_of_at)


def _valued(m: Model, t: ir.Table, rates: DailyRates | None = None) -> ir.Table:
    """Deals with the amount valued on the days of creation and close, and the contract value on the latter; `rates` as of `with_rate`."""
    for event in ("created", "closed"):
        t = with_money(m, t, "amount", f"{event}_on", f"{event}_", rates=rates)
    return with_money(m, t.mutate(acv_amount=t.acv.coalesce(t.amount)), "acv_amount", "closed_on", "acv_", rates=rates)


def _carried(m: Model, *more: str) -> list[str]:
    return ["opportunity_id", *DEAL_DIMENSIONS, *m.extras("opportunities"), *more]


@FACTS.declare("a deal tracked in a period: created before its end and not closed before its start", period=True)
def tracked_deals(m: Model) -> ir.Table:
    """Tracked deals with whether they were won in the period and qualified by H; places on `closed_at` if closed by H, else on the
    last day of the horizon."""
    d, s = m.fact("deals"), SPANS
    d = d.filter(overlaps_spans(d.created_on, d.closed_on))
    t = d.inner_join(s, [d.created_at < s.end_at, (d.closed_at >= s.start_at).fill_null(True)])
    closed_by = t.closed_at.notnull() & (t.closed_at < t.end_at)
    t = t.mutate(won_in=(closed_by & (t.outcome == "won")).fill_null(False), place_on=closed_by.ifelse(t.closed_on, t.last_on))
    # A change that names no stage leaves that of before, which has counted already: the changes as stored are enough, of these deals.
    changes = m["stage_changes"]
    changes = changes.filter(changes.stage.notnull()).select("changed_at", "stage", of_deal="opportunity_id")
    these = t.select("opportunity_id", "pipeline").distinct()
    marked = looked_up(these.inner_join(changes, [these.opportunity_id == changes.of_deal]), m["stages"],
                       [("pipeline", "pipeline"), ("stage", "stage")], {"is_qualified": "is_qualified"})
    seen = marked.group_by("opportunity_id").agg(
        first_change_at=marked.changed_at.min(),
        qualified_at=marked.changed_at.min(where=marked.is_qualified.fill_null(False)))
    t = looked_up(t, seen, [("opportunity_id", "opportunity_id")], {"first_change_at": "first_change_at", "qualified_at": "qualified_at"})
    has_history = (t.first_change_at < t.end_at).fill_null(False)
    qualified = t.won_in | has_history.ifelse((t.qualified_at < t.end_at).fill_null(False), t.stage_is_qualified)
    t = with_place(m, t.mutate(qualified=qualified), "rep", "place_on")
    return t.select("span", *_carried(m, "place_on", "team", "region", "manager", "won_in", "qualified", "created_at", "closed_at",
                                      "outcome"))


@FACTS.declare("a deal open at H", period=True)
def open_deals(m: Model) -> ir.Table:
    """Open deals with the stage they were in at H and the days since they entered it (without a change by H: since created_at)."""
    d, s = m.fact("deals"), SPANS
    d = d.filter(overlaps_spans(d.created_on, d.closed_on))
    t = d.inner_join(s, [d.created_at < s.end_at, (d.closed_at >= s.end_at).fill_null(True)])
    changes = m.part("stage_history", "opportunity_id", Rows("stage_changes", "opportunity_id", t.select("opportunity_id")))
    entries = changes.filter(changes.entered)
    if m.shape.dated:
        entries = entries.filter(entries.changed_at <= m.as_of_at)
    entries = entries.select(of_deal="opportunity_id", entered_at="changed_at", entered_stage="stage", nth="nth")
    ends = t.select("span", "opportunity_id", "end_at")
    j = ends.inner_join(entries, [ends.opportunity_id == entries.of_deal, entries.entered_at < ends.end_at])
    last = j.group_by("span", "opportunity_id").agg(entered_at=j.entered_at.max(), entered_stage=j.entered_stage.argmax(j.nth))
    t = looked_up(t, last, [("span", "span"), ("opportunity_id", "opportunity_id")],
                  {"entered_at": "entered_at", "entered_stage": "entered_stage"})
    since = t.entered_at.coalesce(t.created_at)
    t = t.mutate(stage=t.entered_stage.coalesce(t.stage), since_at=since, place_on=t.last_on,
                 stalled_days=seconds_between(since, t.horizon_at) / 86400)
    t = with_place(m, t, "rep", "place_on")
    return t.select("span", *_carried(m, "place_on", "team", "region", "manager", "stage", "since_at", "horizon_at", "stalled_days",
                                      "account_id", "created_at"))


def deal_activities(m: Model, d: ir.Table) -> ir.Table:
    """Each activity of each of the deals `d`: its opportunity_id is the deal, or it has none and its lead_id is the deal's lead."""
    a = m["activities"]
    a = a.filter(a.occurred_at.notnull())
    a = a.select("activity_id", "occurred_at", "status", activity_kind="kind", of_deal="opportunity_id", of_lead="lead_id")
    own = d.inner_join(a, [d.opportunity_id == a.of_deal])
    loose = a.filter(a.of_deal.isnull())
    through_lead = d.inner_join(loose, [d.deal_lead_id == loose.of_lead])
    return ibis.union(own, through_lead)


def is_touch(t: ir.Table) -> ir.BooleanColumn:
    """A touch: an activity that was neither declined nor missed."""
    return ~t.status.identical_to("declined") & ~t.status.identical_to("no_show")


def is_outbound(t: ir.Table) -> ir.BooleanColumn:
    """Whether an activity went out: one without a direction did."""
    return t.direction.fill_null("outbound") == "outbound"


@FACTS.declare("a closed deal with its cycle",
               key="opportunity_id", reach={"fact_deals": (Own("opportunity_id"),), "activities": OF_DEALS})
def deal_cycles(m: Model) -> ir.Table:
    """Days from first contact (the earliest activity at or before the close; none: created_at) to the close."""
    d = m.fact("deals")
    d = m.asked(d.filter(d.closed_at.notnull()), "closed_on", "outcome")
    t = deal_activities(m, d.select("opportunity_id", "deal_lead_id", "closed_at"))
    t = t.filter(m.apart(t.occurred_at <= t.closed_at))
    first = t.group_by("opportunity_id").agg(first_contact_at=t.occurred_at.min())
    d = looked_up(d, first, [("opportunity_id", "opportunity_id")], {"contacted_at": "first_contact_at"})
    first_contact = d.contacted_at.coalesce(d.created_at)
    return d.select(*_carried(m, "outcome", "closed_at", "closed_on", "closed_team", "closed_region", "closed_manager"),
                    first_contact_at=first_contact, cycle_days=seconds_between(first_contact, d.closed_at) / 86400,
                    **m.hindsight(created_at="created_at", lead_known_at="lead_known_at"))


def _closed_before_its_lead(m: Hindsight, t: ir.Table) -> ir.Table:
    """Deals that were closed by the instant, while the lead through which they have activities was not known yet."""
    return t.filter(t.closed_at <= m.as_of_at, t.lead_known_at > m.as_of_at).select(key="opportunity_id")


@FACTS.look_back("deal_cycles", again=_closed_before_its_lead)
def cycles_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """All that makes a cycle lies before the close."""
    return t.filter(t.closed_at <= m.as_of_at, t.created_at <= m.as_of_at)


@FACTS.declare("a touch of a closed deal at or before its close",
               key="activity_id", reach={"activities": (Own("activity_id"),), "fact_deals": (
                   through("activities", "opportunity_id", "opportunity_id", "activity_id"),
                   through("activities", "deal_lead_id", "lead_id", "activity_id"))})
def deal_touches(m: Model) -> ir.Table:
    """Touches of closed deals; an activity that is one of two deals' stands twice."""
    d = m.fact("deals")
    d = d.filter(d.closed_at.notnull()).select(*_carried(m, "deal_lead_id", "outcome", "closed_at", "closed_on", "closed_team",
                                                         "closed_region", "closed_manager"),
                                               **m.hindsight(created_at="created_at", lead_known_at="lead_known_at"))
    t = deal_activities(m, d)
    t = t.filter(is_touch(t), m.apart(t.occurred_at <= t.closed_at))
    return t.select(*_carried(m, "outcome", "closed_on", "closed_team", "closed_region", "closed_manager", "activity_id", "activity_kind"),
                    touches=ibis.literal(1, "int64"),
                    **m.hindsight(closed_at="closed_at", created_at="created_at",
                                  lead_known_at=lambda t: where(t.of_deal.isnull(), t, "lead_known_at")["lead_known_at"]))


@FACTS.look_back("deal_touches")
def touches_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A touch lies before the close; one through a lead is the deal's once the lead is known."""
    return t.filter(t.closed_at <= m.as_of_at, t.created_at <= m.as_of_at, t.lead_known_at.isnull() | (t.lead_known_at <= m.as_of_at))


@FACTS.declare("a proposal or contract sent",
               key="opportunity_id", reach={
                   "documents": (Own("opportunity_id"),), "fact_deals": (Own("opportunity_id"),),
                   "fact_rep_history": (through("fact_deals", "rep_id", "rep", "opportunity_id"),)})
def documents(m: Model) -> ir.Table:
    """Documents with the owner and product of their deal; places on the day they were sent."""
    t = m["documents"]
    t = looked_up(t, m.fact("deals"), [("opportunity_id", "opportunity_id")],
                  {"rep": "rep", "product": "product", **m.hindsight(deal_at="created_at")})
    t = with_place(m, t.mutate(sent_on=t.sent_at_local.date()), "rep", "sent_on", "sent_")
    return t.select("document_id", "opportunity_id", "sent_at", "sent_on", "sent_team", "sent_region", "sent_manager", "rep", "product",
                    document_kind="kind", **m.hindsight(deal_at="deal_at"))


@FACTS.look_back("documents")
def documents_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A document that was sent before its deal was known has no owner until then."""
    t = t.filter(t.sent_at <= m.as_of_at)
    return t.mutate(**where(t.deal_at.isnull() | m.is_known(t.deal_at), t, "rep", "product", "sent_team", "sent_region", "sent_manager"))
