"""Purchases and returns, and their lines. In a workspace without the orders table, won deals are the purchases."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import daily_rates, looked_up, with_account, with_location, with_place, with_product, with_rate
from salesgauge.facts.registry import FACTS
from salesgauge.semantics.looking_back import Hindsight, known_by
from salesgauge.semantics.model import Model
from salesgauge.semantics.reach import Own, through

_PLACE = ("purchased_team", "purchased_region", "purchased_manager")
_DIMENSIONS = ("account_id", "rep", "location", "channel", "segment", "industry", "account_owner", "account_region")
# How master data reach a purchase: through its order, or, where won deals are the purchases, through its deal.
_ACCOUNTS = (through("orders", "account_id", "account_id", "order_id"), through("fact_deals", "account_id", "account_id", "opportunity_id"))
_LOCATIONS = (through("orders", "location_id", "location_id", "order_id"),
              through("fact_deals", "location_id", "location", "opportunity_id"))
_REPS = (through("orders", "rep_id", "rep_id", "order_id", "ordered_at_local"),)
_RATES = (through("orders", "currency", "currency", "order_id", "ordered_at_local"),)


def _extras(m: Model) -> list[str]:
    return m.extras("orders" if m.shape.has("orders") else "opportunities")


@FACTS.declare("a purchase or return",
               key="purchase_id", in_time="purchased_on", reach={
                   "orders": (Own("order_id"),), "order_lines": (Own("order_id"),), "fact_deals": (Own("opportunity_id"),),
                   "accounts": _ACCOUNTS, "locations": _LOCATIONS,
                   "fact_rep_history": _REPS, "fact_rate_history": _RATES})
def purchases(m: Model) -> ir.Table:
    """Orders with their value (the sum of their lines), or won deals."""
    if not m.shape.has("orders"):
        return _won_deals(m).select("purchase_id", "record_table", "purchased_at", "purchased_at_local", "purchased_on", "value",
                                    "value_missing", "is_return", *_DIMENSIONS, "location_kind", "location_region", *_PLACE, *_extras(m))
    lines = m["order_lines"].select("order_id", amount=ibis._.quantity * ibis._.unit_price)
    # Only an order with a line below 0 can be a return: who asks nothing else of orders need not add up all of them.
    doubtful = lines.semi_join(lines.filter(lines.amount < 0).select("order_id"), "order_id")
    t = looked_up(_orders(m), _summed(lines), [("purchase_id", "order_id")], {"amount": "amount"})
    t = looked_up(t, _summed(doubtful), [("purchase_id", "order_id")], {"in_doubt": "amount"})
    return t.mutate(value=t.amount.fill_null(0.0) * t.rate, value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")),
                    is_return=(t.in_doubt < 0).fill_null(False), record_table=ibis.literal("orders")).drop("amount", "in_doubt", "rate")


def _summed(lines: ir.Table) -> ir.Table:
    """What each order is worth in its currency."""
    return lines.group_by("order_id").agg(amount=lines.amount.sum())


def _orders(m: Model) -> ir.Table:
    o = m["orders"]
    o = o.mutate(purchased_on=o.ordered_at_local.date())
    o = o.rename(purchase_id="order_id", rep="rep_id", location="location_id", purchased_at="ordered_at",
                 purchased_at_local="ordered_at_local")
    o = with_rate(m, o, "currency", "purchased_on", "rate", daily_rates(m))
    o = with_place(m, o, "rep", "purchased_on", "purchased_")
    o = with_location(m, with_account(m, o, region="account_region"))
    return o.select("purchase_id", "purchased_at", "purchased_at_local", "purchased_on", "rate", *_DIMENSIONS, "location_kind",
                    "location_region", *_PLACE, *_extras(m))


def _won_deals(m: Model) -> ir.Table:
    d = m.fact("deals")
    d = d.filter(d.outcome == "won")
    d = looked_up(d, m["accounts"], [("account_id", "account_id")], {"account_owner": "owner_id", "account_region": "region"})
    d = with_location(m, d)
    return d.mutate(purchase_id=d.opportunity_id, record_table=ibis.literal("opportunities"), purchased_at=d.closed_at,
                    purchased_at_local=d.closed_at_local, purchased_on=d.closed_on, value=d.closed_value,
                    value_missing=d.closed_value_missing, is_return=ibis.literal(False), purchased_team=d.closed_team,
                    purchased_region=d.closed_region, purchased_manager=d.closed_manager)


@FACTS.declare("a line of a purchase or return",
               key="purchase_id", reach={
                   "orders": (Own("order_id"),), "order_lines": (Own("order_id"),), "fact_deals": (Own("opportunity_id"),),
                   "accounts": _ACCOUNTS, "locations": _LOCATIONS,
                   "products": (through("order_lines", "product_id", "product_id", "order_id"),),
                   "fact_rep_history": _REPS, "fact_rate_history": _RATES})
def purchase_lines(m: Model) -> ir.Table:
    """Lines with quantity, price and what their purchase says; without orders, a won deal is a line without quantity."""
    if not m.shape.has("orders"):
        t = _won_deals(m)
        t = t.mutate(line_id=t.purchase_id, quantity=ibis.null("float64"), list_value=ibis.null("float64"), discount=ibis.null("float64"),
                     has_list_price=ibis.literal(False))
    else:
        lines = m["order_lines"].select("order_id", "line", "product_id", "quantity", "unit_price", "unit_list_price")
        o = _orders(m)
        t = o.inner_join(lines, [o.purchase_id == lines.order_id])
        t = with_product(m, t.rename(product="product_id"))
        t = t.mutate(line_id=t.order_id + "|" + t.line, record_table=ibis.literal("order_lines"), value=t.quantity * t.unit_price * t.rate,
                     value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")),
                     has_list_price=t.unit_list_price.notnull(), list_value=t.quantity * t.unit_list_price * t.rate,
                     discount=t.quantity * (t.unit_list_price - t.unit_price) * t.rate)
    return t.select("line_id", "record_table", "purchase_id", "purchased_at", "purchased_on", "quantity", "value", "value_missing",
                    "list_value", "has_list_price",
                    "discount", "product", "family", *_DIMENSIONS, "location_kind", "location_region", *_PLACE, *_extras(m))


@FACTS.declare("money (and hours) put into selling",
               key="spend_id", reach={
                   "spend": (Own("spend_id"),), "fact_rep_history": (through("spend", "rep_id", "rep_id", "spend_id", "spent_on"),),
                   "fact_rate_history": (through("spend", "currency", "currency", "spend_id", "spent_on"),)})
def spend(m: Model) -> ir.Table:
    """Spend in the workspace's currency, with the place of its rep on the day."""
    t = m["spend"]
    t = with_rate(m, t, "currency", "spent_on", "rate")
    t = with_place(m, t, "rep_id", "spent_on", "spent_")
    return t.select("spend_id", "spent_on", "function", "purpose", "category", "channel", "hours", "spent_team", "spent_region",
                    "spent_manager", rep="rep_id", campaign="campaign_id", value=t.amount * t.rate,
                    value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")))


@FACTS.declare("a contract of a customer",
               key="contract_id", reach={
                   "contracts": (Own("contract_id"),), "accounts": (through("contracts", "account_id", "account_id", "contract_id"),),
                   "fact_rep_history": (through("contracts", "rep_id", "rep_id", "contract_id", "starts_on"),),
                   "fact_rate_history": (through("contracts", "currency", "currency", "contract_id", "starts_on"),)})
def contracts(m: Model) -> ir.Table:
    """Contracts with their annual value: total_value / max(1, days / 365)."""
    t = m["contracts"]
    t = with_rate(m, t, "currency", "starts_on", "rate", daily_rates(m))
    t = with_place(m, t, "rep_id", "starts_on", "starts_")
    t = with_account(m, t)
    years = ibis.greatest(1.0, (t.ends_on.epoch_days() - t.starts_on.epoch_days()) / 365)
    return t.select("contract_id", "account_id", "starts_on", "ends_on", "starts_team", "starts_region", "starts_manager", "segment",
                    "industry",
                    *m.extras("contracts"), rep="rep_id", product="product_id", years=years, value=t.total_value / years * t.rate,
                    value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")))


@FACTS.declare("a shelf price of a competitor, seen", shared=True,
               key="observed_on", reach={
                   "price_observations": (Own("observed_on"),),
                   "products": (through("price_observations", "product_id", "product_id", "observed_on"),),
                   "fact_rate_history": (through("price_observations", "currency", "currency", "observed_on", "observed_on"),)})
def price_sightings(m: Model) -> ir.Table:
    """Competitors' prices (our own shelf prices are not among them)."""
    t = m["price_observations"]
    t = t.filter(t.competitor.isnull() | (t.competitor != "own"))
    t = with_rate(m, t, "currency", "observed_on", "rate")
    t = with_product(m, t.rename(product="product_id", location="location_id"))
    return t.select("observed_on", "product", "family", "location", "competitor", "currency", *m.extras("price_observations"),
                    sighting_id=ibis.literal("").concat(t.observed_on.cast("string"), "|", t["product"], "|", t.competitor.fill_null(""),
                                                        "|",
                                                        t.location.fill_null(""), "|", t.ordinal_.cast("string")),
                    price=t.price, value=t.price * t.rate,
                    value_missing=t.rate.isnull().ifelse("no_exchange_rate", ibis.null("string")))


@FACTS.look_back("purchases", "purchase_lines")
def ordered_by_then(m: Hindsight, t: ir.Table) -> ir.Table | None:
    """An order is known from its instant on, with its lines. Won deals are told by `deals`."""
    return known_by("purchased_at")(m, t) if m.shape.has("orders") else None


for _fact, _column in (("spend", "spent_on"), ("contracts", "starts_on"), ("price_sightings", "observed_on")):
    FACTS.look_back(_fact)(known_by(_column))
