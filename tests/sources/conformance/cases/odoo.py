"""Odoo: opportunities whose last stage is won, and that are lost when they are archived."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from sources.conformance.case import Row
from sources.simulators.odoo import KEY, LEADS, Odoo, reader


class Case:
    """A database with two salespeople, two customers and one sales team."""

    kind, table, http, page = "odoo", "opportunities", True, 500
    stages = ("New", "Qualified", "Proposition")

    def __init__(self, folder: Path, now: datetime) -> None:
        self._server = Odoo(now)
        self.options, self.secrets = reader(self._server), {"key": KEY}
        self._partners = [self._server.create("res.partner", name=name, is_company=True) for name in ("Acme", "Zeta")]
        self._team = self._server.create("crm.team", name="Sales")
        self._owners = [self._server.create("res.users", name=name, email=f"{name}@example.com", sale_team_id=self._team,
                                            partner_id=self._server.create("res.partner", name=name)) for name in ("Ada", "Bo")]
        self._stages = {name: self._server.create("crm.stage", name=name, sequence=place, is_won=name == "Won")
                        for place, name in enumerate((*self.stages, "Won"))}
        self._gone: dict[str, list[str]] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self._server.handle(request)

    def tick(self, seconds: float) -> None:
        self._server.later(seconds)

    def add(self, count: int) -> list[str]:
        keys = [str(self._server.deal(user_id=self._owners[place % 2], partner_id=self._partners[place % 2], team_id=self._team,
                                      stage_id=self._stages["New"], expected_revenue=float(place) + 0.25)) for place in range(count)]
        self._gone.update({key: ["New"] for key in keys})
        return keys

    def change(self, key: str, amount: Decimal) -> None:
        self._server.write(LEADS, int(key), expected_revenue=float(amount))

    def move(self, key: str, stage: str) -> None:
        if stage == "lost":
            self._server.write(LEADS, int(key), active=False)
            return
        if not self._lead(key)["active"]:
            self._server.write(LEADS, int(key), active=True, probability=20.0)
        name = "Won" if stage == "won" else stage
        self._server.write(LEADS, int(key), stage_id=self._stages[name])
        self._gone[key].append(name)

    def hand_over(self, key: str) -> None:
        has = self._lead(key)["user_id"]
        self._server.write(LEADS, int(key), user_id=next(owner for owner in self._owners if owner != has))

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self._server.write(LEADS, int(key), when=self._server.now - timedelta(seconds=seconds), expected_revenue=float(amount))

    def remove(self, key: str) -> None:
        self._server.delete(LEADS, int(key))
        del self._gone[key]

    def expected(self) -> dict[str, Row]:
        names = {number: name for name, number in self._stages.items()}
        return {key: (str(lead["user_id"]), Decimal(str(lead["expected_revenue"])), names[lead["stage_id"]],
                      "lost" if not lead["active"] else "won" if lead["probability"] == 100 else None)
                for key in self._gone for lead in [self._lead(key)]}

    def history(self) -> dict[str, list[str]]:
        return {key: [stage for place, stage in enumerate(gone) if not place or stage != gone[place - 1]]
                for key, gone in self._gone.items()}

    def expire(self) -> None:
        self._server.key = "another"

    def renew(self) -> None:
        self._server.key = KEY

    def _lead(self, key: str) -> dict[str, Any]:
        return self._server.rows[LEADS][int(key)]
