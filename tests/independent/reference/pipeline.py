"""Pipeline and closing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from independent.reference.entities import Act, Deal
from independent.reference.known import MEETINGS, days_between
from independent.reference.leads import of_act, of_lead
from independent.reference.measures import DEAL, Measures, Part, Period, bookings, deal_value, kpi, money, of_deal, won
from independent.reference.tables import Row


def made(period: Period) -> list[tuple[Deal, Part]]:
    """The deals created in the period."""
    found = [d for d in period.known.deals.values() if period.has(d.at)]
    return [(d, Part(f"deal:{d.id}", 1, of_deal(period, d, period.day(d.at)))) for d in found]


@kpi("count", "count", DEAL, "opportunities", extras="opportunities")
def new_opportunities(period: Period) -> Measures:
    return Measures([part for _, part in made(period)])


@kpi("sum", "money", DEAL, "opportunities", extras="opportunities")
def pipeline_created(period: Period) -> Measures:
    return Measures([Part(part.key, *deal_value(period, d, d.at)[:1], part.by, deal_value(period, d, d.at)[1]) for d, part in made(period)])


def tracked(period: Period) -> list[tuple[Deal, Part]]:
    """The deals tracked in the period, each with its rep's place when it closed, or on the last day."""
    found = [d for d in period.known.deals.values() if d.at < period.end_at and not d.closed_before(period.start_at)]
    return [
        (d, Part(f"deal:{d.id}", 1, of_deal(period, d, period.day(d.closed_at or 0) if period.reaches(d.closed_at) else period.last_day)))
        for d in found
    ]


def won_parts(period: Period, outcome: str = "won") -> list[Part]:
    return [Part(f"deal:{d.id}", 1, of_deal(period, d, period.day(at))) for d, at in won(period, outcome)]


@kpi("proportion", "percent", DEAL, "opportunities", extras="opportunities")
def win_rate(period: Period) -> Measures:
    found = tracked(period)
    return Measures([part for d, part in found if d.outcome == "won" and period.has(d.closed_at)], [part for _, part in found])


@kpi("proportion", "percent", DEAL, "opportunities", extras="opportunities")
def win_rate_decided(period: Period) -> Measures:
    return Measures(won_parts(period), won_parts(period) + won_parts(period, "lost"))


@kpi("proportion", "percent", DEAL, "opportunities", extras="opportunities")
def win_rate_cohort(period: Period) -> Measures:
    found = made(period)
    return Measures([part for d, part in found if d.outcome == "won"], [part for _, part in found])


def qualified(period: Period, deal: Deal) -> bool:
    """Whether a deal is qualified by the horizon."""
    if deal.outcome == "won" and period.reaches(deal.closed_at):
        return True
    pipeline = deal.row.get("pipeline") or ""
    stages = [row["stage"] for at, row in period.known.changes.get(deal.id, []) if row["stage"] and period.reaches(at)]
    return any((pipeline, stage) in period.known.qualified_stages for stage in stages or [deal.stage or ""])


@kpi("proportion", "percent", DEAL, "opportunities", "stages", extras="opportunities")
def close_rate(period: Period) -> Measures:
    found = [(d, part) for d, part in tracked(period) if qualified(period, d)]
    return Measures([part for d, part in found if d.outcome == "won" and period.has(d.closed_at)], [part for _, part in found])


@kpi("mean", "money", DEAL, "opportunities", extras="opportunities")
def average_deal_value(period: Period) -> Measures:
    return Measures(bookings(period))


@kpi("mean", "days", DEAL, "opportunities", quantiles=True, extras="opportunities")
def sales_cycle_length(period: Period) -> Measures:
    parts = []
    for deal, at in won(period):
        contacts = [a.at for a in period.known.acts_of_deal(deal) if a.at <= at]
        parts.append(Part(f"deal:{deal.id}", days_between(min(contacts, default=deal.at), at), of_deal(period, deal, period.day(at))))
    return Measures(parts)


