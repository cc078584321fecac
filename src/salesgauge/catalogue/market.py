"""Revenue, price and product."""

from typing import Any

from salesgauge.catalogue.pipeline import bookings
from salesgauge.catalogue.sources import (
    contracts,
    customer_wins,
    deals,
    earlier_customers,
    order_lines,
    price_sightings,
    purchase_lines,
    purchases,
    rep_months,
    seller_wins,
    spend,
)
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import CUSTOMER, PURCHASE, Formula, Measure
from salesgauge.semantics.transforms import BesidePrices, Largest

_LINE: dict[str, Any] = dict(on="purchased", set_aside="value_missing")
_LINE_MONEY = ("purchased_at", "quantity")

revenue_lines = purchase_lines.sum("revenue", "value", because=_LINE_MONEY, **_LINE)
revenue_purchases = purchases.sum("revenue", "value", dimensions={"region": "purchased_region"}, **_LINE)
sales_spend = spend.sum("spend on sales", "value", on="spent", set_aside="value_missing", where=lambda t: t.function == "sales")
purchases_made: dict[str, Any] = dict(on="purchased", set_aside="value_missing", where=lambda t: ~t.is_return)


def _rate_of(kind: str) -> Formula:
    """Of the customers before P's start, those that in P won a deal of a kind."""
    winners = customer_wins.count(f"customers that won a deal of kind {kind}", per="account_id", where=lambda t: t.kind == kind,
                                  needs=(CUSTOMER, "opportunities"))
    return winners / earlier_customers.count("customers before the period")


def _revenue_of(kind: str) -> Measure:
    return deals.sum(f"value of deals won of kind {kind}", "closed_value", on="closed", set_aside="closed_value_missing",
                     where=lambda t: (t.outcome == "won") & (t.kind == kind), because=("amount", "currency"))


def declare(catalogue: Catalogue) -> None:
    """Declares the KPIs of revenue, price and product."""
    kpi = catalogue.area("revenue")

    @kpi(unit="money", kind="sum", better="up", dimensions="rep team region location channel product family segment industry",
         extras_of=PURCHASE, source="B3")
    def revenue() -> Measure:
        """The value of the purchases in the period, less returns."""
        return revenue_lines

    @kpi(unit="money", kind="mean", better="up", dimensions="rep team region location channel segment industry", extras_of=PURCHASE,
         source="A8")
    def average_purchase_value() -> Formula:
        """The average value of the purchases in the period. Returns do not count."""
        own: dict[str, Any] = dict(dimensions={"region": "purchased_region"}, **purchases_made)
        return purchases.sum("value of purchases", "value", **own) / purchases.count("purchases", **own)

    @kpi(unit="money", kind="mean", better="up", watch="customer_retention_rate", dimensions="rep team region product segment industry",
         extras_of="contracts", source="E1")
    def average_contract_value() -> Formula:
        """The average annual value of the contracts that start in the period. A contract of less than a year counts with its whole
        value."""
        own: dict[str, Any] = dict(on="starts", set_aside="value_missing")
        return (contracts.sum("annual value of contracts", "value", because=("starts_on", "ends_on", "years"), **own)
                / contracts.count("contracts started", **own))

    _declare_prices(catalogue)

    for_kind: dict[str, Any] = dict(unit="percent", kind="proportion", better="up", watch="net_promoter_score",
                    dimensions="team region product† segment industry", region_of="rep", through_accounts=True, source="B7")

    @kpi(**for_kind)
    def upsell_rate() -> Formula:
        """Of the accounts that were customers before the period began, the share with an upsell deal won in it."""
        return _rate_of("upsell")

    @kpi(**for_kind)
    def cross_sell_rate() -> Formula:
        """Of the accounts that were customers before the period began, the share with a cross-sell deal won in it."""
        return _rate_of("cross_sell")

    sold: dict[str, Any] = dict(unit="money", kind="sum", better="up", dimensions="rep team region product segment industry",
                                extras_of="opportunities",
                source="B7")

    @kpi(**sold)
    def upsell_revenue() -> Measure:
        """The value of the upsell deals won in the period."""
        return _revenue_of("upsell")

    @kpi(**sold)
    def cross_sell_revenue() -> Measure:
        """The value of the cross-sell deals won in the period."""
        return _revenue_of("cross_sell")

    _declare_efficiency(catalogue)
    _declare_competition(catalogue)


