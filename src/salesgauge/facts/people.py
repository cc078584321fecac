"""Reps as people: months employed, retention, ramp, how they answer."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import first_of, looked_up, seconds_between, tenure_band, with_day_start, with_place, with_tenure
from salesgauge.facts.customers import won_before_its_time
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.looking_back import Hindsight, where
from salesgauge.semantics.model import SPAN_MONTHS, SPANS, Model, Rows
from salesgauge.semantics.reach import Own

SELLING_ROLES = ("ae", "am", "field")


def months_since(hired_on: ir.DateColumn, day: ir.DateColumn) -> ir.StringColumn:
    """Full months between the month of hire and that of a day, as text; null where unknown or not yet hired."""
    months = (day.year() * 12 + day.month()) - (hired_on.year() * 12 + hired_on.month())
    return (months >= 0).ifelse(months.cast("string"), ibis.null("string"))


def sells(role: ir.StringColumn) -> ir.BooleanColumn:
    """A role that rep productivity looks at: ae, am, field or none given."""
    return role.isnull() | role.isin(SELLING_ROLES)


@FACTS.declare("a month in which a rep was employed for at least a day", period=True)
def rep_months(m: Model) -> ir.Table:
    """Rep-months of selling roles over the whole months of P that are over by H; place and tenure on the first employed day."""
    r = m["reps"]
    r = r.filter(sells(r.role)).select("rep_id", "hired_on", "left_on")
    t = r.inner_join(SPAN_MONTHS, [r.hired_on.isnull() | (r.hired_on < SPAN_MONTHS.next_month_on)])
    first = ibis.cases((t.hired_on > t.month_on, t.hired_on), else_=t.month_on)
    t = t.mutate(place_on=first)
    t = t.filter(t.left_on.isnull() | (t.left_on > t.place_on))
    t = with_place(m, t, "rep_id", "place_on")
    return t.select("span", "month_on", "place_on", "team", "region", "manager", rep="rep_id", tenure=tenure_band(t.hired_on, t.month_on),
                    tenure_month=months_since(t.hired_on, t.month_on))


@FACTS.declare("a rep employed at P's start and hired long enough before it", period=True)
def settled_reps(m: Model) -> ir.Table:
    """Reps whose hire lies `rep_tenure_months` before P's start, and whether they are employed at H."""
    r, s = m["reps"], SPANS
    settled = (r.hired_on + ibis.interval(months=m.shape.rep_tenure_months)).cast("date")
    t = r.inner_join(s, [settled <= s.start_on, r.left_on.isnull() | (r.left_on > s.start_on), r.hired_on <= s.start_on])
    t = t.select("span", "hired_on", "left_on", rep="rep_id", place_on="start_on", stays=t.left_on.isnull() | (t.left_on > t.horizon_on))
    return with_place(m, t, "rep", "place_on").mutate(owner=ibis._.rep)


@FACTS.declare("a rep with a day of hire",
               key="rep", reach={"reps": (Own("rep_id"),), "fact_activities": (Own("rep", until=("occurred_at", "ramped_at")),),
                                 "fact_rep_history": (Own("rep_id"),)})
def hires(m: Model) -> ir.Table:
    """Days from the start of `hired_on` to the rep's first outbound activity with a prospect at or after it."""
    r = m["reps"]
    r = r.filter(r.hired_on.notnull())
    if m.shape.dated:
        r = r.filter(r.hired_on <= m.as_of_on)
    r = m.asked(r, "hired_on")
    a = m.at_least("activities", Rows("activities", "rep_id", r.select("rep_id")))
    r = with_day_start(r, "hired_on", "hired_at")
    a = a.filter(a.is_outbound, a.prospect_when_occurred, a.occurred_at.notnull()).select("occurred_at", of_rep="rep")
    j = r.select("rep_id", "hired_at").inner_join(a, [r.rep_id == a.of_rep])
    j = j.filter(m.apart(j.occurred_at >= j.hired_at))
    first = j.group_by("rep_id").agg(ramped_at=j.occurred_at.min())
    t = looked_up(r, first, [("rep_id", "rep_id")], {"ramped_at": "ramped_at"})
    t = with_place(m, t, "rep_id", "hired_on", "hired_")
    return t.select("hired_on", "ramped_at", "hired_team", "hired_region", "hired_manager", rep="rep_id",
                    ramp_days=seconds_between(t.hired_at, t.ramped_at) / 86400,
                    ramp_missing=t.ramped_at.isnull().ifelse("not_yet_ramped", ibis.null("string")))


def _with_activities_of_what_came_later(m: Hindsight, t: ir.Table) -> ir.Table:
    """Reps with activities, up to the one by which they are ramped as of nothing, whose account was not known yet: whether those were with
    a prospect is then not what it is as of nothing."""
    a = m.latest("activities")
    a = a.filter(a.is_outbound, a.occurred_at <= m.as_of_at, a.told_at > m.as_of_at).select("occurred_at", of_rep="rep")
    j = t.inner_join(a, [t.rep == a.of_rep])
    return j.filter(j.ramped_at.isnull() | (j.occurred_at <= j.ramped_at)).select(key="rep").distinct()


@FACTS.look_back("hires", again=_with_activities_of_what_came_later, unless=won_before_its_time)
def hires_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A rep hired by the day, ramped if the first activity was by then."""
    t = t.filter(t.hired_on <= m.as_of_on)
    ramped = m.is_known(t.ramped_at)
    return t.mutate(**where(ramped, t, "ramped_at", "ramp_days"), ramp_missing=ramped.ifelse(ibis.null("string"), "not_yet_ramped"))


@FACTS.declare("the last answer of a rep to the employee survey in P", period=True)
def employee_answers(m: Model) -> ir.Table:
    """Each rep's last answer in P (without a rep: each alone); place and tenure on the day of the answer."""
    r = m["survey_responses"]
    r = r.filter(r.survey == "employee").mutate(place_on=r.responded_at_local.date())
    r = r.mutate(who=r.rep_id.notnull().ifelse(ibis.literal("r:") + r.rep_id, ibis.literal("a:") + r.response_id))
    t = r.inner_join(SPANS, [r.place_on >= SPANS.start_on, r.place_on < SPANS.end_on])
    t = first_of(t, ["span", "who"], [ibis.desc(t.responded_at), ibis.desc(t.response_id)])
    t = with_tenure(m, with_place(m, t, "rep_id", "place_on"), "rep_id", "place_on", "tenure")
    return t.select("span", "response_id", "score", "place_on", "team", "region", "manager", "tenure", owner="rep_id")


@FACTS.declare("a deal of kind new or upsell that a selling rep won in a whole month of P", period=True)
def seller_wins(m: Model) -> ir.Table:
    """What rep productivity counts, over the same months as `rep_months`; place and tenure on the day of the close."""
    d = m.fact("deals")
    d = d.filter(d.outcome == "won", d.kind.isin(["new", "upsell"]), d.owner_is_known, sells(d.owner_role))
    t = d.inner_join(SPAN_MONTHS, [d.closed_on >= SPAN_MONTHS.month_on, d.closed_on < SPAN_MONTHS.next_month_on])
    t = looked_up(t, m["reps"], [("rep", "rep_id")], {"hired_on": "hired_on"})
    return t.select("span", "opportunity_id", "rep", "amount", "currency", tenure_month=months_since(t.hired_on, t.closed_on),
                    place_on="closed_on", team="closed_team", region="closed_region",
                    manager="closed_manager", tenure="closed_tenure", value="closed_value", value_missing="closed_value_missing")
