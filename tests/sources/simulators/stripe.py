"""A small account of Stripe in memory, which answers as api.stripe.com does.

Covered: GET of customers, products, invoices, charges, refunds, credit_notes, subscriptions and events, as lists (`limit` 1 to 100,
`starting_after`, `created[...]` where the list has it, `expand[]`, `status` of subscriptions, `types[]` of events), by id, and the lines of
invoices and credit notes; unknown parameters (400), a wrong key (401), a permission that a restricted key lacks (403), deleted customers
and products, events that are gone after 30 days. Not covered: writing, searching, Connect, rate limits (the suite makes them).
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx

VERSION = "2024-12-18.acacia"
KEPT = 30 * 86400  # seconds for which events are there
EMBEDDED = 10      # lines that an object carries itself
Object = dict[str, Any]
COMPARED: dict[str, Callable[[int, int], bool]] = {"gte": int.__ge__, "gt": int.__gt__, "lte": int.__le__, "lt": int.__lt__}
LISTS = {"customers": ("cus", "customer", {"email"}), "products": ("prod", "product", {"active", "ids[]", "url"}),
         "invoices": ("in", "invoice", {"customer", "status", "subscription", "collection_method"}),
         "charges": ("ch", "charge", {"customer", "payment_intent", "transfer_group"}),
         "refunds": ("re", "refund", {"charge", "payment_intent"}), "credit_notes": ("cn", "credit_note", {"customer", "invoice"}),
         "subscriptions": ("sub", "subscription", {"customer", "price", "status", "collection_method"}),
         "events": ("evt", "event", {"type", "types[]", "delivery_success"})}
WITHOUT_CREATED = {"credit_notes"}


class Stripe:
    """The account. `permissions` are the lists that its key may read."""

    def __init__(self, now: datetime, key: str = "rk_test_51Sim") -> None:
        self.now, self.key = now, key
        self.permissions = set(LISTS)
        self.kept: dict[str, dict[str, Object]] = {name: {} for name in LISTS}   # by id, in the order in which they were made
        self.order: dict[str, list[str]] = {name: [] for name in LISTS}
        self.place: dict[str, dict[str, int]] = {name: {} for name in LISTS}
        self.told: list[tuple[int, int]] = []  # events by their second and their number, which is their place in `order`
        self.asked: list[str] = []

    @property
    def second(self) -> int:
        """Its clock."""
        return int(self.now.timestamp())

    def tick(self, seconds: float) -> None:
        """Its clock goes on."""
        self.now += timedelta(seconds=seconds)

    def make(self, path: str, *, event: str = "created", at: int | None = None, **fields: Any) -> Object:
        """A new object, with the event that tells of it."""
        prefix, kind, _ = LISTS[path]
        created = self.second if at is None else at
        found = {"id": f"{prefix}_{len(self.order[path]) + 1:05d}", "object": kind, "created": created, "livemode": False, **fields}
        self.kept[path][found["id"]] = found
        self.place[path][found["id"]] = len(self.order[path])
        self.order[path].append(found["id"])
        if path == "events":
            bisect.insort(self.told, (created, self.place[path][found["id"]]))
        elif event:
            self.tell(f"{'customer.subscription' if kind == 'subscription' else kind}.{event}", found, created)
        return found

    def tell(self, kind: str, found: Object, at: int | None = None) -> None:
        """An event; its object is as an old version of the interface has it, so that nothing but the id is to be relied on."""
        shown = {"id": found["id"], "object": found["object"]}
        self.make("events", at=at, type=kind, api_version="2015-10-16", data={"object": shown})

    def delete(self, path: str, key: str) -> None:
        """Deletes a customer or a product."""
        kind = LISTS[path][1]
        self.kept[path][key] = {"id": key, "object": kind, "deleted": True}
        self.tell(f"{kind}.deleted", {"id": key, "object": kind})

    def invoice(self, customer: Object, lines: list[Object], *, status: str = "open", currency: str = "eur", **more: Any) -> Object:
        """A finalised invoice."""
        for number, line in enumerate(lines, start=1):
            line.setdefault("id", f"il_{len(self.order['invoices']) + 1:05d}_{number}")
        finalized = None if status == "draft" else self.second
        return self.make("invoices", **{
            "customer": customer["id"], "customer_name": customer["name"], "customer_email": customer["email"], "currency": currency,
            "number": f"A-{len(self.order['invoices']) + 1:04d}", "status": status, "subscription": None, "lines": lines,
            "status_transitions": {"finalized_at": finalized, "paid_at": None, "voided_at": None, "marked_uncollectible_at": None},
            "total": sum(line["amount"] for line in lines), **more})

    def handle(self, request: httpx.Request) -> httpx.Response:
        """What Stripe answers."""
        path = request.url.path.removeprefix("/v1/")
        self.asked.append(f"{path}?{request.url.query.decode()}")
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _refused(401, "Invalid API Key provided: rk_***", "api_key_invalid")
        if request.headers.get("Stripe-Version") != VERSION:
            return _refused(400, "Invalid Stripe API version", "invalid_version")
        if request.method != "GET":
            return _refused(405, "Unrecognized request method", "method_not_allowed")
        name, _, rest = path.partition("/")
        if name not in LISTS:
            return _refused(404, f"Unrecognized request URL (GET: /v1/{path})", "resource_missing")
        if name not in self.permissions:
            return _refused(403, f"The provided key does not have the required permissions for this endpoint on {name}",
                            "more_permissions_required_for_application")
        if not rest:
            return self._list(name, request.url.params)
        key, _, part = rest.partition("/")
        if key not in self.kept[name]:
            return _refused(404, f"No such {LISTS[name][1]}: '{key}'", "resource_missing")
        if part == "lines":
            return self._lines(self.kept[name][key]["lines"], request.url)
        unknown = set(request.url.params) - {"expand[]"}
        if unknown or part:
            return _refused(400, f"Received unknown parameter: {', '.join(unknown)}", "parameter_unknown")
        return httpx.Response(200, json=self._shown(name, self.kept[name][key], request.url.params.get_list("expand[]")))

    def _list(self, name: str, params: httpx.QueryParams) -> httpx.Response:
        times = () if name in WITHOUT_CREATED else ("created[gte]", "created[gt]", "created[lte]", "created[lt]")
        known = {"limit", "starting_after", "ending_before", "expand[]", *times, *LISTS[name][2]}
        unknown = sorted(set(params) - known)
        if unknown:
            return _refused(400, f"Received unknown parameter: {unknown[0]}", "parameter_unknown")
        limit = int(params.get("limit", 10))
        if not 1 <= limit <= 100:
            return _refused(400, "This value must be between 1 and 100", "parameter_invalid_integer")
        after = params.get("starting_after")
        if after is not None and after not in self.place[name]:
            return _refused(400, f"No such {LISTS[name][1]}: '{after}'", "resource_missing")
        found: list[Object] = []
        for item in self._newest(name, after, params):
            found.append(item)
            if len(found) > limit:
                break
        expand = [part.removeprefix("data.") for part in params.get_list("expand[]")]
        return httpx.Response(200, json={"object": "list", "url": f"/v1/{name}", "has_more": len(found) > limit,
                                         "data": [self._shown(name, item, expand) for item in found[:limit]]})

    def _newest(self, name: str, after: str | None, params: httpx.QueryParams) -> Iterator[Object]:
        """The objects that the parameters select, from one on. Events are ordered by their second, the rest as they were made."""
        types = params.get_list("types[]")
        tests = [(found[1], int(value)) for key, value in params.items() if (found := re.fullmatch(r"created\[(.+)\]", key))]
        for item in self._events(after) if name == "events" else self._made(name, after):
            other = bool(types) and item["type"] not in types
            canceled = name == "subscriptions" and params.get("status") != "all" and item["status"] == "canceled"
            if not other and not canceled and all(COMPARED[sign](item["created"], value) for sign, value in tests):
                yield item

    def _made(self, name: str, after: str | None) -> Iterator[Object]:
        begin = self.place[name][after] if after else len(self.order[name])
        for place in range(begin - 1, -1, -1):
            item = self.kept[name][self.order[name][place]]
            if not item.get("deleted"):
                yield item

    def _events(self, after: str | None) -> Iterator[Object]:
        kept, order = self.kept["events"], self.order["events"]
        begin = bisect.bisect_left(self.told, (kept[after]["created"], self.place["events"][after])) if after else len(self.told)
        for place in range(begin - 1, -1, -1):
            second, number = self.told[place]
            if second < self.second - KEPT:
                return
            yield kept[order[number]]

    def _shown(self, name: str, found: Object, expand: list[str]) -> Object:
        if found.get("deleted"):
            return found
        if "lines" in found:
            return {**found, "lines": {"object": "list", "data": found["lines"][:EMBEDDED], "has_more": len(found["lines"]) > EMBEDDED,
                                       "url": f"/v1/{name}/{found['id']}/lines"}}
        if name == "products" and "default_price" not in expand and found.get("default_price"):
            return {**found, "default_price": found["default_price"]["id"]}
        return found

    def _lines(self, lines: list[Object], url: httpx.URL) -> httpx.Response:
        after, limit = url.params.get("starting_after"), int(url.params.get("limit", 10))
        begin = 1 + next(place for place, line in enumerate(lines) if line["id"] == after) if after else 0
        return httpx.Response(200, json={"object": "list", "url": url.path, "has_more": len(lines) > begin + limit,
                                         "data": lines[begin:begin + limit]})


def line(amount: int, quantity: int = 1, *, product: str | None = None, discount: int = 0, tax_inside: int = 0) -> Object:
    """A line of an invoice: `amount` for the whole quantity in the smallest unit, before the discount, with the tax that is inside."""
    return {"object": "line_item", "amount": amount, "quantity": quantity,
            "price": {"id": "price_1", "product": product} if product else None,
            "discount_amounts": [{"amount": discount, "discount": "di_1"}] if discount else [],
            "tax_amounts": [{"amount": tax_inside, "inclusive": True, "taxable_amount": amount - tax_inside}] if tax_inside else []}


def _refused(status: int, message: str, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"type": "invalid_request_error", "code": code, "message": message}})
