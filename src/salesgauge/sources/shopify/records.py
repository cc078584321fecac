"""What is kept of Shopify's orders, customers, products, locations and staff. Amounts are in the shop's own currency, less discounts and
without tax, where prices hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from salesgauge.sources.connections.stream import Record

Object = Mapping[str, Any]
ORDER = ("id", "name", "ordered", "customer", "customer_name", "currency", "location", "staff", "source", "cancelled", "test", "payment",
         "lines", "returns")
CUSTOMER = ("id", "name", "email", "country", "created")
PRODUCT = ("id", "name", "family", "price", "currency")
LOCATION = ("id", "name", "region")
STAFF = ("id", "name", "email")
ASKED = {  # the fields that these are made of; whole orders are ten times as long, and say more of people than is needed
    "orders": "id,name,created_at,updated_at,processed_at,cancelled_at,test,financial_status,customer,currency,taxes_included,location_id,"
              "user_id,source_name,line_items,refunds",
    "customers": "id,first_name,last_name,email,default_address,created_at,updated_at",
    "products": "id,title,product_type,variants,updated_at"}


def order(found: Object) -> Record:
    """An order with its lines and what was returned of them."""
    buyer = found.get("customer") or {}
    lines = {line["id"]: _line(line, bool(found.get("taxes_included"))) for line in found["line_items"]
             if line["quantity"] and not line.get("gift_card")}
    return {"id": found["id"], "name": found.get("name"), "ordered": instant(found.get("processed_at") or found["created_at"]),
            "customer": buyer.get("id"), "customer_name": _named(buyer), "currency": found["currency"],
            "location": found.get("location_id"), "staff": found.get("user_id"), "source": found.get("source_name"),
            "cancelled": bool(found.get("cancelled_at")), "test": bool(found.get("test")), "payment": found.get("financial_status"),
            "lines": list(lines.values()), "returns": list(_returns(found, lines))}


def customer(found: Object) -> Record:
    """A customer."""
    return {"id": found["id"], "name": _named(found), "email": found.get("email"),
            "country": (found.get("default_address") or {}).get("country_code"), "created": instant(found["created_at"])}


def product(found: Object, currency: str) -> Record:
    """A product, with its price where all its variants have one."""
    prices = {variant.get("price") for variant in found.get("variants") or ()}
    price = prices.pop() if len(prices) == 1 else None
    return {"id": found["id"], "name": found.get("title"), "family": found.get("product_type") or None, "price": price,
            "currency": currency if price is not None else None}


def location(found: Object) -> Record:
    """A place that sells or holds goods."""
    return {"id": found["id"], "name": found.get("name"), "region": found.get("province") or found.get("country_name")}


def member(found: Object) -> Record:
    """Somebody of the staff."""
    return {"id": found["id"], "name": _named(found), "email": found.get("email")}


def instant(written: str) -> str:
    """An instant in UTC, so that it sorts as a text; Shopify writes it in the shop's own time zone."""
    return datetime.fromisoformat(written).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(found: Object, taxed: bool) -> dict[str, Any]:
    quantity, full = int(found["quantity"]), _money(found, "price") * int(found["quantity"])
    paid = full - sum((_money(part, "amount") for part in found.get("discount_allocations") or ()), Decimal())
    net = paid - (sum((_money(part, "price") for part in found.get("tax_lines") or ()), Decimal()) if taxed else Decimal())
    before = full * net / paid if paid else full
    return {"id": str(found["id"]), "product": _text(found.get("product_id")), "quantity": quantity, "price": str(net / quantity),
            "list_price": str(before / quantity)}


def _returns(found: Object, lines: Mapping[int, Mapping[str, Any]]) -> Iterator[Object]:
    """What was taken back: goods at the price that they were sold for, and what was paid back beyond or short of that."""
    for refund in found.get("refunds") or ():
        taken = [{"id": str(item["id"]), "product": lines[item["line_item_id"]]["product"], "quantity": -int(item["quantity"]),
                  "price": lines[item["line_item_id"]]["price"], "list_price": lines[item["line_item_id"]]["list_price"]}
                 for item in refund.get("refund_line_items") or () if item["line_item_id"] in lines and item["quantity"]]
        goods = -sum((item["quantity"] * Decimal(item["price"]) for item in taken), Decimal())
        correction = _correction(refund, goods)
        if correction:
            taken.append({"id": "correction", "product": None, "quantity": 1, "price": str(correction), "list_price": None})
        if taken:
            yield {"id": str(refund["id"]), "returned": instant(refund.get("processed_at") or refund["created_at"]), "lines": taken}


def _correction(refund: Object, goods: Decimal) -> Decimal:
    """What a refund was less (above 0) or more than the goods and the delivery that it names: Shopify calls it a discrepancy. What was
    paid back short counts for the delivery first, which is no part of the order's lines, and never makes a return a sale."""
    adjusted = refund.get("order_adjustments") or ()
    delivery = -sum((_money(part, "amount") for part in adjusted if part.get("kind") == "shipping_refund"), Decimal())
    delivery += sum((_money(part, "subtotal_amount") for part in refund.get("refund_shipping_lines") or ()), Decimal())
    short = sum((_money(part, "amount") for part in adjusted if part.get("kind") != "shipping_refund"), Decimal())
    return short if short <= 0 else min(max(short - delivery, Decimal()), goods)


def _money(found: Object, name: str) -> Decimal:
    """An amount in the shop's own currency: that is what its `_set` says first."""
    shop = (found.get(f"{name}_set") or {}).get("shop_money") or {}
    return Decimal(str(shop.get("amount") or found.get(name) or 0))


def _named(found: Object) -> str | None:
    return " ".join(part for name in ("first_name", "last_name") if (part := found.get(name))) or found.get("email")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
