"""What is open, what is due, what is lost."""

from typing import Any

from salesgauge.catalogue.figures.plans import ACCOUNT, OF_DEALS
from salesgauge.catalogue.sources import deal_agenda, deals, pipeline_deals
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Formula, Measure

OPEN = f"{OF_DEALS} pipeline stage due forecast_category"
_STANDS = ("account_id", "stage", "since_at", "stage_days", "value", "closes_on", "due", "pushes", "forecast_category")
_AGENDA = (*_STANDS, "usual_days", "last_touch_at", "days_untouched", "touches", "next_step", "next_step_on")


def declare(catalogue: Catalogue) -> None:
    """Declares the figures of open and lost deals."""
    figure = catalogue.area("pipeline")
    of_open: dict[str, Any] = dict(dimensions=OPEN, extras_of="opportunities")

    @figure(unit="count", kind="count", better="up", **of_open)
    def open_deals() -> Measure:
        """The deals open at the period's end, or at the as-of date where that is earlier."""
        return pipeline_deals.count("open deals", because=_STANDS)

    @figure(unit="money", kind="sum", better="up", **of_open)
    def open_pipeline() -> Measure:
        """The value of the deals open at the period's end, or at the as-of date where that is earlier. A deal is valued at the exchange
        rate of the day of its creation."""
        return pipeline_deals.sum("value of open deals", "value", set_aside="value_missing", because=(*_STANDS, "amount", "currency"))

    @figure(unit="days", kind="mean", median=True, better="down", **of_open)
    def stage_age() -> Formula:
        """Average days that the deals open at the period's end have been in their present stage."""
        return (pipeline_deals.sum("days in the present stage", "stage_days", because=_STANDS)
                / pipeline_deals.count("open deals", because=_STANDS))

    _declare_work(catalogue)
    lost: dict[str, Any] = dict(on="closed", where=lambda t: t.outcome == "lost", dimensions=ACCOUNT,
                                because=("account_id", "closed_at", "amount", "currency", "stage", "loss_reason", "competitor"))
    of_lost: dict[str, Any] = dict(better="down", dimensions=f"{OF_DEALS} loss_reason competitor", extras_of="opportunities")

    @figure(unit="count", kind="count", **of_lost)
    def losses() -> Measure:
        """The number of deals lost in the period."""
        return deals.count("deals lost", **lost)

    @figure(unit="money", kind="sum", **of_lost)
    def lost_value() -> Measure:
        """The value of the deals lost in the period."""
        return deals.sum("value of deals lost", "closed_value", set_aside="closed_value_missing", **lost)


def _declare_work(catalogue: Catalogue) -> None:
    """The deals to work on: each figure opens into a list that says what is known of the deal."""
    figure = catalogue.area("pipeline")
    needs = ("opportunities", "activities")
    of_open: dict[str, Any] = dict(dimensions=OPEN, extras_of="opportunities")

    @figure(unit="count", kind="count", **of_open)
    def closing_deals() -> Measure:
        """The open deals whose expected close lies before the period's end, overdue ones too."""
        return deal_agenda.count("open deals due", where=lambda t: t.due.isin(["overdue", "this_period"]), because=_AGENDA, needs=needs)

    @figure(unit="count", kind="count", better="down", **of_open)
    def stalled_deals() -> Measure:
        """The open deals that have been in their present stage for longer than nine in ten of the deals that moved on from it. Stages
        that fewer than 20 deals have moved on from have no such measure."""
        return deal_agenda.count("stalled deals", where=lambda t: t.is_stalled, because=_AGENDA, needs=(*needs, "stages"))

    @figure(unit="money", kind="sum", better="down", **of_open)
    def stalled_value() -> Measure:
        """The value of the open deals that have been in their present stage for longer than nine in ten of the deals that moved on from
        it. Stages that fewer than 20 deals have moved on from have no such measure."""
        return deal_agenda.sum("value of stalled deals", "value", where=lambda t: t.is_stalled, set_aside="value_missing", because=_AGENDA,
                               needs=(*needs, "stages"))

    @figure(unit="count", kind="count", better="down", **of_open)
    def deals_without_next_step() -> Measure:
        """The open deals without a next step, or whose next step lies in the past."""
        return deal_agenda.count("open deals without a next step", where=lambda t: t.lacks_next_step, because=_AGENDA, needs=needs)
