"""Revenue, price and product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from independent.reference.entities import Line, Purchase
from independent.reference.leads import spent
from independent.reference.measures import Measures, Part, Period, bookings, deal_value, extra, kpi, money, of_deal, of_purchase, won
from independent.reference.tables import Row

PURCHASE = "rep team region location channel"


def purchases(period: Period, returns: bool) -> list[tuple[Purchase, Part]]:
    """The purchases in the period, and the returns too where wanted."""
    return [
        (p, Part(f"purchase:{p.id}", value, of_purchase(period, p), reason))
        for p in period.known.purchases
        if period.has(p.at) and (returns or not p.returned)
        for value, reason in [period.known.value(p)]
    ]


def lines(period: Period) -> Iterator[tuple[Purchase, Line, dict[str, str | None], float | None]]:
    """The order lines in the period, with dimensions and rate."""
    for p in period.known.purchases:
        if period.has(p.at):
            rate = period.known.rate(p.row.get("currency"), period.day(p.at))
            for line in p.lines:
                yield p, line, {**of_purchase(period, p), **period.known.of_product(line.product)}, rate


def revenue_rows(period: Period) -> list[Part]:
    """Revenue by order line, in a workspace without orders by won deal."""
    if period.known.has("orders"):
        return [
            Part(f"line:{x.id}", x.quantity * x.price * (rate or 0), by, "no_exchange_rate" if rate is None else None)
            for _, x, by, rate in lines(period)
        ]
    return [
        Part(part.key, part.amount, {**part.by, **period.known.of_product(p.row.get("product_id") or None)}, part.reason)
        for p, part in purchases(period, returns=True)
    ]


@kpi("sum", "money", PURCHASE + " product family segment industry", "values", extras="purchases")
def revenue(period: Period) -> Measures:
    return Measures(revenue_rows(period))


@kpi("mean", "money", PURCHASE + " segment industry", "values", extras="purchases")
def average_purchase_value(period: Period) -> Measures:
    return Measures([part for _, part in purchases(period, returns=False)])


@kpi("mean", "money", "rep team region product segment industry", "contracts", extras="contracts")
def average_contract_value(period: Period) -> Measures:
    parts = []
    for at, row in period.known.contracts:
        if period.has(at):
            start, end = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
            value, reason = money(period, row, "total_value", start)
            by = {
                **period.known.of_account(row["account_id"] or None),
                **period.known.place(row.get("rep_id") or None, start),
                "product": row.get("product_id") or None,
                **extra(period, "contracts", row),
            }
            parts.append(Part(f"contract:{row['contract_id']}", value / max(1, (end - start).days / 365), by, reason))
    return Measures(parts)


def at_location(by: dict[str, str | None]) -> dict[str, str | None]:
    return {**by, "region": by["location_region"]}


@kpi("ratio", "money", "product family location region channel segment", "orders", "order_lines")
def average_selling_price(period: Period) -> Measures:
    made = Measures()
    for _, x, by, rate in lines(period):
        reason = "no_exchange_rate" if rate is None else None
        made.numerator.append(Part(f"line:{x.id}", x.quantity * x.price * (rate or 0), at_location(by), reason))
        made.denominator.append(Part(f"line:{x.id}", x.quantity, at_location(by), reason))
    return made


@kpi("ratio", "percent", "product family", "values")
def product_mix(period: Period) -> Measures:
    rows = revenue_rows(period)
    return Measures([p for p in rows if not p.reason], [Part(p.key, p.amount, {}, p.reason) for p in rows])


@kpi("ratio", "percent", "rep team product family location segment", "orders", "order_lines")
def discount_rate(period: Period) -> Measures:
    made = Measures()
    for _, x, by, rate in lines(period):
        if x.list_price is not None:
            reason = "no_exchange_rate" if rate is None else None
            made.numerator.append(Part(f"line:{x.id}", x.quantity * (x.list_price - x.price) * (rate or 0), by, reason))
            made.denominator.append(Part(f"line:{x.id}", x.quantity * x.list_price * (rate or 0), by, reason))
    return made


@kpi("sum", "count", "location location_kind region product family", "orders", "order_lines")
def sales_volume(period: Period) -> Measures:
    return Measures([Part(f"line:{x.id}", x.quantity, at_location(by)) for _, x, by, _ in lines(period)])


def customers_before(period: Period) -> list[Part]:
    """The accounts that were customers before the period, with their owner's place on its first day."""
    return [
        Part(f"account:{account}", 1, owned(period, account)) for account, since in period.known.since.items() if since.at < period.start_at
    ]


def owned(period: Period, account: str) -> dict[str, str | None]:
    of = period.known.of_account(account)
    return {**of, **period.known.place(of["account_owner"], period.start)}


def sold_again(period: Period, kind: str) -> Measures:
    """The product sold belongs to the numerator alone."""
    before = customers_before(period)
    sold = defaultdict(set)
    for deal, _ in won(period):
        if (deal.row.get("kind") or "new") == kind:
            sold[f"account:{deal.row.get('account_id')}"].add(deal.row.get("product_id") or None)
    return Measures([Part(p.key, 1, {**p.by, "product": product}) for p in before for product in sold[p.key]], before)


@kpi("proportion", "percent", "team region product segment industry", "opportunities", "customers")
def upsell_rate(period: Period) -> Measures:
    return sold_again(period, "upsell")


@kpi("proportion", "percent", "team region product segment industry", "opportunities", "customers")
def cross_sell_rate(period: Period) -> Measures:
    return sold_again(period, "cross_sell")


