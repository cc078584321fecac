"""The open pipeline: what a deal was at each instant, what is open at H, what happened to each deal in a period."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import looked_up, seconds_between, with_money, with_place
from salesgauge.facts.deals import DEAL_DIMENSIONS
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.carrying import last_known
from salesgauge.semantics.looking_back import Hindsight
from salesgauge.semantics.model import SPANS, Model, overlaps_spans
from salesgauge.semantics.reach import Own, through

BEFORE_ALL, AFTER_ALL = datetime(1, 1, 1), datetime(9999, 12, 31)


def _instant(at: datetime) -> ir.TimestampScalar:
    return ibis.literal(at, type="timestamp(6)")


@FACTS.declare("a deal between one of its changes and the next; the first row of a deal holds before any change", timeless=True,
               key="opportunity_id", reach={"opportunities": (Own("opportunity_id"),), "fact_stage_history": (Own("opportunity_id"),)})
def deal_states(m: Model) -> ir.Table:
    """Amount, expected close, stage and forecast category as the changes up to then say (an empty cell: unchanged); where they say
    nothing, amount and expected close are those of `opportunities`. `pushes` counts how often the expected close moved later while
    the deal was open."""
    d = m.stored("opportunities")
    closed = d.outcome.notnull() & d.closed_at.notnull()
    d = d.select("opportunity_id", own_amount="amount", own_closes_on="closes_on",
                 ended_at=closed.ifelse(d.closed_at, ibis.null("timestamp(6)")))
    h = m.fact("stage_history")
    t = looked_up(h, d, [("opportunity_id", "opportunity_id")], {"own_amount": "own_amount", "own_closes_on": "own_closes_on",
                                                                 "ended_at": "ended_at"})
    pushed = (t.closes_on > t.former_closes_on) & (t.changed_at < t.ended_at).fill_null(True)
    t = t.mutate(pushed=pushed.fill_null(False))
    deal, so_far = ("opportunity_id", "nth"), ibis.cumulative_window(group_by="opportunity_id", order_by="nth")
    t = t.mutate(until_at=t.changed_at.lead().over(ibis.window(group_by="opportunity_id", order_by="nth")).fill_null(_instant(AFTER_ALL)),
                 stage_since_at=last_known(t.entered.ifelse(t.changed_at, ibis.null("timestamp(6)")), *deal),
                 pushes=t.pushed.cast("int64").sum().over(so_far).cast("int64"),
                 closes_on=t.closes_on.coalesce(t.former_closes_on),
                 **{column: last_known(t[column], *deal) for column in ("amount", "forecast_category")})
    changed = t.select("opportunity_id", "nth", "stage", "forecast_category", "pushed", "stage_since_at", "former_closes_on", "pushes",
                       from_at="changed_at", from_local="changed_at_local", until_at="until_at", amount=t.amount.coalesce(t.own_amount),
                       closes_on=t.closes_on.coalesce(t.own_closes_on))
    first = h.filter(h.nth == 1).select(of_deal="opportunity_id", first_at="changed_at")
    start = looked_up(d, first, [("opportunity_id", "of_deal")], {"first_at": "first_at"})
    no_instant, no_text = ibis.null("timestamp(6)"), ibis.null("string")
    start = start.select("opportunity_id", nth=ibis.literal(0, "int64"), stage=no_text, forecast_category=no_text,
                         pushed=ibis.literal(False), from_at=_instant(BEFORE_ALL), from_local=no_instant,
                         until_at=start.first_at.fill_null(_instant(AFTER_ALL)),
                         stage_since_at=no_instant, amount="own_amount", closes_on="own_closes_on",
                         former_closes_on=ibis.null("date"), pushes=ibis.literal(0, "int64"))
    return ibis.union(start, changed.select(start.columns))


_STATE = ("stage", "stage_since_at", "amount", "closes_on", "pushes", "forecast_category")


def _with_state(m: Model, t: ir.Table, stem: str, *, at_start: bool = False) -> ir.Table:
    """`t` (span, opportunity_id and the instants of its span) with the deal's state at H, or at the period's start."""
    s = m.fact("deal_states")
    s = s.select("from_at", "until_at", of_deal="opportunity_id", **{f"{stem}{c}": c for c in _STATE})
    # One instant to compare with (known is what lies before it) joins by the id alone, where two make a join of all with all.
    until_h = (t.horizon_at < t.end_at).ifelse(t.horizon_at + ibis.interval(microseconds=1), t.end_at)
    t = t.mutate(known_before=t.start_at if at_start else until_h)
    j = t.inner_join(s, [t.opportunity_id == s.of_deal, s.from_at < t.known_before, s.until_at >= t.known_before])
    return j.drop("of_deal", "from_at", "until_at", "known_before")


def _spans_of(m: Model) -> list[str]:
    """What a row of a deal in a span carries on."""
    return ["span", "start_at", "end_at", "horizon_at", "end_on", "horizon_on", "last_on", "opportunity_id", "account_id", "pipeline",
            "created_at", "created_on", "closed_at", "closed_on", "outcome", "currency", *DEAL_DIMENSIONS, *m.extras("opportunities")]


def _due(t: ir.Table) -> ir.StringColumn:
    """When the deal is expected to close, seen from H: a day before H's is overdue."""
    return ibis.cases((t.closes_on.isnull(), "undated"), (t.closes_on < t.horizon_on, "overdue"), (t.closes_on < t.end_on, "this_period"),
                      else_="later")


