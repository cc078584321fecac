"""A small shop in memory, which answers as Shopify's REST Admin interface does.

Covered: GET of orders (`status`, closed by default left out), customers, products and users as lists (`limit` 1 to 250, `updated_at_min`,
`order` by time of change, `fields`, the Link header, `page_info` beside which only limit and fields may stand), of locations, the shop and
the token's scopes; a wrong token (401), a scope that is lacking (403), the 60 days of an app without read_all_orders, the leaky bucket
with its header and 429 (where `bucket` is set), and versions that are no longer served. Not covered: writing, single records, GraphQL.
"""

from __future__ import annotations

import base64
import bisect
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

VERSION = "2026-10"
ZONE = timezone(timedelta(hours=-5))  # of the shop
LISTS = {"orders": "read_orders", "customers": "read_customers", "products": "read_products", "users": "read_users"}
SCOPES = ("read_orders", "read_all_orders", "read_customers", "read_products", "read_locations")
Object = dict[str, Any]


class Shopify:
    """The shop. `served` is the version in which it answers; `bucket`: how many requests fit, of which two a second leak."""

    def __init__(self, now: datetime, token: str = "shpat_sim", scopes: tuple[str, ...] = SCOPES) -> None:
        self.now, self.token, self.scopes = now, token, set(scopes)
        self.served, self.bucket, self.used, self.leaked = VERSION, 0, 0.0, now
        self.kept: dict[str, dict[int, Object]] = {name: {} for name in LISTS}
        self.changed: dict[str, list[tuple[datetime, int]]] = {name: [] for name in LISTS}  # sorted
        self.locations: list[Object] = []
        self.last = 450789469
        self.asked: list[str] = []

    def tick(self, seconds: float) -> None:
        """Its clock goes on."""
        self.now += timedelta(seconds=seconds)

    def written(self, when: datetime | None = None) -> str:
        """An instant as the shop writes it, in its own zone."""
        return (when or self.now).astimezone(ZONE).isoformat(timespec="seconds")

    def make(self, what: str, **fields: Any) -> Object:
        """A new record."""
        self.last += 1
        found = {"id": self.last, "created_at": self.written(), "updated_at": self.written(), **fields}
        self.kept[what][self.last] = found
        bisect.insort(self.changed[what], (datetime.fromisoformat(found["updated_at"]), self.last))
        return found

    def change(self, what: str, key: int, *, when: datetime | None = None, **fields: Any) -> None:
        """Changes a record, now or with the time of another moment."""
        found = self.kept[what][key]
        self._forget(what, key)
        found.update(fields, updated_at=self.written(when))
        bisect.insort(self.changed[what], (datetime.fromisoformat(found["updated_at"]), key))

    def delete(self, what: str, key: int) -> None:
        """Deletes a record."""
        self._forget(what, key)
        del self.kept[what][key]

    def order(self, customer: Object, lines: list[Object], **fields: Any) -> Object:
        """A new order."""
        for line in lines:
            self.last += 1
            line.setdefault("id", self.last)
        return self.make("orders", **{
            "name": f"#{1001 + len(self.kept['orders'])}", "processed_at": self.written(), "closed_at": None, "cancelled_at": None,
            "test": False, "currency": "EUR", "presentment_currency": "EUR", "taxes_included": False, "financial_status": "paid",
            "source_name": "web", "location_id": None, "user_id": None, "line_items": lines, "refunds": [],
            "customer": {name: customer[name] for name in ("id", "first_name", "last_name", "email")}, **fields})

    def handle(self, request: httpx.Request) -> httpx.Response:
        """What Shopify answers."""
        self.asked.append(f"{request.url.path}?{request.url.query.decode()}")
        if request.headers.get("X-Shopify-Access-Token") != self.token:
            return httpx.Response(401, json={"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
        limit = self._bucket()
        if limit is None:
            return httpx.Response(429, headers={"Retry-After": "2.0"},
                                  json={"errors": "Exceeded 2 calls per second for api client. Reduce request rates to resume."})
        if request.url.path == "/admin/oauth/access_scopes.json":
            return httpx.Response(200, json={"access_scopes": [{"handle": scope} for scope in sorted(self.scopes)]})
        start, _, what = request.url.path.removesuffix(".json").rpartition("/")
        if request.method != "GET" or not start.startswith("/admin/api/"):
            return httpx.Response(404, json={"errors": "Not Found"})
        found = self._answer(what, request.url)
        found.headers["X-Shopify-API-Version"] = self.served
        found.headers["X-Shopify-Shop-Api-Call-Limit"] = limit
        return found

    def _bucket(self) -> str | None:
        """How full the bucket is; None where it is over."""
        if not self.bucket:
            return "1/40"
        self.used = max(self.used - 2 * (self.now - self.leaked).total_seconds(), 0) + 1
        self.leaked = self.now
        if self.used > self.bucket:
            self.used -= 1
            return None
        return f"{int(self.used)}/{self.bucket}"

    def _answer(self, what: str, url: httpx.URL) -> httpx.Response:
        if what == "shop":
            return httpx.Response(200, json={"shop": {"id": 1, "currency": "EUR", "iana_timezone": "America/New_York"}})
        scope = LISTS.get(what, "read_locations" if what == "locations" else "")
        if not scope:
            return httpx.Response(404, json={"errors": "Not Found"})
        if scope not in self.scopes:
            return httpx.Response(403, json={"errors": f"[API] This action requires merchant approval for {scope} scope."})
        if what == "locations":
            return httpx.Response(200, json={"locations": self.locations})
        return self._page(what, url)

    def _page(self, what: str, url: httpx.URL) -> httpx.Response:
        params = dict(url.params)
        limit, fields = int(params.pop("limit", 50)), params.pop("fields", None)
        if not 1 <= limit <= 250:
            return httpx.Response(400, json={"errors": {"limit": "must be between 1 and 250"}})
        token = params.pop("page_info", None)
        if token is not None and params:
            name = next(iter(params))
            return httpx.Response(400, json={"errors": {name: f"{name} cannot be passed when page_info is present."}})
        try:
            asked = json.loads(base64.urlsafe_b64decode(token)) if token is not None else {**params, "after": None}
        except ValueError:
            return httpx.Response(400, json={"errors": {"page_info": "Invalid value."}})
        page: list[Object] = []
        more = False
        for found in self._listed(what, asked):
            if len(page) == limit:
                more = True
                break
            page.append(found)
        headers = {}
        if more:
            last = page[-1]
            ahead = base64.urlsafe_b64encode(json.dumps({**asked, "after": [last["updated_at"], last["id"]]}).encode()).decode()
            headers["Link"] = f'<{url.copy_with(query=None)}?page_info={ahead}&limit={limit}>; rel="next"'
        shown = [{name: found[name] for name in fields.split(",") if name in found} for found in page] if fields else page
        return httpx.Response(200, json={what: shown}, headers=headers)

    def _listed(self, what: str, asked: Object) -> Iterator[Object]:
        """The records that are asked for, from one on: by their change, or the newest first."""
        kept, earliest = self.kept[what], self.now - timedelta(days=60)
        short = what == "orders" and "read_all_orders" not in self.scopes
        for found in self._changed(what, asked) if asked.get("order") == "updated_at asc" else self._newest(what, asked["after"]):
            if short and datetime.fromisoformat(kept[found["id"]]["created_at"]) < earliest:
                continue
            if what == "orders" and asked.get("status", "open") != "any" and (found["closed_at"] or found["cancelled_at"]):
                continue
            yield found

    def _changed(self, what: str, asked: Object) -> Iterator[Object]:
        order = self.changed[what]
        since = datetime.fromisoformat(asked["updated_at_min"]) if "updated_at_min" in asked else None
        if asked["after"]:
            place = bisect.bisect_right(order, (datetime.fromisoformat(asked["after"][0]), asked["after"][1]))
        else:
            place = bisect.bisect_left(order, (since, 0)) if since else 0
        for number in range(place, len(order)):
            yield self.kept[what][order[number][1]]

    def _newest(self, what: str, after: list[Any] | None) -> Iterator[Object]:
        keys = list(self.kept[what])
        place = bisect.bisect_left(keys, after[1]) if after else len(keys)
        for number in range(place - 1, -1, -1):
            yield self.kept[what][keys[number]]

    def _forget(self, what: str, key: int) -> None:
        entry = (datetime.fromisoformat(self.kept[what][key]["updated_at"]), key)
        del self.changed[what][bisect.bisect_left(self.changed[what], entry)]


def line(price: str, quantity: int = 1, *, product: int | None = None, discount: str = "", tax: str = "",
         gift_card: bool = False) -> Object:
    """A line of an order: the price of one, and the discount and the tax on all of it, in the shop's currency."""
    return {"product_id": product, "variant_id": None, "title": "Thing", "quantity": quantity, "price": price,
            "gift_card": gift_card,
            "discount_allocations": [{"amount": discount, "discount_application_index": 0}] if discount else [],
            "tax_lines": [{"title": "VAT", "price": tax, "rate": 0.2}] if tax else []}
