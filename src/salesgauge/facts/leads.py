"""Leads, prospects and what they were touched: responses, first contacts, replies, first meetings."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import first_of, looked_up, seconds_between, with_customer_since, with_place
from salesgauge.facts.deals import deal_activities, is_touch
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.model import SPAN_DAYS, Model, in_spans
from salesgauge.semantics.reach import BEFORE, Own, through

MEETINGS = ("meeting", "video", "visit", "demo")
_DEAL, _LEAD = "opportunities|", "leads|"  # what stands before the id of an entity that meets


@FACTS.declare("a lead and its deal, where that is known",
               key="lead_id", reach={
                   "leads": (Own("lead_id"),), "opportunities": (Own("lead_id"),),
                   "fact_deals": (through("leads", "opportunity_id", "opportunity_id", "lead_id"),),
                   "fact_stage_history": (through("opportunities", "opportunity_id", "opportunity_id", "lead_id"),)})
def lead_deals(m: Model) -> ir.Table:
    """A lead's deal: its opportunity_id where that deal is known, else the earliest known deal whose lead_id it is."""
    t, d = m["leads"].select("lead_id", "opportunity_id"), m.fact("deals")
    deals = m["opportunities"]
    deals = deals.filter(deals.lead_id.notnull())
    earliest = first_of(deals, ["lead_id"], [deals.created_at, deals.opportunity_id])
    t = looked_up(t, d, [("opportunity_id", "opportunity_id")], {"own_deal": "opportunity_id"})
    t = looked_up(t, earliest, [("lead_id", "lead_id")], {"earliest_deal": "opportunity_id"})
    return t.select("lead_id", deal_id=t.own_deal.coalesce(t.earliest_deal))


@FACTS.declare("an activity of a lead",
               key="lead_id", reach={
                   "activities": (Own("lead_id"), through("fact_lead_deals", "opportunity_id", "deal_id", "lead_id")),
                   "fact_lead_deals": (Own("lead_id"),)})
def lead_activities(m: Model) -> ir.Table:
    """An activity is a lead's when its lead_id is the lead, or it has none and its opportunity_id is the lead's deal."""
    a = m["activities"]
    a = a.filter(a.occurred_at.notnull())
    columns = ["activity_id", "occurred_at", "kind", "direction", "status", "sentiment"]
    own = a.filter(a.lead_id.notnull()).select("lead_id", *columns, "occurred_at_local")
    loose = a.filter(a.lead_id.isnull(), a.opportunity_id.notnull()).select("opportunity_id", *columns, "occurred_at_local")
    pairs = m.fact("lead_deals")
    pairs = pairs.filter(pairs.deal_id.notnull())
    through = loose.inner_join(pairs, [loose.opportunity_id == pairs.deal_id]).select("lead_id", *columns, "occurred_at_local")
    t = ibis.union(own, through)
    return t.select("lead_id", *columns, occurred_on=t.occurred_at_local.date(),
                    is_outbound=t.direction.isnull() | (t.direction == "outbound"),
                    is_touch=is_touch(t))


@FACTS.declare("a lead, as known",
               key="lead_id", reach={
                   "leads": (Own("lead_id"),), "fact_lead_activities": (Own("lead_id"),),
                   "fact_customers": (through("leads", "account_id", "referred_by_account_id", "lead_id"),),
                   "fact_rep_history": (through("leads", "rep_id", "owner_id", "lead_id", "created_at_local"),)})
def leads(m: Model) -> ir.Table:
    """Leads with their conversion, first response, place of the owner on the day of creation."""
    t = m["leads"]
    a = m.fact("lead_activities")
    out = a.filter(a.is_outbound).select("lead_id", "occurred_at")
    created = t.select(of_lead="lead_id", lead_at="created_at")
    answers = out.inner_join(created, [out.lead_id == created.of_lead, out.occurred_at >= created.lead_at])
    first = answers.group_by("lead_id").agg(answered_at=answers.occurred_at.min())
    t = looked_up(t, first, [("lead_id", "lead_id")], {"answered_at": "answered_at"})
    t = looked_up(t, m.fact("customers"), [("referred_by_account_id", "account_id")], {"referrer_since_at": "since_at"})
    t = with_place(m, t.mutate(created_on=t.created_at_local.date()), "owner_id", "created_on", "created_")
    return t.select("lead_id", "account_id", "created_at", "created_on", "created_team", "created_region", "created_manager", "channel",
                    "answered_at", "converted_at", *m.extras("leads"), rep="owner_id", campaign="campaign_id",
                    is_converted=t.converted_at.notnull(), is_answered=t.answered_at.notnull(),
                    is_referral=(t.referrer_since_at <= t.created_at).fill_null(False),
                    response_hours=seconds_between(t.created_at, t.answered_at) / 3600,
                    response_missing=t.answered_at.isnull().ifelse("unanswered", ibis.null("string")))


