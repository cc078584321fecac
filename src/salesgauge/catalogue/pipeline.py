"""Pipeline and closing."""

from collections.abc import Mapping
from typing import Any

from salesgauge.catalogue.sources import (
    activities,
    customers,
    deal_cycles,
    deal_touches,
    deals,
    documents,
    first_meetings,
    forecast_calls,
    meeting_touches,
    open_deals,
    quota_shares,
    rep_attainment,
    tracked_deals,
)
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import CUSTOMER, Formula, Measure

DEAL = "rep team region channel product kind segment industry"
_MONEY = ("amount", "currency")

created = deals.count("deals created", on="created")
won = deals.count("deals won", on="closed", where=lambda t: t.outcome == "won")
bookings = deals.sum("bookings", "closed_value", on="closed", set_aside="closed_value_missing", where=lambda t: t.outcome == "won",
                     because=_MONEY)
valued_wins = deals.count("deals won with a value", on="closed", set_aside="closed_value_missing", where=lambda t: t.outcome == "won")
acv_won = deals.sum("annual contract value won", "acv_value", on="closed", set_aside="acv_value_missing",
                    where=lambda t: t.outcome == "won",
                    because=("currency",), needs=("opportunities", "activities"))
tracked = tracked_deals.count("deals tracked")
won_tracked = tracked_deals.count("deals won", where=lambda t: t.won_in)
demos_booked = activities.count("demos booked", on="booked", where=lambda t: t.kind == "demo")
demos_held = activities.count("demos held", on="occurred", where=lambda t: (t.kind == "demo") & (t.status == "held"))
called = forecast_calls.sum("last commit forecasts", "value", set_aside="value_missing", because=("submitted_at",))
quotas = quota_shares.sum("quotas", "value", per="quota_id", set_aside="value_missing", because=("place_on", "days", "quota_days",
                                                                                                 "amount", "rate"),
                          needs=("quotas", "opportunities"))


def _touches(outcome: str) -> tuple[Measure, Measure]:
    touches = deal_touches.sum(f"touches of deals {outcome}", "touches", on="closed", per="opportunity_id",
                               where=lambda t: t.outcome == outcome,
                               because=("opportunity_id",))
    return touches, deals.count(f"deals {outcome}", on="closed", where=lambda t: t.outcome == outcome)


def accuracy(row: Mapping[str, Any]) -> float | None:
    """1 - |F - B| / B, where there was a forecast and something was booked."""
    return 1 - abs(row["num"] - row["den"]) / row["den"] if row["num_n"] and row["den"] else None


def bias(row: Mapping[str, Any]) -> float | None:
    """(F - B) / B, where there was a forecast and something was booked."""
    return (row["num"] - row["den"]) / row["den"] if row["num_n"] and row["den"] else None


def declare(catalogue: Catalogue) -> None:
    """Declares the KPIs of pipeline and closing."""
    kpi = catalogue.area("pipeline")
    _declare_deals(catalogue)

    @kpi(unit="days", kind="mean", better="band", watch="customer_retention_rate", dimensions="region channel segment industry",
         source="A9")
    def time_to_sell() -> Formula:
        """Average days from an account's first lead to its becoming a customer, over the new customers of the period. Customers without
        such a lead are set aside."""
        settled: dict[str, Any] = dict(on="since", set_aside="lead_missing", needs=("leads", CUSTOMER),
                       dimensions={"region": "account_region", "channel": "lead_channel"})
        return (customers.sum("days from first lead to customer", "days_to_sell", because=("lead_id", "lead_at", "since_at"), **settled)
                / customers.count("new customers with a lead", **settled))

    @kpi(unit="days", kind="mean", better="down", dimensions="rep team region stage product", extras_of="opportunities", source="E4")
    def stalled_time() -> Formula:
        """Average days that the deals open at the period's end have spent in their present stage."""
        return (open_deals.sum("days in the present stage", "stalled_days", because=("stage", "since_at", "horizon_at"))
                / open_deals.count("open deals"))

    touch_dimensions: dict[str, Any] = dict(dimensions="rep team region activity_kind† product segment", extras_of="opportunities",
                                            unit="ratio", kind="mean")

    @kpi(better="band", watch="win_rate", source="B9, D2", **touch_dimensions)
    def touches_per_won_deal() -> Formula:
        """Average number of touches until the close, over the deals won in the period."""
        touches, closed = _touches("won")
        return touches / closed

    @kpi(better="down", source="B9", **touch_dimensions)
    def touches_per_lost_deal() -> Formula:
        """Average number of touches until the close, over the deals lost in the period."""
        touches, closed = _touches("lost")
        return touches / closed

    @kpi(unit="ratio", kind="mean", better="down", dimensions="rep team channel", source="D2")
    def contacts_to_first_meeting() -> Formula:
        """Average number of touches up to and including the first meeting, video call, visit or demo that was held, over the deals, and
        the leads without a deal, that had it in the period."""
        return (meeting_touches.sum("touches up to the first meeting", "touches", on="met", per="entity", because=("record_id", "met_at"))
                / first_meetings.count("first meetings", on="met", per="entity", because=("met_at",)))

    demo_dimensions: dict[str, Any] = dict(dimensions="rep team region product", unit="money", kind="ratio", better="up", source="D1")

    @kpi(**demo_dimensions)
    def acv_per_demo() -> Formula:
        """Annual contract value of the deals won in the period, divided by the demos booked in it, whatever became of them."""
        return acv_won / demos_booked

    @kpi(**demo_dimensions)
    def acv_per_demo_held() -> Formula:
        """Annual contract value of the deals won in the period, divided by the demos held in it."""
        return acv_won / demos_held

    @kpi(unit="ratio", kind="ratio", better="band", watch="discount_rate", dimensions="rep team region product", source="D3")
    def wins_per_contract_sent() -> Formula:
        """Deals won in the period, divided by the contracts sent in it. Above 1 is a warning too: deals were won without a contract being
        sent."""
        sent = documents.count("contracts sent", on="sent", where=lambda t: t.document_kind == "contract", needs=("documents",
                                                                                                                  "opportunities"))
        return won / sent

    _declare_plans(catalogue)