@kpi("mean", "days", "region channel segment industry", "leads", "customers")
def time_to_sell(period: Period) -> Measures:
    parts = []
    for account, since in period.known.since.items():
        if not period.has(since.at):
            continue
        lead = next((x for x in period.known.leads.values() if x.row.get("account_id") == account and x.at <= since.at), None)
        of = period.known.of_account(account)
        by = {**of, "region": of["account_region"], "channel": (lead.row.get("channel") or None) if lead else None}
        parts.append(Part(f"account:{account}", days_between(lead.at, since.at) if lead else 0, by, None if lead else "no_first_lead"))
    return Measures(parts)


@kpi("mean", "days", "rep team region stage product", "opportunities", extras="opportunities")
def stalled_time(period: Period) -> Measures:
    parts = []
    for deal in period.known.deals.values():
        if not period.reaches(deal.at) or period.reaches(deal.closed_at):
            continue
        stage, entered = deal.stage, deal.at
        before = None
        for at, row in period.known.changes.get(deal.id, []):
            if row["stage"] and period.reaches(at):
                if row["stage"] != before:
                    stage, entered = row["stage"], at
                before = row["stage"]
        by = {**of_deal(period, deal, period.last_day), "stage": stage}
        parts.append(Part(f"deal:{deal.id}", days_between(entered, period.horizon), by))
    return Measures(parts)


def touches(period: Period, outcome: str) -> Measures:
    """Touches of closed deals by their close; the activity's kind belongs to the touches alone."""
    found = Measures()
    for deal, at in won(period, outcome):
        by = of_deal(period, deal, period.day(at))
        found.denominator.append(Part(f"deal:{deal.id}", 1, by))
        found.numerator += [
            Part(f"deal:{deal.id}", 1, {**by, "activity_kind": a.kind}) for a in period.known.acts_of_deal(deal) if a.touch and a.at <= at
        ]
    return found


@kpi("mean", "ratio", "rep team region activity_kind product segment", "opportunities", "activities", extras="opportunities")
def touches_per_won_deal(period: Period) -> Measures:
    return touches(period, "won")


@kpi("mean", "ratio", "rep team region activity_kind product segment", "opportunities", "activities", extras="opportunities")
def touches_per_lost_deal(period: Period) -> Measures:
    return touches(period, "lost")


@kpi("mean", "ratio", "rep team channel", "activities", "deals or leads")
def contacts_to_first_meeting(period: Period) -> Measures:
    known, parts = period.known, []

    def first(acts: list[Act]) -> Act | None:
        found = next((a for a in acts if a.kind in MEETINGS and a.status == "held"), None)
        return found if found and period.has(found.at) else None

    for deal in known.deals.values():
        acts = known.acts_of_deal(deal)
        if meeting := first(acts):
            by = of_deal(period, deal, period.day(meeting.at))
            parts.append(Part(f"deal:{deal.id}", sum(a.touch and a.at <= meeting.at for a in acts), by))
    taken = {known.lead_of(deal) for deal in known.deals.values()}
    for lead in known.leads.values():
        acts = known.own_acts_of_lead(lead)
        if lead.id not in taken and (meeting := first(acts)):
            parts.append(
                Part(f"lead:{lead.id}", sum(a.touch and a.at <= meeting.at for a in acts), of_lead(period, lead, period.day(meeting.at)))
            )
    return Measures(parts)


def acv(period: Period) -> list[Part]:
    parts = []
    for deal, at in won(period):
        value, reason = deal_value(period, deal, at, acv=True)
        parts.append(Part(f"deal:{deal.id}", value, of_deal(period, deal, period.day(at)), reason))
    return parts


@kpi("ratio", "money", "rep team region product", "opportunities", "activities")
def acv_per_demo(period: Period) -> Measures:
    return Measures(
        acv(period),
        [
            Part(f"act:{a.id}", 1, of_act(period, a, period.day(a.booked_at or 0)))
            for a in period.known.bookings
            if a.kind == "demo" and period.has(a.booked_at)
        ],
    )


