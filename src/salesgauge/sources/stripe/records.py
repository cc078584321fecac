"""What is kept of each object of Stripe: amounts in the currency itself, without tax, and lines as they are counted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from salesgauge.sources.connections.stream import Record
from salesgauge.sources.stripe.api import instant
from salesgauge.sources.stripe.currencies import amount

Object = Mapping[str, Any]
CUSTOMER = ("id", "name", "email", "country", "created")
PRODUCT = ("id", "name", "unit", "price", "currency")
INVOICE = ("id", "number", "customer", "customer_name", "currency", "finalized", "status", "subscription", "total", "lines")
CHARGE = ("id", "customer", "customer_name", "currency", "created", "amount", "invoice", "status")
REFUND = ("id", "charge", "currency", "created", "amount", "status")
CREDIT_NOTE = ("id", "invoice", "customer", "currency", "created", "status", "refund", "lines")
SUBSCRIPTION = ("id", "customer", "currency", "status", "starts", "ends", "product")


def customer(found: Object) -> Record:
    """A customer."""
    return {"id": found["id"], "name": found.get("name") or found.get("description") or found.get("email"), "email": found.get("email"),
            "country": (found.get("address") or {}).get("country"), "created": instant(found["created"])}


def product(found: Object) -> Record:
    """A product with its default price, where that is one amount."""
    said = found.get("default_price")
    price: Object = said if isinstance(said, Mapping) and said.get("unit_amount") is not None else {}
    return {"id": found["id"], "name": found.get("name"), "unit": found.get("unit_label"),
            "price": amount(price["unit_amount"], price["currency"]) if price else None,
            "currency": price["currency"].upper() if price else None}


def invoice(found: Object) -> Record:
    """An invoice; its `lines` are the whole list."""
    finalized = (found.get("status_transitions") or {}).get("finalized_at")
    return {"id": found["id"], "number": found.get("number"), "customer": _id(found.get("customer")),
            "customer_name": found.get("customer_name") or found.get("customer_email"), "currency": found["currency"].upper(),
            "finalized": instant(finalized) if finalized else None, "status": found.get("status"),
            "subscription": _id(found.get("subscription")), "total": amount(found["total"], found["currency"]),
            "lines": [_line(line, found["currency"]) for line in found["lines"]]}


def charge(found: Object) -> Record:
    """A charge: what was captured of it."""
    billed = found.get("billing_details") or {}
    return {"id": found["id"], "customer": _id(found.get("customer")), "customer_name": billed.get("name") or billed.get("email"),
            "currency": found["currency"].upper(), "created": instant(found["created"]),
            "amount": amount(found["amount_captured"], found["currency"]), "invoice": _id(found.get("invoice")),
            "status": found.get("status")}


def refund(found: Object) -> Record:
    """A refund."""
    return {"id": found["id"], "charge": _id(found.get("charge")), "currency": found["currency"].upper(),
            "created": instant(found["created"]), "amount": amount(found["amount"], found["currency"]), "status": found.get("status")}


def credit_note(found: Object) -> Record:
    """A credit note; its `lines` are the whole list, and where it names an amount only that amount is its line."""
    currency = found["currency"]
    whole = next((found[name] for name in ("total_excluding_tax", "subtotal", "amount") if found.get(name) is not None), 0)
    lines = [_credited(line, currency) for line in found["lines"]] or [_counted("credit", None, -1, -whole, 0, 0, currency)]
    return {"id": found["id"], "invoice": _id(found.get("invoice")), "customer": _id(found.get("customer")), "currency": currency.upper(),
            "created": instant(found.get("effective_at") or found["created"]), "status": found.get("status"),
            "refund": _id(found.get("refund")), "lines": lines}


def subscription(found: Object) -> Record:
    """A subscription, from the end of its trial to the end of what is paid for."""
    items = (found.get("items") or {}).get("data") or [{}]
    ends = found.get("ended_at") or found.get("cancel_at") or found.get("current_period_end")
    trial = found.get("trial_end")
    starts = max(found["start_date"], trial) if trial else found["start_date"]
    return {"id": found["id"], "customer": _id(found.get("customer")), "currency": (found.get("currency") or "").upper() or None,
            "status": found.get("status"), "starts": instant(starts), "ends": instant(ends) if ends else None,
            "product": _id((items[0].get("price") or {}).get("product"))}


def _line(found: Object, currency: str) -> Object:
    """A line of an invoice."""
    discount = sum(part["amount"] for part in found.get("discount_amounts") or ())
    return _counted(found["id"], _id((found.get("price") or {}).get("product")), found.get("quantity") or 1, found["amount"], discount,
                    _tax_inside(found), currency)


def _credited(found: Object, currency: str) -> Object:
    """A line of a credit note, as one that takes something back; `of` is the invoice's line."""
    made = _counted(found["id"], None, -(found.get("quantity") or 1), -found["amount"], -(found.get("discount_amount") or 0),
                    -_tax_inside(found), currency)
    return {**made, "of": found.get("invoice_line_item")}


def _tax_inside(found: Object) -> int:
    return sum(part["amount"] for part in found.get("tax_amounts") or () if part.get("inclusive"))


def _counted(key: str, product: str | None, quantity: int, gross: int, discount: int, tax: int, currency: str) -> Object:
    """A line with its price for one, less discount and the tax that is inside, and the price before the discount, of which the tax that
    is inside has the same share."""
    discounted = gross - discount
    net = discounted - tax
    before = Decimal(gross) * net / discounted if discounted else Decimal(gross)
    one = amount(1, currency)
    return {"id": key, "product": product, "quantity": quantity, "price": str(net * one / quantity),
            "list_price": str(before * one / quantity)}


def _id(found: object) -> str | None:
    """The id of an object that stands as its id or, expanded, whole."""
    return found.get("id") if isinstance(found, Mapping) else str(found) if found else None
