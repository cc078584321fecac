"""What each role's home shows, in its order, and what a meeting goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MEETINGS: Mapping[str, tuple[str, ...]] = {  # the order of what is gone through; a home shows what it has of it
    "one-to-one": ("plan", "closing", "attention", "renewals", "replies", "open_stages", "untouched_customers", "upsell_window",
                   "locations", "coaching", "changes", "activity", "practice"),
    "forecast": ("plan", "leaderboard", "committed", "closing", "attention", "changes", "movement"),
    "review": ("results", "plan", "split", "movement", "passages", "losses", "leaderboard", "health", "customers", "activity", "practice",
               "coaching", "renewals", "locations", "prices"),
}


@dataclass(frozen=True)
class Role:
    """A home. `cards`: groups of KPI cards by name; `blocks`: groups and panels from top to bottom, with their width where it is not the
    usual one; `besides`: panels that only a meeting shows; `headline`: what the first sentence is about (plan, leads, sales);
    `own`: whether it is one person's, so that no owner need be named."""

    name: str
    cards: Mapping[str, tuple[str, ...]]
    blocks: tuple[str, ...]
    meetings: tuple[str, ...]
    headline: str = "plan"
    besides: tuple[str, ...] = ()
    own: bool = False
    widths: Mapping[str, str] = field(default_factory=dict)

    def shown(self, meeting: str | None) -> tuple[str, ...]:
        """The blocks from top to bottom."""
        if meeting is None:
            return self.blocks
        return tuple(block for block in MEETINGS[meeting] if block in self.blocks or block in self.besides)


EXECUTIVE = Role(
    "executive",
    {"results": ("bookings", "revenue", "quota_attainment", "forecast_accuracy"),
     "health": ("win_rate", "average_deal_value", "sales_cycle_length", "reps_at_quota_rate"),
     "customers": ("customer_retention_rate", "net_promoter_score", "client_engagement", "employee_satisfaction")},
    ("results", "health", "plan", "attention", "movement", "leaderboard", "split", "losses", "changes", "customers"),
    ("forecast", "review"), besides=("committed", "closing", "passages"),
    widths={"split": "narrow", "losses": "narrow", "changes": "narrow"})

MANAGER = Role(
    "manager",
    {"results": ("bookings", "quota_attainment", "average_deal_value", "sales_cycle_length"),
     "health": ("win_rate", "new_opportunities", "pipeline_created", "lead_response_time")},
    ("results", "health", "plan", "attention", "leaderboard", "coaching", "passages", "changes", "stalled", "movement", "split", "losses"),
    ("one-to-one", "forecast", "review"), besides=("committed", "closing"),
    widths={"leaderboard": "wide", "coaching": "narrow", "passages": "wide", "changes": "narrow", "movement": "full"})

REP = Role(
    "rep",
    {"activity": ("new_opportunities", "pipeline_created", "win_rate", "average_deal_value"),
     "practice": ("lead_response_time", "lead_response_rate", "sales_cycle_length", "touches_per_won_deal")},
    ("plan", "attention", "closing", "open_stages", "changes", "activity", "practice"),
    ("one-to-one", "forecast", "review"), besides=("committed", "coaching", "split", "losses", "movement"), own=True,
    widths={"open_stages": "wide", "changes": "narrow"})

SDR = Role(
    "sdr",
    {"activity": ("new_leads", "lead_response_time", "lead_response_rate", "lead_to_opportunity_rate"),
     "practice": ("meetings_booked", "meeting_acceptance_rate", "positive_reply_rate", "negative_reply_rate")},
    ("activity", "practice", "replies"), ("one-to-one", "review"), headline="leads", besides=("coaching",), own=True,
    widths={"replies": "full"})

ACCOUNT_MANAGER = Role(
    "am",
    {"results": ("customer_retention_rate", "client_engagement", "net_promoter_score", "upsell_revenue")},
    ("results", "plan", "attention", "renewals", "untouched_customers", "upsell_window", "closing", "split", "changes"),
    ("one-to-one", "forecast", "review"), besides=("committed", "coaching"), own=True, widths={"renewals": "full"})

FIELD = Role(
    "field",
    {"results": ("revenue", "sales_volume", "average_purchase_value", "competitor_price_index")},
    ("results", "locations", "prices", "plan", "attention", "closing"), ("one-to-one", "review"), headline="sales", own=True)

HOMES = {role.name: role for role in (EXECUTIVE, MANAGER, REP, SDR, ACCOUNT_MANAGER, FIELD)}
OF_REPS = {"sdr": SDR, "am": ACCOUNT_MANAGER, "field": FIELD}  # the home of a rep by what they are; any other sells
