"""Lead generation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from independent.reference.entities import Act, Lead
from independent.reference.known import MEETINGS
from independent.reference.measures import Measures, Part, Period, extra, kpi, money
from independent.reference.tables import DAY

HOUR = DAY / 24
BANDS = ((13, "13+"), (8, "8-12"), (5, "5-7"), (4, "4"), (3, "3"), (2, "2"), (1, "1"), (0, "0"))


def of_lead(period: Period, lead: Lead, day: date) -> dict[str, str | None]:
    return {
        **period.known.place(lead.row.get("owner_id") or None, day),
        "channel": lead.row.get("channel") or None,
        "campaign": lead.row.get("campaign_id") or None,
        **extra(period, "leads", lead.row),
    }


def created(period: Period) -> list[tuple[Lead, Part]]:
    """The leads created in the period."""
    found = [lead for lead in period.known.leads.values() if period.has(lead.at)]
    return [(lead, Part(f"lead:{lead.id}", 1, of_lead(period, lead, period.day(lead.at)))) for lead in found]


def response(period: Period, lead: Lead) -> Act | None:
    """A lead's first outbound activity at or after its creation."""
    return next((a for a in period.known.acts_of_lead(lead) if a.outbound and a.at >= lead.at), None)


@kpi("count", "count", "rep team region channel campaign", "leads", extras="leads")
def new_leads(period: Period) -> Measures:
    return Measures([part for _, part in created(period)])


@kpi("ratio", "money", "channel campaign", "spend", "leads")
def cost_per_lead(period: Period) -> Measures:
    return Measures(spent(period, ("marketing", "sales", ""), "lead_generation"), [part for _, part in created(period)])


def spent(period: Period, functions: tuple[str, ...], purpose: str | None = None) -> list[Part]:
    """Money spent in the period."""
    parts = []
    for row in period.known.rows("spend"):
        at = period.known.starts(row, "spent_on")
        if period.has(at) and (row.get("function") or "") in functions and purpose in (None, row.get("purpose")):
            day = date.fromisoformat(row["spent_on"])
            value, reason = money(period, row, "amount", day)
            by = {
                **period.known.place(row.get("rep_id") or None, day),
                "channel": row.get("channel") or None,
                "campaign": row.get("campaign_id") or None,
            }
            parts.append(Part(f"spend:{row['spend_id']}", value, by, reason))
    return parts


@kpi("proportion", "percent", "rep team region channel campaign", "leads", extras="leads")
def lead_to_opportunity_rate(period: Period) -> Measures:
    found = created(period)
    return Measures([part for lead, part in found if period.known.known(lead.converted_at)], [part for _, part in found])


@kpi("mean", "hours", "rep team region channel", "leads", "activities", quantiles=True, extras="leads")
def lead_response_time(period: Period) -> Measures:
    parts = []
    for lead, part in created(period):
        first = response(period, lead)
        parts.append(Part(part.key, (first.at - lead.at) / HOUR if first else 0, part.by, None if first else "unanswered"))
    return Measures(parts)


@kpi("proportion", "percent", "rep team region channel", "leads", "activities", extras="leads")
def lead_response_rate(period: Period) -> Measures:
    found = created(period)
    return Measures([part for lead, part in found if response(period, lead)], [part for _, part in found])


@kpi("proportion", "percent", "rep team region channel outreach touches", "leads", "activities", "customers", extras="leads")
def customer_acquisition_rate(period: Period) -> Measures:
    made = Measures()
    for lead in period.known.leads.values():
        acts = [a for a in period.known.acts_of_lead(lead) if a.outbound]
        since = period.known.since.get(lead.row.get("account_id") or "")
        if not acts or not period.has(acts[0].at) or (since and since.at < acts[0].at):
            continue
        touches = sum(a.touch and (since is None or a.at <= since.at) for a in acts)
        by = {
            **of_lead(period, lead, period.day(acts[0].at)),
            "outreach": acts[0].kind,
            "touches": next(band for least, band in BANDS if touches >= least),
        }
        part = Part(f"lead:{lead.id}", 1, by)
        made.denominator.append(part)
        if since:
            made.numerator.append(part)
    return made


def replies(period: Period) -> Iterator[tuple[Part, str | None]]:
    """The prospects addressed in the period, and how each replied last."""
    for lead in period.known.leads.values():
        acts = [a for a in period.known.acts_of_lead(lead) if period.has(a.at)]
        first = next((a for a in acts if a.outbound), None)
        if first is None:
            continue
        since = period.known.since.get(lead.row.get("account_id") or "")
        if since and since.at < first.at:
            continue
        told = [
            a.row["sentiment"] for a in acts if not a.outbound and a.at >= first.at and a.row.get("sentiment") in ("positive", "negative")
        ]
        yield (
            Part(f"lead:{lead.id}", 1, {**of_lead(period, lead, period.day(first.at)), "outreach": first.kind}),
            told[-1] if told else None,
        )


@kpi("proportion", "percent", "rep team channel outreach", "leads", "activities", "customers", extras="leads")
def positive_reply_rate(period: Period) -> Measures:
    found = list(replies(period))
    return Measures([part for part, reply in found if reply == "positive"], [part for part, _ in found])


@kpi("proportion", "percent", "rep team channel outreach", "leads", "activities", "customers", extras="leads")
def negative_reply_rate(period: Period) -> Measures:
    found = list(replies(period))
    return Measures([part for part, reply in found if reply == "negative"], [part for part, _ in found])


def of_act(period: Period, act: Act, day: date) -> dict[str, str | None]:
    deal = period.known.deals.get(act.row.get("opportunity_id") or "")
    return {
        **period.known.place(act.row.get("rep_id") or None, day),
        "product": (deal.row.get("product_id") if deal else None) or None,
        **extra(period, "activities", act.row),
    }


@kpi("ratio", "percent", "rep team region", "activities", "customers", extras="activities")
def meeting_acceptance_rate(period: Period) -> Measures:
    known = period.known
    return Measures(
        [
            Part(f"act:{a.id}", 1, of_act(period, a, period.day(a.booked_at or 0)))
            for a in known.bookings
            if period.has(a.booked_at) and a.kind in MEETINGS and a.status != "declined" and known.with_prospect(a, a.booked_at or 0)
        ],
        [
            Part(f"act:{a.id}", 1, of_act(period, a, period.day(a.at)))
            for a in known.acts
            if period.has(a.at) and a.kind in ("call", "email", "message") and not a.outbound and known.with_prospect(a, a.at)
        ],
    )


@kpi("count", "count", "rep team region", "leads", "customers", extras="leads")
def referrals(period: Period) -> Measures:
    def by_customer(lead: Lead) -> bool:
        since = period.known.since.get(lead.row.get("referred_by_account_id") or "")
        return since is not None and since.at <= lead.at

    return Measures([part for lead, part in created(period) if by_customer(lead)])


@kpi("ratio", "money", "channel region", "spend", "customers")
def customer_acquisition_cost(period: Period) -> Measures:
    new = [
        Part(f"account:{account}", 1, {**period.known.place(since.rep, period.day(since.at)), "channel": since.channel})
        for account, since in period.known.since.items()
        if period.has(since.at)
    ]
    return Measures(spent(period, ("marketing", "sales")), new)
