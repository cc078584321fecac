"""Quotas and forecasts beside what was booked."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import first_of, looked_up, with_place, with_rate
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.model import SPANS, Model


def _quota_id(t: ir.Table) -> ir.StringColumn:
    return t.rep_id + "|" + t.starts_on.cast("string") + "|" + t.ends_on.cast("string")


def _quotas_in_spans(m: Model) -> ir.Table:
    """Each quota in each span it overlaps: first and last day (exclusive) of the overlap, the rate of its start."""
    q = m["quotas"]
    q = with_rate(m, q.filter(q.ends_on > q.starts_on), "currency", "starts_on", "rate")
    q = q.mutate(quota_id=_quota_id(q), quota_days=q.ends_on.epoch_days() - q.starts_on.epoch_days())
    t = q.inner_join(SPANS, [q.starts_on < SPANS.end_on, q.ends_on > SPANS.start_on])
    return t.mutate(from_on=ibis.greatest(t.starts_on, t.start_on), until_on=ibis.least(t.ends_on, t.end_on))


@FACTS.declare("the share of a quota that falls into P while its rep has one place", period=True)
def quota_shares(m: Model) -> ir.Table:
    """A quota counts by the share of its days in P, each day in the place of that day; one without a rate belongs to its first day."""
    t = _quotas_in_spans(m)
    known = t.filter(t.rate.notnull())
    h = m.fact("rep_history").select("team", "region", of_rep="rep_id", manager="manager_id", place_from="valid_from",
                                     place_until="valid_to")
    j = known.left_join(h, [known.rep_id == h.of_rep, known.from_on < h.place_until, known.until_on > h.place_from])
    start, end = ibis.greatest(j.from_on, j.place_from.coalesce(j.from_on)), ibis.least(j.until_on, j.place_until.coalesce(j.until_on))
    days = end.epoch_days() - start.epoch_days()
    shares = j.select("span", "quota_id", "team", "region", "manager", "amount", "rate", "quota_days", rep="rep_id", place_on=start,
                      days=days,
                      value=j.amount * j.rate * days / j.quota_days.nullif(0), value_missing=ibis.null("string"))
    lost = t.filter(t.rate.isnull()).mutate(place_on=ibis._.from_on)
    lost = with_place(m, lost, "rep_id", "place_on")
    lost = lost.select("span", "quota_id", "team", "region", "manager", "amount", "rate", "quota_days", rep="rep_id", place_on="place_on",
                       days=ibis.literal(0, "int64"), value=ibis.null("float64"), value_missing=ibis.literal("no_exchange_rate"))
    return ibis.union(shares, lost.select(shares.columns))


@FACTS.declare("a rep with a quota in P, or a deal or quota of P that was set aside", period=True)
def rep_attainment(m: Model) -> ir.Table:
    """Quota and bookings of each rep over P, in the rep's place on the last day of the horizon; rows set aside beside them."""
    q = _quotas_in_spans(m)
    share = q.amount * q.rate * (q.until_on.epoch_days() - q.from_on.epoch_days()) / q.quota_days.nullif(0)
    quotas = q.filter(q.rate.notnull()).group_by("span", rep=q.rep_id).agg(quota=share.sum())
    d = m.fact("deals")
    d = d.filter(d.outcome == "won")
    won = d.inner_join(SPANS, [d.closed_on >= SPANS.start_on, d.closed_on < SPANS.end_on])
    booked = won.filter(won.closed_value_missing.isnull()).group_by("span", of_rep=won.rep).agg(bookings=won.closed_value.sum())
    t = looked_up(quotas, booked, [("span", "span"), ("rep", "of_rep")], {"bookings": "bookings"})
    t = t.filter(t.quota > 0).mutate(bookings=t.bookings.fill_null(0.0))
    reps = t.select("span", "rep", "quota", "bookings", reached=t.bookings / t.quota.nullif(0) >= 1 - 1e-12, missing=ibis.null("string"))
    lost_deals = won.filter(won.closed_value_missing.notnull()).select("span", "rep", missing="closed_value_missing")
    lost_quotas = q.filter(q.rate.isnull()).select("span", rep="rep_id", missing=ibis.literal("no_exchange_rate"))
    lost = ibis.union(lost_deals, lost_quotas).select("span", "rep", quota=ibis.null("float64"), bookings=ibis.null("float64"),
                                                      reached=ibis.literal(False), missing="missing")
    t = looked_up(ibis.union(reps, lost), SPANS, [("span", "span")], {"place_on": "last_on"})
    return with_place(m, t, "rep", "place_on")


@FACTS.declare("a rep's last commit forecast for exactly P", period=True)
def forecast_calls(m: Model) -> ir.Table:
    """The last commit forecast for exactly P that was submitted by its cutoff, in the rep's place on the day of submission."""
    f = m["forecasts"]
    f = f.filter(f.category.isnull() | (f.category == "commit"))
    t = f.inner_join(SPANS, [f.starts_on == SPANS.start_on, f.ends_on == SPANS.end_on, f.submitted_at <= SPANS.forecast_cutoff_at])
    t = first_of(t, ["span", "rep_id"], [ibis.desc(t.submitted_at), ibis.desc(t.forecast_id)])
    t = t.mutate(place_on=t.submitted_at_local.date())
    t = with_rate(m, t, "currency", "place_on", "rate")
    t = with_place(m, t, "rep_id", "place_on")
    return t.select("span", "forecast_id", "place_on", "team", "region", "manager", "submitted_at", rep="rep_id", value=t.amount * t.rate,
                    value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")))


@FACTS.declare("a rep's last forecast of a category for exactly P, as it stands at H", period=True)
def standing_forecasts(m: Model) -> ir.Table:
    """The last forecast for exactly P of each rep and category that was submitted by H (unlike `forecast_calls`, which asks what was
    said at P's start), in the rep's place on the day of submission."""
    f = m["forecasts"]
    f = f.mutate(forecast_category=f.category.fill_null("commit"))
    t = f.inner_join(SPANS, [f.starts_on == SPANS.start_on, f.ends_on == SPANS.end_on, f.submitted_at < SPANS.end_at])
    t = first_of(t, ["span", "rep_id", "forecast_category"], [ibis.desc(t.submitted_at), ibis.desc(t.forecast_id)])
    t = t.mutate(place_on=t.submitted_at_local.date())
    t = with_place(m, with_rate(m, t, "currency", "place_on", "rate"), "rep_id", "place_on")
    return t.select("span", "forecast_id", "forecast_category", "place_on", "team", "region", "manager", "submitted_at", "amount",
                    "currency", rep="rep_id", value=t.amount * t.rate,
                    value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")))
