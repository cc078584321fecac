"""Customers."""

from collections.abc import Mapping
from typing import Any

from salesgauge.catalogue.sources import (
    customer_touches,
    customers_a_year_ago,
    purchases_so_far,
    starting_customers,
    survey_answers,
    year_purchases,
)
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Formula

_ACCOUNT = ("accounts", "account_id")
_STATE: dict[str, Any] = dict(region_of="rep", through_accounts=True)


def lifetime_value(row: Mapping[str, Any]) -> float | None:
    """Revenue per account of a year times the expected lifespan in years, 1 / annual churn, at most max_lifespan_years."""
    if not row["den"] or not row["active"]:
        return None
    longest = row["settings"].max_lifespan_years
    years = min(row["active"] / row["lost"], longest) if row["lost"] else longest
    return float(row["num"] / row["den"] * years)


def declare(catalogue: Catalogue) -> None:
    """Declares the KPIs of customers."""
    kpi = catalogue.area("customers")
    counted: dict[str, Any] = dict(where=lambda t: t.account_counts | t.value_missing.notnull(), set_aside="value_missing",
                   because=("account_id", "purchased_at"))

    @kpi(unit="money", kind="ratio", better="up", watch="customer_acquisition_cost", dimensions="segment industry region account_owner",
         source="A10, B13, E2")
    def customer_lifetime_value() -> Formula:
        """Revenue per buying account in the 365 days before the period's end, times the expected lifespan in years: 1 divided by annual
        churn, at most ten unless set otherwise."""
        revenue = year_purchases.sum("revenue of a year", "value", **counted)
        accounts = year_purchases.count("accounts that purchased", per="account_id", records=_ACCOUNT, **counted)
        return (revenue / accounts).by(
            lifetime_value, active=customers_a_year_ago.count("customers a year ago"),
            lost=customers_a_year_ago.count("customers lost since", where=lambda t: t.lost))

    @kpi(unit="money", kind="mean", better="up", dimensions="segment industry region account account_owner", source="B13")
    def historic_customer_value() -> Formula:
        """All revenue up to the period's end, per account that has bought."""
        revenue = purchases_so_far.sum("revenue so far", "value", per="account_id", **counted)
        return revenue / purchases_so_far.count("accounts that purchased", per="account_id", records=_ACCOUNT, **counted)

    states: dict[str, Any] = dict(unit="percent", kind="proportion", dimensions="account_owner team region segment industry", source="E9",
                                  **_STATE)

    @kpi(better="up", **states)
    def customer_retention_rate() -> Formula:
        """Of the customers active at the period's start, the share still active at its end."""
        return starting_customers.count("customers kept", where=lambda t: t.retained) / starting_customers.count("customers at the start")

    @kpi(better="down", **states)
    def churn_rate() -> Formula:
        """Of the customers active at the period's start, the share no longer active at its end."""
        return starting_customers.count("customers lost", where=lambda t: ~t.retained) / starting_customers.count("customers at the start")

    @kpi(unit="ratio", kind="mean", better="band", watch="customer_retention_rate", dimensions="account_owner team region segment",
         source="B5", **_STATE)
    def client_engagement() -> Formula:
        """Touches in the period with the customers active at its start, per such customer."""
        return (customer_touches.sum("touches with customers", "touches", per="account_id", because=("account_id",))
                / starting_customers.count("customers at the start"))

    @kpi(unit="score", kind="mean", better="up", dimensions="account_owner region segment industry", source="B8")
    def net_promoter_score() -> Formula:
        """The share of promoters (9 to 10) less that of detractors (0 to 6), times 100; each contact's last answer in the period counts.
        Answers of accounts that are no customers, or have been for less than 30 days unless set otherwise, are set aside."""
        return (survey_answers.sum("answers, promoters 100 and detractors -100", "value", set_aside="value_missing", because=("score",))
                / survey_answers.count("answers", set_aside="value_missing"))
