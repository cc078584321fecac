"""Leads, prospects and what they were touched: responses, first contacts, replies, first meetings."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import first_of, looked_up, seconds_between, with_customer_since, with_place
from salesgauge.facts.customers import won_before_its_time
from salesgauge.facts.deals import is_outbound, is_touch
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.looking_back import Hindsight, where
from salesgauge.semantics.model import SPAN_DAYS, Model, Rows, in_spans
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
    t, d = m["leads"].select("lead_id", "opportunity_id", **m.hindsight(created_at="created_at")), m.fact("deals")
    deals = m["opportunities"]
    deals = deals.filter(deals.lead_id.notnull())
    earliest = first_of(deals, ["lead_id"], [deals.created_at, deals.opportunity_id])
    t = looked_up(t, d, [("opportunity_id", "opportunity_id")], {"own_deal": "opportunity_id", **m.hindsight(own_deal_at="created_at")})
    t = looked_up(t, earliest, [("lead_id", "lead_id")], {"earliest_deal": "opportunity_id",
                                                          **m.hindsight(earliest_deal_at="created_at")})
    told = m.hindsight(**{c: c for c in ("created_at", "own_deal", "own_deal_at", "earliest_deal", "earliest_deal_at")})
    return t.select("lead_id", deal_id=t.own_deal.coalesce(t.earliest_deal), **told)


@FACTS.look_back("lead_deals")
def lead_deals_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """The lead's own deal once it is known, until then the earliest that is."""
    t = t.filter(t.created_at <= m.as_of_at)
    t = t.mutate(**where(m.is_known(t.own_deal_at), t, "own_deal"), **where(m.is_known(t.earliest_deal_at), t, "earliest_deal"))
    return t.mutate(deal_id=t.own_deal.coalesce(t.earliest_deal))


def _with_another_deal(m: Hindsight) -> ir.Table:
    """Leads that had another deal as of the instant than they have as of nothing."""
    t = m.latest("lead_deals")
    return t.filter(t.own_deal != t.earliest_deal, t.created_at <= m.as_of_at, t.earliest_deal_at <= m.as_of_at,
                    t.own_deal_at > m.as_of_at).select(key="lead_id")


@FACTS.declare("an activity of a lead",
               key="lead_id", reach={
                   "activities": (Own("lead_id"), through("fact_lead_deals", "opportunity_id", "deal_id", "lead_id")),
                   "fact_lead_deals": (Own("lead_id"),)})
def lead_activities(m: Model) -> ir.Table:
    """An activity is a lead's when its lead_id is the lead, or it has none and its opportunity_id is the lead's deal."""
    a = m["activities"]
    a = a.filter(a.occurred_at.notnull())
    columns = ["activity_id", "occurred_at", "kind", "direction", "status", "sentiment"]
    own = a.filter(a.lead_id.notnull()).select("lead_id", *columns, "occurred_at_local",
                                               **m.hindsight(paired_at=ibis.null("timestamp(6)")))
    loose = a.filter(a.lead_id.isnull(), a.opportunity_id.notnull()).select("opportunity_id", *columns, "occurred_at_local")
    pairs = m.at_least("lead_deals", m.rows)
    pairs = pairs.filter(pairs.deal_id.notnull())
    if not m.shape.dated:
        pairs = pairs.mutate(paired_at=_later(pairs.created_at, pairs.own_deal.notnull().ifelse(pairs.own_deal_at, pairs.earliest_deal_at)))
    through = loose.inner_join(pairs, [loose.opportunity_id == pairs.deal_id]).select("lead_id", *columns, "occurred_at_local",
                                                                                      **m.hindsight(paired_at="paired_at"))
    t = ibis.union(own, through)
    return t.select("lead_id", *columns, occurred_on=t.occurred_at_local.date(),
                    is_outbound=is_outbound(t),
                    is_touch=is_touch(t), **m.hindsight(paired_at="paired_at"))


def _later(one: ir.TimestampColumn, other: ir.TimestampColumn) -> ir.TimestampColumn:
    """The later of two instants, the one that is not empty where the other is (engines do not agree on what `greatest` does then)."""
    return ibis.cases((one.isnull() | (other > one), other), else_=one)


@FACTS.look_back("lead_activities", again=lambda m, t: _with_another_deal(m))
def lead_activities_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """An activity is known from its instant on, as that of a lead through its deal once both are."""
    return t.filter(t.occurred_at <= m.as_of_at, t.paired_at.isnull() | (t.paired_at <= m.as_of_at))


