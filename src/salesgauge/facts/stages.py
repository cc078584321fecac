"""Stages of a pipeline: who entered, who left, whereto and after how long."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import looked_up, seconds_between, with_place
from salesgauge.facts.deals import DEAL_DIMENSIONS
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.looking_back import Hindsight
from salesgauge.semantics.model import Model
from salesgauge.semantics.reach import EVERYTHING, Own, through

FEW_VISITS = 20  # below so many nothing is usual


@FACTS.declare("a stay of a deal in a stage that is not a closed one; a deal that comes back has two",
               key="opportunity_id", in_time="left_on", reach={
                   "fact_deals": (Own("opportunity_id"),), "fact_stage_history": (Own("opportunity_id"),), "stages": EVERYTHING,
                   "fact_rep_history": (through("fact_deals", "rep_id", "rep", "opportunity_id"),)})
def stage_visits(m: Model) -> ir.Table:
    """Stays with when and whereto they ended: `onward` to a later stage, `back` to an earlier one, `won` or `lost`; null: not yet. A
    deal without any change is in its present stage since its creation, as long as it is open."""
    h = m.fact("stage_history")
    if m.shape.dated:
        h = h.filter(h.changed_at <= m.as_of_at)
    w = ibis.window(group_by="opportunity_id", order_by="nth")
    e = h.filter(h.entered)
    e = e.select(of_deal="opportunity_id", visited="stage", entered_at="changed_at", entered_local="changed_at_local",
                 next_stage=e.stage.lead().over(w), next_at=e.changed_at.lead().over(w), next_local=e.changed_at_local.lead().over(w))
    d = m.fact("deals")
    columns = ["opportunity_id", "account_id", "pipeline", "outcome", "closed_at", "closed_at_local", *DEAL_DIMENSIONS,
               *m.extras("opportunities")]
    if not m.shape.dated:
        d = d.mutate(known_at=d.created_at)
        columns.append("known_at")
    told = d.select(*columns).inner_join(e, [d.opportunity_id == e.of_deal]).drop("of_deal")
    untold = d.filter(d.closed_at.isnull(), d.stage.notnull()).anti_join(h.select("opportunity_id").distinct(), "opportunity_id")
    untold = untold.select(*columns, visited="stage", entered_at="created_at", entered_local="created_at_local",
                           next_stage=ibis.null("string"), next_at=ibis.null("timestamp(6)"), next_local=ibis.null("timestamp(6)"))
    t = ibis.union(told, untold.select(told.columns)).rename(stage="visited")
    t = t.filter((t.entered_at < t.closed_at).fill_null(True))
    stages = m["stages"]
    t = looked_up(t, stages, [("pipeline", "pipeline"), ("stage", "stage")], {"position": "position", "ends_here": "is_closed"})
    t = looked_up(t, stages, [("pipeline", "pipeline"), ("next_stage", "stage")],
                  {"next_position": "position", "next_closed": "is_closed", "next_won": "is_won"})
    t = t.filter(~t.ends_here.fill_null(False))
    by_close = t.closed_at.notnull() & (t.closed_at <= t.next_at).fill_null(True)
    left = ibis.cases((by_close, t.outcome), (t.next_at.isnull(), ibis.null("string")),
                      (t.next_closed.fill_null(False), t.next_won.fill_null(False).ifelse("won", "lost")),
                      (t.next_position < t.position, "back"), else_="onward")
    t = t.mutate(exit=left, left_at=by_close.ifelse(t.closed_at, t.next_at), entered_on=t.entered_local.date(),
                 left_on=by_close.ifelse(t.closed_at_local, t.next_local).date())
    for event in ("entered", "left"):
        t = with_place(m, t, "rep", f"{event}_on", f"{event}_")
    return t.select("opportunity_id", "account_id", "pipeline", "stage", "position", "next_stage", "exit", "entered_at", "entered_on",
                    "left_at", "left_on", "entered_team", "entered_region", "entered_manager", "left_team", "left_region", "left_manager",
                    *DEAL_DIMENSIONS, *m.extras("opportunities"), **m.hindsight(known_at="known_at", closed_at="closed_at"),
                    moved_on=t.exit.isin(["onward", "won"]).fill_null(False),
                    stage_days=seconds_between(t.entered_at, t.left_at) / 86400)


def _moved_since(m: Hindsight, _t: ir.Table) -> ir.Table:
    """Deals that were open at the instant, or have changes after it."""
    d, h = m.latest("deals"), m.fact("stage_history")
    d = d.filter(d.created_at <= m.as_of_at)
    still_open = d.filter(~m.is_known(d.closed_at)).select(key="opportunity_id")
    changed = h.filter(h.changed_at > m.as_of_at).select(key="opportunity_id")
    return ibis.union(still_open, d.select(key="opportunity_id").semi_join(changed, "key"))


@FACTS.look_back("stage_visits", again=_moved_since)
def stage_visits_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """The stays of a deal that was closed and done with by then."""
    return t.filter(t.known_at <= m.as_of_at, t.closed_at <= m.as_of_at)


@FACTS.declare("a stage with how long deals usually stay in it before they move on", shared=True,
               reach={"fact_stage_visits": EVERYTHING})
def usual_stage_days(m: Model) -> ir.Table:
    """Nine in ten of the stays that moved on took at most so many days; only of stages with enough of them."""
    t = m.fact("stage_visits")
    t = t.filter(t.moved_on, t.left_at.notnull())
    made = t.group_by("pipeline", "stage").agg(visits=t.count(), usual_days=t.stage_days.quantile(0.9))
    return made.filter(made.visits >= FEW_VISITS)