def _declare_prices(catalogue: Catalogue) -> None:
    kpi = catalogue.area("revenue")
    quantity = order_lines.sum("quantity sold", "quantity", on="purchased", because=("purchased_at",))

    @kpi(unit="money", kind="ratio", better="up", watch="sales_volume", dimensions="product family location region channel segment",
         region_of="location", source="D4")
    def average_selling_price() -> Formula:
        """The value of the order lines of the period, divided by the quantity sold."""
        return (order_lines.sum("revenue", "value", because=_LINE_MONEY, **_LINE)
                / order_lines.sum("quantity sold", "quantity", because=("purchased_at",), **_LINE))

    @kpi(unit="percent", kind="ratio", better="band", dimensions="product† family†", source="D4")
    def product_mix() -> Formula:
        """The share of a product or product family in the revenue of the period."""
        whole = purchase_lines.sum("all revenue", "value", because=_LINE_MONEY, dimensions={"product": "", "family": ""}, **_LINE)
        return revenue_lines / whole

    @kpi(unit="percent", kind="ratio", better="band", watch="close_rate", dimensions="rep team product family location segment",
         source="D4")
    def discount_rate() -> Formula:
        """What was taken off the list price, as a share of the value at list price, over the order lines of the period that have a list
        price."""
        listed: dict[str, Any] = dict(where=lambda t: t.has_list_price, because=_LINE_MONEY, **_LINE)
        return order_lines.sum("discounts", "discount", **listed) / order_lines.sum("value at list price", "list_value", **listed)

    @kpi(unit="count", kind="sum", better="up", dimensions="location location_kind region product family", source="B3")
    def sales_volume() -> Measure:
        """The quantity sold in the period."""
        return quantity


def _declare_efficiency(catalogue: Catalogue) -> None:
    kpi = catalogue.area("revenue")

    @kpi(unit="ratio", kind="ratio", better="up", watch="customer_retention_rate", dimensions="rep team region", source="A12")
    def sales_efficiency() -> Formula:
        """Revenue of the period, divided by what was spent on sales in it."""
        return revenue_purchases / sales_spend

    @kpi(unit="money", kind="ratio", better="up", dimensions="rep team", source="A12")
    def revenue_per_sales_hour() -> Formula:
        """Revenue of the period, divided by the hours put into sales in it."""
        return revenue_purchases / spend.sum("hours of sales", "hours", on="spent",
                                               where=lambda t: (t.function == "sales") & t.hours.notnull())

    @kpi(unit="percent", kind="ratio", better="down", dimensions="region segment", source="D1")
    def revenue_concentration() -> Formula:
        """The share of the largest accounts (ten, unless set otherwise) in the purchases of the period."""
        top = Largest("account_id", "value", "value_missing", "is_return", "concentration_top")
        return (purchases.sum("purchases of the largest accounts", "value", transform=top, because=("account_id",), **purchases_made)
                / purchases.sum("all purchases", "value", because=("account_id",), **purchases_made))

    @kpi(unit="money", kind="ratio", better="up", dimensions="tenure team region", source="D5")
    def rep_productivity() -> Formula:
        """The value of new and upsell deals won, per selling rep and month: account executives, account managers, field reps and reps
        without a recorded role, over the whole months of the period."""
        sold = seller_wins.sum("bookings of selling reps", "value", set_aside="value_missing", because=bookings.because)
        return sold / rep_months.count("rep-months", because=("month_on",))


def _declare_competition(catalogue: Catalogue) -> None:
    kpi = catalogue.area("revenue")

    @kpi(unit="ratio", kind="ratio", better="band", watch="sales_volume", dimensions="product family competitor† location", source="B4")
    def competitor_price_index() -> Formula:
        """Our revenue from the products whose competitors' prices were seen in the period, divided by what the same quantities come to at
        the competitors' mean price. Above 1 we are dearer."""
        seen = price_sightings.sum("prices seen", "value", on="observed", set_aside="value_missing")
        needs = ("price_observations", "orders", "order_lines")
        lines: dict[str, Any] = dict(transform=BesidePrices(seen), needs=needs, dimensions={"competitor": "key_competitor"}, **_LINE)
        ours = order_lines.sum("our revenue", "value", because=_LINE_MONEY, **lines)
        theirs = order_lines.sum("the same quantities at their prices", "at_their_price", because=("quantity", "their_price"), **lines)
        return (ours / theirs).watching(seen)

    @kpi(unit="money", kind="mean", dimensions="product competitor location", extras_of="price_observations", source="B4")
    def average_retail_price() -> Formula:
        """The mean of the competitors' shelf prices seen in the period."""
        seen: dict[str, Any] = dict(on="observed", set_aside="value_missing")
        return price_sightings.sum("prices seen", "value", because=("price", "currency"), **seen) / price_sightings.count("prices seen",
                                                                                                                          **seen)