def _touch_band(touches: ir.IntegerColumn) -> ir.StringColumn:
    return ibis.cases((touches <= 4, touches.cast("string")), (touches <= 7, "5-7"), (touches <= 12, "8-12"), else_="13+")


@FACTS.declare("a lead that was contacted before its account was a customer",
               key="lead_id", reach={
                   "leads": (Own("lead_id"),), "fact_lead_activities": (Own("lead_id"),),
                   "fact_customers": (through("leads", "account_id", "account_id", "lead_id"),),
                   "fact_rep_history": (through("leads", "rep_id", "owner_id", "lead_id"),)})
def prospects(m: Model) -> ir.Table:
    """Prospects by their first outbound activity ever, whether they became a customer at or after it, and the touches up to then."""
    a = m.fact("lead_activities")
    a = a.filter(a.is_outbound)
    earliest = a.group_by("lead_id").agg(contacted_at=a.occurred_at.min())
    j = a.inner_join(earliest, [a.lead_id == earliest.lead_id, a.occurred_at == earliest.contacted_at])
    first = j.group_by("lead_id", "contacted_at").agg(contacted_on=j.occurred_on.min(), outreach=j.kind.argmin(j.activity_id))
    t = m["leads"].select("lead_id", "account_id", "channel", *m.extras("leads"), rep="owner_id")
    t = with_customer_since(m, looked_up(t, first, [("lead_id", "lead_id")], {
        c: c for c in ("contacted_at", "contacted_on", "outreach")}))
    t = t.filter(t.contacted_at.notnull(), t.since_at.isnull() | (t.since_at >= t.contacted_at))
    ends = t.select(of_lead="lead_id", until="since_at")
    counted = a.filter(a.is_touch).inner_join(ends, [a.lead_id == ends.of_lead])
    counted = counted.filter(counted.until.isnull() | (counted.occurred_at <= counted.until))
    touches = counted.group_by("lead_id").agg(touches=counted.count())
    t = looked_up(t, touches, [("lead_id", "lead_id")], {"touch_count": "touches"})
    t = with_place(m, t, "rep", "contacted_on", "contacted_")
    return t.select("lead_id", "account_id", "contacted_at", "contacted_on", "contacted_team", "contacted_region", "contacted_manager",
                    "channel",
                    "rep", "outreach", *m.extras("leads"), touch_count=t.touch_count.fill_null(0),
                    touches=_touch_band(t.touch_count.fill_null(0)),
                    became_customer=t.since_at.notnull())


@FACTS.declare("a prospect with an outbound activity in P", period=True)
def replies(m: Model) -> ir.Table:
    """Prospects touched in P, with the sentiment of their last reply in P at or after the first outbound activity in it."""
    a = m.fact("lead_activities")
    a = a.filter(in_spans(a.occurred_on))
    t = a.inner_join(SPAN_DAYS, [a.occurred_on == SPAN_DAYS.day])
    out = t.filter(t.is_outbound)
    first = first_of(out, ["span", "lead_id"], [out.occurred_at, out.activity_id]).select(
        "span", "lead_id", "occurred_on", first_out_at="occurred_at", outreach="kind")
    said = t.filter(~t.is_outbound, t.sentiment.isin(["positive", "negative"])).select(
        "span", "activity_id", "occurred_at", "sentiment", of_lead="lead_id")
    said = looked_up(said, first, [("span", "span"), ("of_lead", "lead_id")], {"first_out_at": "first_out_at"})
    said = said.filter(said.occurred_at >= said.first_out_at)
    last = first_of(said, ["span", "of_lead"], [ibis.desc(said.occurred_at), ibis.desc(said.activity_id)])
    t = looked_up(first, last, [("span", "span"), ("lead_id", "of_lead")], {"sentiment": "sentiment"})
    known = m["leads"].select("account_id", "channel", *m.extras("leads"), of_lead="lead_id", rep="owner_id")
    t = t.inner_join(known, [t.lead_id == known.of_lead])
    t = with_customer_since(m, t)
    t = t.filter(t.since_at.isnull() | (t.since_at >= t.first_out_at))
    t = with_place(m, t.rename(place_on="occurred_on"), "rep", "place_on")
    return t.select("span", "lead_id", "rep", "place_on", "team", "region", "manager", "channel", "outreach", "sentiment",
                    *m.extras("leads"))


