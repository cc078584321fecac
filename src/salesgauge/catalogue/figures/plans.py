"""Bookings beside quotas and forecasts."""

from typing import Any

from salesgauge.catalogue.pipeline import bookings as booked
from salesgauge.catalogue.pipeline import quotas
from salesgauge.catalogue.sources import deals, standing_forecasts
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Measure

OF_DEALS = "rep team region manager channel product kind segment industry account"
OF_REPS = "rep team region manager"
ACCOUNT: dict[str, Any] = {"account": "account_id"}


def declare(catalogue: Catalogue) -> None:
    """Declares the figures of bookings and plans."""
    figure = catalogue.area("plans")
    of_deals: dict[str, Any] = dict(better="up", dimensions=OF_DEALS, extras_of="opportunities")

    @figure(unit="money", kind="sum", **of_deals)
    def bookings() -> Measure:
        """The value of the deals won in the period."""
        return deals.sum("bookings", "closed_value", on="closed", set_aside="closed_value_missing", where=booked.where, dimensions=ACCOUNT,
                         because=("account_id", "closed_at", "amount", "currency", "kind"))

    @figure(unit="count", kind="count", **of_deals)
    def wins() -> Measure:
        """The number of deals won in the period."""
        return deals.count("deals won", on="closed", where=booked.where, dimensions=ACCOUNT,
                           because=("account_id", "closed_at", "amount", "currency", "kind"))

    @figure(unit="money", kind="sum", dimensions=OF_REPS)
    def quota() -> Measure:
        """The quotas for the period. A quota counts by the share of its days that lie in the period."""
        return quota_shares

    @figure(unit="money", kind="sum", dimensions=OF_REPS)
    def commit() -> Measure:
        """Each rep's last commit forecast for exactly this period, as it stands at the period's end or the as-of date."""
        return standing_forecasts.sum("last commit forecasts", "value", set_aside="value_missing", because=("submitted_at",),
                                      where=lambda t: t.forecast_category == "commit")

    @figure(unit="money", kind="sum", dimensions=f"{OF_REPS} forecast_category", required="forecast_category")
    def forecasts() -> Measure:
        """Each rep's last forecast of each category for exactly this period, as it stands at the period's end or the as-of date."""
        return standing_forecasts.sum("last forecasts", "value", set_aside="value_missing",
                                      because=("forecast_category", "submitted_at"))


quota_shares = Measure(quotas.name, quotas.fact, value=quotas.value, per=quotas.per, set_aside=quotas.set_aside, records=quotas.records,
                       because=quotas.because, needs=("quotas",))
