"""Stripe: its invoices, which are orders. Nobody owns one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import httpx

from sources.conformance.case import Row
from sources.simulators.stripe import Stripe, line

KEY = "rk_live_51NotForAnybodysEyes"


class Case:
    """An account with two customers and a product."""

    kind, table, http, page = "stripe", "orders", True, 100
    stages: tuple[str, ...] = ()

    def __init__(self, folder: Path, now: datetime) -> None:
        self.account = Stripe(now, KEY)
        self.options: dict[str, object] = {}
        self.secrets = {"key": KEY}
        self._customers = [self.account.make("customers", name=name, email=f"{name.lower()}@example.com", address=None)
                           for name in ("Acme", "Zeta")]
        self._product = self.account.make("products", name="Plan", unit_label=None, default_price=None)

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self.account.handle(request)

    def tick(self, seconds: float) -> None:
        self.account.tick(seconds)

    def add(self, count: int) -> list[str]:
        return [self.account.invoice(self._customers[number % 2], [line(number * 100 + 25, product=self._product["id"])])["id"]
                for number in range(count)]

    def change(self, key: str, amount: Decimal) -> None:
        """Stripe itself corrects a finalised invoice by a credit note; here the very invoice changes, to see that a change is seen."""
        self.late(key, amount, 0)

    def move(self, key: str, stage: str) -> None:
        """Nothing: an order has no stages."""

    def hand_over(self, key: str) -> None:
        """Nothing: an invoice has no owner."""

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        found = self.account.kept["invoices"][key]
        found["lines"][0]["amount"] = found["total"] = int(amount * 100)
        self.account.tell("invoice.updated", found, self.account.second - int(seconds))

    def remove(self, key: str) -> None:
        found = self.account.kept["invoices"][key]
        found["status"] = "void"
        self.account.tell("invoice.voided", found)

    def expected(self) -> dict[str, Row]:
        return {key: (None, Decimal(found["total"]) / 100, None, None) for key, found in self.account.kept["invoices"].items()
                if found["status"] != "void"}

    def history(self) -> dict[str, list[str]]:
        return {}

    def expire(self) -> None:
        self.account.key = "rk_live_rolled"

    def renew(self) -> None:
        self.account.key = KEY
