"""Tryton: its opportunities, which are deals from their state *opportunity* on."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from sources.conformance.case import Row
from sources.simulators.tryton import DATABASE, OPPORTUNITIES, PASSWORD, USER, Tryton, later


class Case:
    """A server with two employees and two parties."""

    kind, table, http, page = "tryton", "opportunities", True, 500
    stages = ("opportunity", "converted")

    def __init__(self, folder: Path, now: datetime) -> None:
        self._server = Tryton(now)
        self.options = {"url": "https://tryton.example.com", "database": DATABASE, "user": USER}
        self.secrets = {"password": PASSWORD}
        self._owners = [self._server.create("company.employee", rec_name=name) for name in ("Ada Quist", "Bo Marlow")]
        self._parties = [self._server.create("party.party", name=name) for name in ("Acme", "Zeta")]
        self._euro = self._server.create("currency.currency", code="EUR")

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self._server.handle(request)

    def tick(self, seconds: float) -> None:
        later(self._server, seconds)

    def add(self, count: int) -> list[str]:
        return [str(self._server.create(OPPORTUNITIES, party=self._parties[number % 2], employee=self._owners[number % 2],
                                        currency=self._euro, amount=Decimal(number) + Decimal("0.25"), start_date=self._server.now.date(),
                                        state="opportunity")) for number in range(count)]

    def change(self, key: str, amount: Decimal) -> None:
        self._server.write(OPPORTUNITIES, int(key), amount=amount)

    def move(self, key: str, stage: str) -> None:
        self._server.write(OPPORTUNITIES, int(key), state=stage)

    def hand_over(self, key: str) -> None:
        has = self._server.models[OPPORTUNITIES][int(key)]["employee"]
        self._server.write(OPPORTUNITIES, int(key), employee=next(owner for owner in self._owners if owner != has))

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self._server.write(OPPORTUNITIES, int(key), when=self._server.now - timedelta(seconds=seconds), amount=amount)

    def remove(self, key: str) -> None:
        self._server.delete(OPPORTUNITIES, int(key))

    def expected(self) -> dict[str, Row]:
        return {str(number): (str(record["employee"]), record["amount"], record["state"],
                              record["state"] if record["state"] in ("won", "lost") else None)
                for number, record in self._server.models[OPPORTUNITIES].items()}

    def history(self) -> dict[str, list[str]]:
        kept = self._server.history
        return {str(number): [row["state"] for row in sorted(kept[number], key=lambda row: row["_at"])]
                for number in self._server.models[OPPORTUNITIES]}

    def expire(self) -> None:
        self._server.end_sessions()

    def renew(self) -> None:
        """Nothing: a session that ended is begun again."""