@FACTS.declare("a lead, as known",
               key="lead_id", in_time="created_on", reach={
                   "leads": (Own("lead_id"),), "fact_lead_activities": (Own("lead_id"),),
                   "fact_customers": (through("leads", "account_id", "referred_by_account_id", "lead_id"),),
                   "fact_rep_history": (through("leads", "rep_id", "owner_id", "lead_id", "created_at_local"),)})
def leads(m: Model) -> ir.Table:
    """Leads with their conversion, first response, place of the owner on the day of creation."""
    t = m["leads"].mutate(created_on=ibis._.created_at_local.date())
    asked = m.asked(t, "created_on")
    created = asked.select(of_lead="lead_id", lead_at="created_at")
    a = m.at_least("lead_activities", None if asked is t else Rows("leads", "lead_id", created.select("of_lead")))
    out = a.filter(a.is_outbound).select("lead_id", "occurred_at", **m.hindsight(paired_at="paired_at"))
    answers = out.inner_join(created, [out.lead_id == created.of_lead])
    answers = m.asked_from(answers.filter(m.apart(answers.occurred_at >= answers.lead_at)), "occurred_at", "created_on")
    told = m.hindsight(itself_at=ibis._.occurred_at.min(where=ibis._.paired_at.isnull()), paired_at=ibis._.paired_at.max())
    first = answers.group_by("lead_id").agg(answered_at=answers.occurred_at.min(), **told)
    t = looked_up(t, first, [("lead_id", "lead_id")], {"answered_at": "answered_at", **{name: name for name in told}})
    if told:  # only where the first answer was one through the deal it matters when that was known
        through = (t.itself_at.isnull() | (t.itself_at > t.answered_at)).ifelse(t.paired_at, ibis.null("timestamp(6)"))
        told = m.hindsight(answer_paired_at=through)
    t = looked_up(t, m.fact("customers"), [("referred_by_account_id", "account_id")], {"referrer_since_at": "since_at"})
    t = with_place(m, t, "owner_id", "created_on", "created_")
    return t.select("lead_id", "account_id", "created_at", "created_on", "created_team", "created_region", "created_manager", "channel",
                    "answered_at", "converted_at", *m.extras("leads"), rep="owner_id", campaign="campaign_id",
                    is_converted=t.converted_at.notnull(), is_answered=t.answered_at.notnull(),
                    is_referral=(t.referrer_since_at <= t.created_at).fill_null(False),
                    response_hours=seconds_between(t.created_at, t.answered_at) / 3600,
                    response_missing=t.answered_at.isnull().ifelse("unanswered", ibis.null("string")), **told)


def _answered_through_a_later_deal(m: Hindsight, t: ir.Table) -> ir.Table:
    """Leads of which the first answer is one through a deal that was not known yet, or was another."""
    mine = t.filter(t.created_at <= m.as_of_at, t.answer_paired_at > m.as_of_at).select(key="lead_id")
    return ibis.union(mine, _with_another_deal(m), distinct=True)