def _declare_deals(catalogue: Catalogue) -> None:
    kpi = catalogue.area("pipeline")
    of_deals: dict[str, Any] = dict(dimensions=DEAL, extras_of="opportunities")

    @kpi(unit="count", kind="count", better="up", watch="win_rate", source="B1, E3", **of_deals)
    def new_opportunities() -> Measure:
        """Deals created in the period."""
        return created

    @kpi(unit="money", kind="sum", better="up", watch="win_rate", source="E3", **of_deals)
    def pipeline_created() -> Measure:
        """The value of the deals created in the period."""
        return deals.sum("value of deals created", "created_value", on="created", set_aside="created_value_missing", because=_MONEY)

    @kpi(unit="percent", kind="proportion", better="up", watch="average_deal_value", source="A2, E5", **of_deals)
    def win_rate() -> Formula:
        """Of the deals tracked in the period, the share that was won. Tracked are the deals created before the period's end and not
        closed before its start."""
        return won_tracked / tracked

    @kpi(unit="percent", kind="proportion", better="up", source="+", **of_deals)
    def win_rate_decided() -> Formula:
        """Of the deals decided in the period, the share that was won."""
        return won / deals.count("deals decided", on="closed", where=lambda t: t.outcome.notnull())

    @kpi(unit="percent", kind="proportion", better="up", source="+", **of_deals)
    def win_rate_cohort() -> Formula:
        """Of the deals created in the period, the share that was won by the as-of date."""
        return deals.count("deals created and won since", on="created", where=lambda t: t.outcome == "won",
                           because=("closed_at",)) / created

    @kpi(unit="percent", kind="proportion", better="up", watch="discount_rate", source="A3", **of_deals)
    def close_rate() -> Formula:
        """Of the deals tracked in the period that were qualified by its end, the share that was won."""
        needs = ("opportunities", "stages")
        return (tracked_deals.count("deals won", where=lambda t: t.won_in, needs=needs)
                / tracked_deals.count("qualified deals tracked", where=lambda t: t.qualified, needs=needs))

    @kpi(unit="money", kind="mean", better="up", watch="sales_cycle_length", source="E", **of_deals)
    def average_deal_value() -> Formula:
        """The average value of the deals won in the period."""
        return bookings / valued_wins

    @kpi(unit="days", kind="mean", median=True, better="band", watch="win_rate", source="A1, B10, C1, D2", **of_deals)
    def sales_cycle_length() -> Formula:
        """Average days from the first contact to the close, over the deals won in the period."""
        def is_won(t: Any) -> Any:
            return t.outcome == "won"
        return (deal_cycles.sum("days from first contact to close", "cycle_days", on="closed", where=is_won,
                                because=("first_contact_at", "closed_at")) / deal_cycles.count("deals won", on="closed", where=is_won))


def _declare_plans(catalogue: Catalogue) -> None:
    kpi = catalogue.area("pipeline")

    @kpi(unit="percent", kind="ratio", better="up", watch="forecast_bias", dimensions="rep team region", source="A11")
    def forecast_accuracy() -> Formula:
        """100% less the distance between forecast and bookings as a share of bookings; it can fall below 0. The forecast is each rep's
        last commit for exactly this period, submitted by its start."""
        return (called / bookings).by(accuracy)

    @kpi(unit="percent", kind="ratio", better="band", dimensions="rep team region", source="+")
    def forecast_bias() -> Formula:
        """By what share of bookings the forecast was too high (above 0) or too low (below 0). The forecast is each rep's last commit for
        exactly this period, submitted by its start."""
        return (called / bookings).by(bias)

    @kpi(unit="percent", kind="ratio", better="up", dimensions="rep team region", source="B1, E")
    def quota_attainment() -> Formula:
        """Bookings in the period, divided by the quotas for it. A quota counts by the share of its days that lie in the period."""
        return bookings / quotas

    @kpi(unit="percent", kind="proportion", better="band", dimensions="team region", source="B1")
    def reps_at_quota_rate() -> Formula:
        """Of the reps with a quota in the period, the share whose bookings reached it."""
        why = ("bookings", "quota")
        return (rep_attainment.count("reps at quota", where=lambda t: t.reached, set_aside="missing", because=why)
                / rep_attainment.count("reps with a quota", set_aside="missing", because=why))