@kpi("ratio", "money", "rep team region product", "opportunities", "activities")
def acv_per_demo_held(period: Period) -> Measures:
    return Measures(
        acv(period),
        [
            Part(f"act:{a.id}", 1, of_act(period, a, period.day(a.at)))
            for a in period.known.acts
            if a.kind == "demo" and a.status == "held" and period.has(a.at)
        ],
    )


@kpi("ratio", "ratio", "rep team region product", "opportunities", "documents")
def wins_per_contract_sent(period: Period) -> Measures:
    sent = []
    for row in period.known.rows("documents"):
        at = period.known.zone.instant(row["sent_at"])
        if row["kind"] == "contract" and period.has(at):
            deal = period.known.deals.get(row["opportunity_id"])
            by = of_deal(period, deal, period.day(at)) if deal else {**period.known.place(None, period.start), "product": None}
            sent.append(Part(f"document:{row['document_id']}", 1, by))
    return Measures(won_parts(period), sent)


def forecasts(period: Period) -> list[Part]:
    """Of each rep the last commit for exactly this period in time."""
    known = period.known
    cutoff = known.zone.start(period.start + timedelta(days=known.company.setting("forecast_cutoff_days")))
    last: dict[str, tuple[int, str, Row]] = {}
    for row in known.rows("forecasts"):
        at = known.zone.instant(row["submitted_at"])
        span = (date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]))
        if span == (period.start, period.end) and (row.get("category") or "commit") == "commit" and at <= cutoff and known.known(at):
            last[row["rep_id"]] = max(last.get(row["rep_id"], (at, "", row)), (at, row["forecast_id"], row), key=lambda x: x[:2])
    parts = []
    for rep, (at, name, row) in last.items():
        value, reason = money(period, row, "amount", period.day(at))
        parts.append(Part(f"forecast:{name}", value, known.place(rep, period.day(at)), reason))
    return parts


@kpi("accuracy", "percent", "rep team region", "forecasts", "opportunities")
def forecast_accuracy(period: Period) -> Measures:
    return Measures(forecasts(period), bookings(period))


@kpi("bias", "percent", "rep team region", "forecasts", "opportunities")
def forecast_bias(period: Period) -> Measures:
    return Measures(forecasts(period), bookings(period))


def quota_days(row: Row, period: Period) -> list[date]:
    """The days of a quota in the period."""
    start, end = max(date.fromisoformat(row["starts_on"]), period.start), min(date.fromisoformat(row["ends_on"]), period.end)
    return [start + timedelta(days=n) for n in range((end - start).days)]


def quotas(period: Period) -> list[Part]:
    """A part for each day of a quota in the period; of one set aside for its first."""
    parts = []
    for row in period.known.rows("quotas"):
        start, end = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
        value, reason = money(period, row, "amount", start)
        days = quota_days(row, period)
        key = f"quota:{row['rep_id']}/{start}/{end}"
        parts += [
            Part(key, value / (end - start).days, period.known.place(row["rep_id"], day), reason) for day in (days[:1] if reason else days)
        ]
    return parts


@kpi("ratio", "percent", "rep team region", "opportunities", "quotas")
def quota_attainment(period: Period) -> Measures:
    return Measures(bookings(period), quotas(period))


@kpi("proportion", "percent", "team region", "opportunities", "quotas")
def reps_at_quota_rate(period: Period) -> Measures:
    booked: dict[str, float] = defaultdict(float)
    quota: dict[str, float] = defaultdict(float)
    aside = {}
    for total, parts in ((booked, bookings(period)), (quota, quotas(period))):
        for part in parts:
            rep = part.by["rep"] or ""
            if part.reason is None:
                total[rep] += part.amount
            else:
                aside[part.key] = Part(part.key, 0, period.known.place(part.by["rep"], period.last_day), part.reason)
    reps = {rep: Part(f"rep:{rep}", 1, period.known.place(rep, period.last_day)) for rep, of in quota.items() if of > 0}
    return Measures([part for rep, part in reps.items() if booked[rep] / quota[rep] >= 1 - 1e-12], [*reps.values(), *aside.values()])