@FACTS.look_back("leads", again=_answered_through_a_later_deal, unless=won_before_its_time)
def leads_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A lead without what happened to it later. Who referred it was a customer at its creation or was not."""
    t = t.filter(t.created_at <= m.as_of_at)
    answered, converted = m.is_known(t.answered_at), m.is_known(t.converted_at)
    return t.mutate(**where(answered, t, "answered_at", "response_hours"), **where(converted, t, "converted_at"),
                    is_answered=answered, is_converted=converted, response_missing=answered.ifelse(ibis.null("string"), "unanswered"))


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
    earliest = a.group_by("lead_id").agg(contacted_at=a.occurred_at.min(), **m.hindsight(paired_at=ibis._.paired_at.max()))
    j = a.inner_join(earliest, [a.lead_id == earliest.lead_id, a.occurred_at == earliest.contacted_at])
    first = j.group_by("lead_id", "contacted_at").agg(contacted_on=j.occurred_on.min(), outreach=j.kind.argmin(j.activity_id))
    t = m["leads"].select("lead_id", "account_id", "channel", *m.extras("leads"), rep="owner_id", **m.hindsight(created_at="created_at"))
    t = with_customer_since(m, looked_up(t, first, [("lead_id", "lead_id")], {
        c: c for c in ("contacted_at", "contacted_on", "outreach")}))
    t = t.filter(t.contacted_at.notnull(), (t.since_at >= t.contacted_at).fill_null(True))
    ends = t.select(of_lead="lead_id", until="since_at")
    counted = a.filter(a.is_touch).inner_join(ends, [a.lead_id == ends.of_lead])
    counted = counted.filter((counted.occurred_at <= counted.until).fill_null(True))
    last = m.hindsight(last_touch_at=counted.occurred_at.max())
    touches = counted.group_by("lead_id").agg(touches=counted.count(), **last)
    t = looked_up(t, touches, [("lead_id", "lead_id")], {"touch_count": "touches", **{name: name for name in last}})
    if last:
        t = looked_up(t, earliest, [("lead_id", "lead_id")], {"paired_at": "paired_at"})
    t = with_place(m, t, "rep", "contacted_on", "contacted_")
    return t.select("lead_id", "account_id", "contacted_at", "contacted_on", "contacted_team", "contacted_region", "contacted_manager",
                    "channel",
                    "rep", "outreach", *m.extras("leads"), touch_count=t.touch_count.fill_null(0),
                    touches=_touch_band(t.touch_count.fill_null(0)),
                    became_customer=t.since_at.notnull(),
                    **m.hindsight(**{c: c for c in ("created_at", "since_at", "last_touch_at", "paired_at")}))


def _touched_since(m: Hindsight, t: ir.Table) -> ir.Table:
    """Prospects with a touch after the instant that counts as of nothing, or with activities through a deal that was not known yet or was
    another."""
    later = (t.last_touch_at > m.as_of_at).fill_null(False) | (t.paired_at > m.as_of_at).fill_null(False)
    mine = t.filter(t.created_at <= m.as_of_at, later)
    return ibis.union(mine.select(key="lead_id"), _with_another_deal(m), distinct=True)


@FACTS.look_back("prospects", again=_touched_since, unless=won_before_its_time)
def prospects_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A prospect from its first contact on, with the touches that are all known by then."""
    t = t.filter(t.created_at <= m.as_of_at, t.contacted_at <= m.as_of_at)
    return t.mutate(became_customer=m.is_known(t.since_at))


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
    t = t.filter((t.since_at >= t.first_out_at).fill_null(True))
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
    born = m.hindsight(born_at="created_at")  # of the deal or lead
    of_deals = d.select("rep", "channel", **born, record_table=ibis.literal("opportunities"), record_id="opportunity_id",
                        of_deal="opportunity_id", of_lead="deal_lead_id")
    lone = m["leads"].anti_join(d.filter(d.deal_lead_id.notnull()).select(lead_id="deal_lead_id"), "lead_id")
    of_leads = lone.select("channel", **born, record_table=ibis.literal("leads"), record_id="lead_id", of_deal=ibis.null("string"),
                           of_lead="lead_id", rep="owner_id")
    t = ibis.union(of_deals, of_leads.select(of_deals.columns))
    # Who met is known from the meetings alone, which are few: only their touches are then joined with anything.
    a = m["activities"]
    a = a.mutate(by_deal=a.opportunity_id.notnull(), by=a.opportunity_id.coalesce(a.lead_id)).filter(a.occurred_at.notnull())
    held = a.filter(a.kind.isin(MEETINGS), a.status == "held")
    first = held.group_by("by_deal", "by").agg(at=held.occurred_at.min(), local=held.occurred_at_local.argmin(held.occurred_at))
    t = looked_up(t, first.filter(first.by_deal), [("of_deal", "by")], {"deal_at": "at", "deal_local": "local"})
    t = looked_up(t, first.filter(~first.by_deal), [("of_lead", "by")], {"lead_at": "at", "lead_local": "local"})
    by_deal = t.deal_at.notnull() & (t.lead_at.isnull() | (t.deal_at <= t.lead_at))
    t = t.mutate(met_at=by_deal.ifelse(t.deal_at, t.lead_at), met_on=by_deal.ifelse(t.deal_local, t.lead_local).date(),
                 entity=t.record_table + "|" + t.record_id)
    t = with_place(m, t.filter(t.met_at.notnull()), "rep", "met_on", "met_")
    columns = ["entity", "record_table", "record_id", "met_at", "met_on", "rep", "met_team", "met_region", "met_manager", "channel", *born]
    t = ibis.union(t.filter(t.of_deal.notnull()).select(*columns, through_deal=ibis.literal(True), through="of_deal"),
                   t.filter(t.of_lead.notnull()).select(*columns, through_deal=ibis.literal(False), through="of_lead"))
    touches = a.filter(is_touch(a)).select("activity_id", "occurred_at", "by_deal", "by")
    t = t.inner_join(touches, [t.through == touches.by])
    t = t.filter(m.apart(t.through_deal == t.by_deal), m.apart(t.occurred_at <= t.met_at))
    return t.select(*columns, "activity_id", touches=ibis.literal(1, "int64"))