@kpi("sum", "money", "rep team region product segment industry", "opportunities", extras="opportunities")
def upsell_revenue(period: Period) -> Measures:
    return Measures([p for p in bookings(period) if p.by["kind"] == "upsell"])


@kpi("sum", "money", "rep team region product segment industry", "opportunities", extras="opportunities")
def cross_sell_revenue(period: Period) -> Measures:
    return Measures([p for p in bookings(period) if p.by["kind"] == "cross_sell"])


@kpi("ratio", "ratio", "rep team region", "values", "spend")
def sales_efficiency(period: Period) -> Measures:
    return Measures([part for _, part in purchases(period, returns=True)], spent(period, ("sales",)))


@kpi("ratio", "money", "rep team", "values", "spend")
def revenue_per_sales_hour(period: Period) -> Measures:
    hours = []
    for row in period.known.rows("spend"):
        if period.has(period.known.starts(row, "spent_on")) and row.get("function") == "sales" and row.get("hours"):
            by = period.known.place(row.get("rep_id") or None, date.fromisoformat(row["spent_on"]))
            hours.append(Part(f"spend:{row['spend_id']}", float(row["hours"]), by))
    return Measures([part for _, part in purchases(period, returns=True)], hours)


@kpi("concentration", "percent", "region segment", "values")
def revenue_concentration(period: Period) -> Measures:
    """The numerator has the purchases of known accounts, of which the largest are taken later."""
    found = [
        Part(part.key, part.amount, {**part.by, "region": part.by["account_region"]}, part.reason)
        for _, part in purchases(period, returns=False)
    ]
    return Measures([p for p in found if p.by["account"]], found)


def whole_months(period: Period) -> list[date]:
    """The first days of the months that lie wholly in the period and are over by its horizon."""
    months = []
    first = period.start if period.start.day == 1 else (period.start.replace(day=1) + timedelta(days=32)).replace(day=1)
    while (end := (first + timedelta(days=32)).replace(day=1)) <= period.end:
        if period.known.zone.start(end) <= period.horizon:
            months.append(first)
        first = end
    return months


@kpi("ratio", "money", "tenure team region", "reps", "opportunities")
def rep_productivity(period: Period) -> Measures:
    known = period.known
    months = whole_months(period)
    selling = {rep: row for rep, row in known.reps.items() if (row.get("role") or "") in ("ae", "am", "field", "")}
    made = Measures()
    for deal, at in won(period):
        day, owner = period.day(at), deal.row.get("owner_id") or ""
        if day.replace(day=1) in months and owner in selling and (deal.row.get("kind") or "new") in ("new", "upsell"):
            value, reason = deal_value(period, deal, at)
            made.numerator.append(
                Part(f"deal:{deal.id}", value, {**of_deal(period, deal, day), "tenure": known.tenure(owner, day)}, reason)
            )
    for month in months:
        end = (month + timedelta(days=32)).replace(day=1)
        for rep, row in selling.items():
            days = [day for n in range((end - month).days) if known.employed(row, day := month + timedelta(days=n))]
            if days:
                made.denominator.append(
                    Part(f"rep-month:{rep}/{month}", 1, {**known.place(rep, days[0]), "tenure": known.tenure(rep, month)})
                )
    return made


def observed(period: Period) -> list[tuple[Row, str, date]]:
    """The competitors' prices observed in the period, each with a key."""
    rows = [(n, row) for n, row in enumerate(period.known.rows("price_observations")) if row["competitor"] != "own"]
    return [
        (row, f"price:{n}", date.fromisoformat(row["observed_on"]))
        for n, row in rows
        if period.has(period.known.starts(row, "observed_on"))
    ]


@kpi("ratio", "ratio", "product family competitor location", "orders", "order_lines", "price_observations")
def competitor_price_index(period: Period) -> Measures:
    known = period.known
    made = Measures()
    here, each = "location" in (*period.by, *period.where), "competitor" in period.by
    prices = defaultdict(list)
    for row, key, day in observed(period):
        price, reason = money(period, row, "price", day)
        by = {
            "competitor": row["competitor"] or None,
            **known.of_location(row.get("location_id") or None),
            **known.of_product(row["product_id"]),
        }
        if reason:
            made.denominator.append(Part(key, 0, by, reason))
        elif by["competitor"] in period.where.get("competitor", [by["competitor"]]):
            prices[by["product"], by["location"] if here else None, by["competitor"] if each else None].append(price)
    for _, x, by, rate in lines(period):
        for (product, location, competitor), found in prices.items():
            if x.product == product and (not here or by["location"] == location):
                both = {**by, "competitor": competitor} if each else by
                reason = "no_exchange_rate" if rate is None else None
                made.numerator.append(Part(f"line:{x.id}", x.quantity * x.price * (rate or 0), both, reason))
                made.denominator.append(Part(f"line:{x.id}", x.quantity * sum(found) / len(found), both, reason))
    return made


@kpi("mean", "money", "product competitor location", "price_observations", extras="price_observations")
def average_retail_price(period: Period) -> Measures:
    parts = []
    for row, key, day in observed(period):
        price, reason = money(period, row, "price", day)
        by = {
            "product": row["product_id"] or None,
            "competitor": row["competitor"] or None,
            "location": row.get("location_id") or None,
            **extra(period, "price_observations", row),
        }
        parts.append(Part(key, price, by, reason))
    return Measures(parts)