@FACTS.declare("a deal open at H, with its value then", period=True)
def pipeline_deals(m: Model) -> ir.Table:
    """Open deals as they stood at H: stage and days in it, amount (valued at the rate of the day of creation), expected close and how
    it lies to the period, pushes so far, and how long deals usually stay in that stage."""
    d, s = m.fact("deals"), SPANS
    d = d.filter(overlaps_spans(d.created_on, d.closed_on))
    t = d.inner_join(s, [d.created_at < s.end_at, (d.closed_at >= s.end_at).fill_null(True)])
    t = t.select(*_spans_of(m), known_stage="stage")
    t = _with_state(m, t, "")
    since = t.stage_since_at.coalesce(t.created_at)
    t = t.mutate(stage=t.stage.coalesce(t.known_stage), since_at=since, stage_days=seconds_between(since, t.horizon_at) / 86400,
                 age_days=seconds_between(t.created_at, t.horizon_at) / 86400, place_on=t.last_on)
    t = t.mutate(due=_due(t))
    t = with_place(m, with_money(m, t, "amount", "created_on", ""), "rep", "place_on")
    t = looked_up(t, m.fact("usual_stage_days"), [("pipeline", "pipeline"), ("stage", "stage")], {"usual_days": "usual_days"})
    return t.select("span", "opportunity_id", *DEAL_DIMENSIONS, *m.extras("opportunities"), "place_on", "team", "region", "manager",
                    "account_id", "pipeline", "stage", "since_at", "stage_days", "usual_days", "created_at", "age_days", "horizon_at",
                    "horizon_on", "end_at", "amount", "currency", "value", "value_missing", "closes_on", "due", "pushes",
                    "forecast_category", is_stalled=(t.stage_days > t.usual_days).fill_null(False))


@FACTS.declare("a deal tracked in P, as it stood at P's start and at H", period=True)
def deal_courses(m: Model) -> ir.Table:
    """What every movement is told from. Both values use the rate of the day of creation, so that a rate that moves is no movement."""
    d, s = m.fact("deals"), SPANS
    d = d.filter(overlaps_spans(d.created_on, d.closed_on))
    t = d.inner_join(s, [d.created_at < s.end_at, (d.closed_at >= s.start_at).fill_null(True)])
    t = t.select(*_spans_of(m), known_stage="stage")
    t = _with_state(m, _with_state(m, t, "now_"), "then_", at_start=True)
    closed = (t.closed_at < t.end_at).fill_null(False)
    t = t.mutate(is_closed=closed, existed=t.created_at < t.start_at, place_on=closed.ifelse(t.closed_on, t.last_on),
                 now_stage=t.now_stage.coalesce(t.known_stage), then_stage=t.then_stage.coalesce(t.known_stage))
    for stem in ("then_", "now_"):
        t = with_money(m, t, f"{stem}amount", "created_on", stem)
    t = with_place(m, t, "rep", "place_on")
    return t.select("span", "opportunity_id", *DEAL_DIMENSIONS, *m.extras("opportunities"), "place_on", "team", "region", "manager",
                    "account_id", "pipeline", "created_at", "closed_at", "outcome", "is_closed", "existed", "end_on",
                    *(f"{stem}{c}" for stem in ("then_", "now_") for c in ("stage", "closes_on", "value", "value_missing")))


_COURSE = ("span", "opportunity_id", *DEAL_DIMENSIONS, "place_on", "team", "region", "manager", "account_id", "pipeline", "created_at",
           "closed_at", "then_stage", "now_stage", "then_closes_on", "now_closes_on", "then_value", "now_value")


