"""Shopify: its orders; whoever of the staff made one is its owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from sources.conformance.case import Row
from sources.simulators.shopify import SCOPES, Shopify, line

TOKEN = "shpat_0not1for2anybodys3eyes"


class Case:
    """A shop with two customers, two of the staff, a product and a store."""

    kind, table, http, page = "shopify", "orders", True, 250
    stages: tuple[str, ...] = ()

    def __init__(self, folder: Path, now: datetime) -> None:
        self.shop = Shopify(now, TOKEN, (*SCOPES, "read_users"))
        self.options: dict[str, object] = {"shop": "acme", "staff": True}
        self.secrets = {"token": TOKEN}
        self._customers = [self.shop.make("customers", first_name=name, last_name="Quist", email=f"{name.lower()}@example.com",
                                           default_address=None) for name in ("Ada", "Bo")]
        self._staff = [self.shop.make("users", first_name=name, last_name="Marlow", email=None)["id"] for name in ("Cy", "Di")]
        self._product = self.shop.make("products", title="Thing", product_type="Things", variants=[{"price": "1.25"}])["id"]
        self.shop.locations.append({"id": 7, "name": "High Street", "province": None, "country_name": "Ireland"})

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self.shop.handle(request)

    def tick(self, seconds: float) -> None:
        self.shop.tick(seconds)

    def add(self, count: int) -> list[str]:
        return [str(self.shop.order(self._customers[number % 2], [line(f"{number}.25", product=self._product)], location_id=7,
                                     source_name="pos", user_id=self._staff[number % 2])["id"]) for number in range(count)]

    def change(self, key: str, amount: Decimal) -> None:
        self.late(key, amount, 0)

    def move(self, key: str, stage: str) -> None:
        """Nothing: an order has no stages."""

    def hand_over(self, key: str) -> None:
        has = self.shop.kept["orders"][int(key)]["user_id"]
        self.shop.change("orders", int(key), user_id=next(member for member in self._staff if member != has))

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        lines = [{**self.shop.kept["orders"][int(key)]["line_items"][0], "price": str(amount)}]
        self.shop.change("orders", int(key), when=self.shop.now - timedelta(seconds=seconds), line_items=lines)

    def remove(self, key: str) -> None:
        self.shop.delete("orders", int(key))

    def expected(self) -> dict[str, Row]:
        return {str(key): (str(found["user_id"]), Decimal(found["line_items"][0]["price"]), None, None)
                for key, found in self.shop.kept["orders"].items()}

    def history(self) -> dict[str, list[str]]:
        return {}

    def expire(self) -> None:
        self.shop.token = "shpat_another"

    def renew(self) -> None:
        self.shop.token = TOKEN
