"""Customers beside the KPIs: cohorts, contracts that end, who may buy more, who was long not touched."""

from typing import Any

from salesgauge.catalogue.market import purchases_made
from salesgauge.catalogue.sources import (
    customer_cohorts,
    customers,
    customers_at_end,
    ending_contracts,
    purchases,
    upsell_openings,
)
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import CUSTOMER, Formula, Measure

_OF_OWNERS = "account_owner team region manager segment industry account"


def declare(catalogue: Catalogue) -> None:
    """Declares the figures of customers."""
    figure = catalogue.area("customers")
    of_owners: dict[str, Any] = dict(through_accounts=True, region_of="rep")

    @figure(unit="count", kind="count", better="up", dimensions="rep team region channel segment industry account_owner")
    def new_customers() -> Measure:
        """The accounts that became a customer in the period."""
        return customers.count("new customers", on="since", because=("since_at", "made_by"))

    @figure(unit="count", kind="count", better="up", dimensions=_OF_OWNERS, **of_owners)
    def active_customers() -> Measure:
        """The customers active at the period's end, or at the as-of date where that is earlier."""
        return customers_at_end.count("active customers", because=("since_at", "last_touch_at", "days_untouched"))

    @figure(unit="count", kind="count", better="down", dimensions=_OF_OWNERS, **of_owners)
    def untouched_customers() -> Measure:
        """The active customers without a touch in the last 90 days."""
        return customers_at_end.count("active customers not touched", where=lambda t: t.is_untouched, needs=(CUSTOMER, "activities"),
                                      because=("since_at", "last_touch_at", "days_untouched"))

    @figure(unit="money", kind="sum", better="up", dimensions="account rep team region channel segment industry account_owner")
    def account_purchases() -> Measure:
        """The value of the purchases in the period. Returns do not count."""
        return purchases.sum("purchases", "value", because=("account_id", "purchased_at"),
                             dimensions={"account": "account_id", "region": "purchased_region"}, **purchases_made)

    @figure(unit="percent", kind="proportion", better="up", required="age",
            dimensions="age account_owner team region manager segment industry channel", **of_owners)
    def cohort_retention() -> Formula:
        """Of the customers gained in the period, the share still active at its end and each quarter after it, up to 12. Only quarters
        that are over by the as-of date are shown."""
        why: dict[str, Any] = dict(because=("since_at", "age", "check_on"))
        return (customer_cohorts.count("customers still active", where=lambda t: t.is_active, **why)
                / customer_cohorts.count("customers gained", **why))

    of_contracts: dict[str, Any] = dict(dimensions="rep team region manager account product segment industry account_owner ends_in renewal",
                                        extras_of="contracts", region_of="rep")
    why = ("account_id", "ends_on", "days_left", "value", "renewal")

    @figure(unit="count", kind="count", **of_contracts)
    def renewals_due() -> Measure:
        """The contracts that end within 90 days after the period's end, or after the as-of date where that is earlier, and have no
        successor yet."""
        return ending_contracts.count("contracts that end", because=why)

    @figure(unit="money", kind="sum", **of_contracts)
    def renewals_due_value() -> Measure:
        """The annual value of the contracts that end within 90 days after the period's end, or after the as-of date where that is earlier,
        and have no successor yet."""
        return ending_contracts.sum("annual value of contracts that end", "value", set_aside="value_missing", because=why)

    @figure(unit="count", kind="count", dimensions=_OF_OWNERS, **of_owners)
    def upsell_window() -> Measure:
        """The active customers without an upsell or cross-sell deal yet who have been customers for as long as the middle half of the
        others were when they won their first. Where fewer than 20 customers have, there is no such window."""
        return upsell_openings.count("customers in the window", because=("since_at", "customer_days", "window_from", "window_until"))