def _not_a_deals_then(m: Hindsight, _t: ir.Table) -> ir.Table:
    """Leads whose deal was not known yet, so that they met by themselves; deals whose lead was not."""
    d = m.latest("deals")
    late = d.filter((d.created_at > m.as_of_at) | (d.lead_known_at > m.as_of_at).fill_null(False))
    leads = m["leads"].semi_join(late.filter(late.deal_lead_id.notnull()), [("lead_id", "deal_lead_id")])
    deals = late.filter(late.created_at <= m.as_of_at)
    return ibis.union(leads.select(key=ibis.literal(_LEAD) + leads.lead_id), deals.select(key=ibis.literal(_DEAL) + deals.opportunity_id))


@FACTS.look_back("meeting_touches", again=_not_a_deals_then)
def meeting_touches_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """All touches up to a first meeting are known with it."""
    return t.filter(t.met_at <= m.as_of_at, t.born_at <= m.as_of_at)


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
    t = looked_up(t, m.fact("deals"), [("opportunity_id", "opportunity_id")],
                  {"deal_account": "account_id", "product": "product", **m.hindsight(deal_at="created_at")})
    t = looked_up(t, m["leads"], [("lead_id", "lead_id")], {"lead_account": "account_id", **m.hindsight(lead_at="created_at")})
    if not m.shape.dated:
        by_lead = t.account_id.isnull() & t.deal_account.isnull()
        told = _later(t.deal_at, by_lead.ifelse(t.lead_at, ibis.null("timestamp(6)")))
        seen = ibis.cases((t.booked_at < t.occurred_at, t.booked_at), else_=t.occurred_at)
        t = t.mutate(told_at=(told > seen).ifelse(told, ibis.null("timestamp(6)")))
    t = t.mutate(account_id=t.account_id.coalesce(t.deal_account, t.lead_account), occurred_on=t.occurred_at_local.date(),
                 booked_on=t.booked_at_local.date())
    t = with_customer_since(m, t.rename(rep="rep_id"))
    for event in ("occurred", "booked"):
        t = with_place(m, t, "rep", f"{event}_on", f"{event}_")
    return t.select("activity_id", "kind", "status", "sentiment", "occurred_at", "occurred_on", "booked_at", "booked_on", "rep", "product",
                    "account_id",
                    "occurred_team", "occurred_region", "occurred_manager", "booked_team", "booked_region", "booked_manager",
                    *m.extras("activities"), is_touch=is_touch(t), is_outbound=is_outbound(t),
                    prospect_when_occurred=t.occurred_at.notnull() & (t.since_at > t.occurred_at).fill_null(True),
                    prospect_when_booked=t.booked_at.notnull() & (t.since_at > t.booked_at).fill_null(True),
                    **m.hindsight(told_at="told_at"))


def _of_what_came_later(m: Hindsight, t: ir.Table) -> ir.Table:
    """Activities of a deal or lead that was not known yet."""
    return t.filter(m.is_known(t.occurred_at) | m.is_known(t.booked_at), t.told_at > m.as_of_at).select(key="activity_id")


@FACTS.look_back("activities", again=_of_what_came_later, unless=won_before_its_time)
def activities_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """An activity from its booking or occurrence on, without what lies ahead. Who became a customer later was none at either."""
    occurred, booked = m.is_known(t.occurred_at), m.is_known(t.booked_at)
    found: dict[str, ir.Value] = {}
    for event, known in (("occurred", occurred), ("booked", booked)):
        found |= where(known, t, f"{event}_at", f"{event}_on", f"{event}_team", f"{event}_region", f"{event}_manager")
        found[f"prospect_when_{event}"] = t[f"prospect_when_{event}"] & known
    return t.filter(occurred | booked).mutate(**found)