@FACTS.declare("a touch at or before the first meeting held with a deal, or with a lead that is no deal's",
               key="entity", reach={
                   "fact_deals": (Own("opportunity_id", _DEAL), Own("deal_lead_id", _LEAD)), "leads": (Own("lead_id", _LEAD),),
                   "activities": (Own("opportunity_id", _DEAL), Own("lead_id", _LEAD),
                                  through("fact_deals", "lead_id", "deal_lead_id", "opportunity_id", prefix=_DEAL)),
                   "fact_rep_history": (through("fact_deals", "rep_id", "rep", "opportunity_id", prefix=_DEAL),
                                        through("leads", "rep_id", "owner_id", "lead_id", prefix=_LEAD))})
def meeting_touches(m: Model) -> ir.Table:
    """Touches up to the first meeting, video, visit or demo that was held, of each deal and of each lead that is no deal's lead (of
    a lead: its activities without an opportunity_id)."""
    d = m.fact("deals")
    of_deals = deal_activities(m, d.select("opportunity_id", "deal_lead_id", "rep", "channel"))
    of_deals = of_deals.select("rep", "channel", "activity_id", "occurred_at", "occurred_at_local", "status", "activity_kind",
                               record_table=ibis.literal("opportunities"), record_id="opportunity_id")
    lone = m["leads"].anti_join(d.filter(d.deal_lead_id.notnull()).select(lead_id="deal_lead_id"), "lead_id")
    lone = lone.select("channel", of_lead="lead_id", rep="owner_id")
    a = m["activities"]
    a = a.filter(a.occurred_at.notnull(), a.opportunity_id.isnull(), a.lead_id.notnull()).select(
        "lead_id", "activity_id", "occurred_at", "occurred_at_local", "status", activity_kind="kind")
    of_leads = a.inner_join(lone, [a.lead_id == lone.of_lead])
    of_leads = of_leads.select("rep", "channel", "activity_id", "occurred_at", "occurred_at_local", "status", "activity_kind",
                               record_table=ibis.literal("leads"), record_id="lead_id")
    t = ibis.union(of_deals, of_leads)
    t = t.mutate(entity=t.record_table + "|" + t.record_id)
    held = t.filter(t.activity_kind.isin(MEETINGS), t.status == "held")
    first = held.group_by("entity").agg(met_at=held.occurred_at.min(), met_on=held.occurred_at_local.min().date())
    t = looked_up(t, first, [("entity", "entity")], {"met_at": "met_at", "met_on": "met_on"})
    t = t.filter(is_touch(t), t.occurred_at <= t.met_at)
    t = with_place(m, t, "rep", "met_on", "met_")
    return t.select("entity", "record_table", "record_id", "activity_id", "met_at", "met_on", "rep", "met_team", "met_region",
                    "met_manager",
                    "channel", touches=ibis.literal(1, "int64"))


@FACTS.declare("an activity, as known",
               key="activity_id", reach={
                   "activities": (Own("activity_id"),),
                   "fact_deals": (through("activities", "opportunity_id", "opportunity_id", "activity_id"),),
                   "leads": (through("activities", "lead_id", "lead_id", "activity_id"),),
                   "fact_customers": (through(BEFORE, "account_id", "account_id", "activity_id"),),
                   "fact_rep_history": (through("activities", "rep_id", "rep_id", "activity_id", "occurred_at_local", "booked_at_local"),)})
def activities(m: Model) -> ir.Table:
    """Activities with their account (own, else their deal's, else their lead's), whether it was a prospect at the activity and at the
    booking, the product of their deal, and the places of their rep on both days."""
    t = m["activities"]
    t = looked_up(t, m.fact("deals"), [("opportunity_id", "opportunity_id")], {"deal_account": "account_id", "product": "product"})
    t = looked_up(t, m["leads"], [("lead_id", "lead_id")], {"lead_account": "account_id"})
    t = t.mutate(account_id=t.account_id.coalesce(t.deal_account, t.lead_account), occurred_on=t.occurred_at_local.date(),
                 booked_on=t.booked_at_local.date())
    t = with_customer_since(m, t.rename(rep="rep_id"))
    for event in ("occurred", "booked"):
        t = with_place(m, t, "rep", f"{event}_on", f"{event}_")
    return t.select("activity_id", "kind", "status", "sentiment", "occurred_at", "occurred_on", "booked_at", "booked_on", "rep", "product",
                    "account_id",
                    "occurred_team", "occurred_region", "occurred_manager", "booked_team", "booked_region", "booked_manager",
                    *m.extras("activities"), is_touch=is_touch(t), is_outbound=t.direction.isnull() | (t.direction == "outbound"),
                    prospect_when_occurred=(t.since_at.isnull() | (t.since_at > t.occurred_at)).fill_null(False),
                    prospect_when_booked=(t.since_at.isnull() | (t.since_at > t.booked_at)).fill_null(False))