def _moves(m: Model, t: ir.Table, opening: ir.BooleanValue, closing: ir.BooleanValue) -> ir.Table:
    """The movements of deals between being in a pipeline at P's start (`opening`) and at H (`closing`). Signed, they add up to the
    pipeline at H: a deal that was in it changes by what its value changed, one that came in comes with its value at H, one that
    closed leaves with that, one that was pushed out leaves with what it was at P's start."""
    t = t.mutate(was_in=opening.fill_null(False), is_in=(closing & ~t.is_closed).fill_null(False))
    stays = t.is_in | t.is_closed
    change = (t.now_value - t.then_value.fill_null(0.0)).fill_null(0.0)
    no_name, no_money = ibis.null("string"), ibis.null("string")
    parts = (
        (ibis.cases((t.was_in, "opening"), else_=no_name), t.then_value, t.then_value_missing),
        (ibis.cases((~stays | t.was_in, no_name), (t.existed, "pulled_in"), else_="new"), t.now_value, t.now_value_missing),
        (ibis.cases((~(t.was_in & stays) | (change == 0), no_name), (change > 0, "grown"), else_="shrunk"), change, no_money),
        (ibis.cases((t.is_closed, t.outcome), else_=no_name), -t.now_value, t.now_value_missing),
        (ibis.cases((t.was_in & ~stays, "pushed_out"), else_=no_name), -t.then_value, t.then_value_missing))
    rows = [t.select(*_COURSE, *m.extras("opportunities"), movement=name, value=value, value_missing=missing)
            for name, value, missing in parts]
    moved = ibis.union(*rows)
    return moved.filter(moved.movement.notnull())


@FACTS.declare("a movement of the pipeline due by P's end", period=True)
def pipeline_movements(m: Model) -> ir.Table:
    """The deals that are expected to close before P's end (overdue ones too), or that closed in P. Pulled in: the expected close came
    before P's end; pushed out: it left."""
    t = m.fact("deal_courses")
    return _moves(m, t, t.existed & (t.then_closes_on < t.end_on), t.now_closes_on < t.end_on)


@FACTS.declare("a movement of the whole open pipeline", period=True)
def open_movements(m: Model) -> ir.Table:
    """All open deals, whenever they are expected to close: nothing is pushed out or pulled in."""
    t = m.fact("deal_courses")
    return _moves(m, t, t.existed, ibis.literal(True))


@FACTS.declare("what became of a deal between P's start and H, one row per kind of change", period=True)
def deal_changes(m: Model) -> ir.Table:
    """Created, won, lost; of the deals that were open at both ends also: in another stage, worth more or less, expected later or
    earlier. Only the two ends are compared: what was undone between them is no change."""
    t = m.fact("deal_courses")
    both = t.existed & ~t.is_closed
    change = t.now_value.fill_null(0.0) - t.then_value.fill_null(0.0)
    none = ibis.null("string")
    kinds = (
        ibis.cases((~t.existed, "created"), else_=none),
        ibis.cases((t.is_closed, t.outcome), else_=none),
        ibis.cases((both & (t.then_stage != t.now_stage), "moved"), else_=none),
        ibis.cases((~both | (change == 0), none), (change > 0, "grown"), else_="shrunk"),
        ibis.cases((~both, none), (t.now_closes_on > t.then_closes_on, "pushed"), (t.now_closes_on < t.then_closes_on, "pulled"),
                   else_=none))
    changes = ibis.union(*[t.select(*_COURSE, *m.extras("opportunities"), change=kind, value="now_value",
                                    value_missing="now_value_missing") for kind in kinds])
    return changes.filter(changes.change.notnull())


@FACTS.declare("a move of a deal's expected close to a later day while it was open",
               key="opportunity_id", reach={
                   "fact_deals": (Own("opportunity_id"),), "fact_deal_states": (Own("opportunity_id"),),
                   "fact_stage_history": (Own("opportunity_id"),),
                   "fact_rep_history": (through("fact_deals", "rep_id", "rep", "opportunity_id"),)})
def deal_pushes(m: Model) -> ir.Table:
    """Pushes with the place of the deal's owner on the day of the push."""
    s, changes = m.fact("deal_states"), m.fact("stage_history")
    s = s.filter(s.pushed)
    if m.shape.dated:
        changes = changes.filter(changes.changed_at <= m.as_of_at)
        s = s.semi_join(changes.select("opportunity_id", "nth"), ["opportunity_id", "nth"])
    s = s.select("former_closes_on", "closes_on", "pushes", of_deal="opportunity_id", pushed_at="from_at", pushed_on=s.from_local.date())
    d = m.fact("deals").select("opportunity_id", "account_id", "pipeline", *DEAL_DIMENSIONS, *m.extras("opportunities"),
                               **m.hindsight(created_at="created_at"))
    t = with_place(m, d.inner_join(s, [d.opportunity_id == s.of_deal]).drop("of_deal"), "rep", "pushed_on", "pushed_")
    return t.mutate(days_later=t.closes_on.epoch_days() - t.former_closes_on.epoch_days())


@FACTS.look_back("deal_pushes")
def pushes_known(m: Hindsight, t: ir.Table) -> ir.Table:
    """A push is known from its instant on, once its deal is."""
    return t.filter(t.pushed_at <= m.as_of_at, t.created_at <= m.as_of_at)
