"""HubSpot: an account that is reached by OAuth, with one pipeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from sources.conformance.case import Row
from sources.simulators.hubspot import CLIENT, CLIENT_SECRET, FOUND, REFRESH, HubSpot

NAMES = {"open1": "First talk", "open2": "Offer made", "closedwon": "won", "closedlost": "lost"}


class Case:
    """Two owners, two companies, four stages."""

    kind, table, http, page = "hubspot", "opportunities", True, FOUND
    stages = ("First talk", "Offer made")

    def __init__(self, folder: Path, now: datetime) -> None:
        self.account = HubSpot(now)
        self.options = {"portal": "62515"}
        self.secrets = {"client_id": CLIENT, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH}
        self._owners = [self.account.owner("ada@example.com", "Ada", "Quist", "North"),
                        self.account.owner("bo@example.com", "Bo", "Marlow")]
        self._companies = [self.account.create("companies", name=name) for name in ("Acme", "Zeta")]
        for stage, probability in (("open1", "0.2"), ("open2", "0.6"), ("closedwon", "1.0"), ("closedlost", "0.0")):
            self.account.stage("default", stage, NAMES[stage], probability, stage.startswith("closed"), "Sales")

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self.account.handle(request)

    def tick(self, seconds: float) -> None:
        self.account.tick(seconds)

    def add(self, count: int) -> list[str]:
        return [self.account.create("deals", {"companies": [self._companies[number % 2]]}, dealname=f"Deal {number}", pipeline="default",
                                    dealstage="open1", amount=f"{number}.25", hubspot_owner_id=self._owners[number % 2])
                for number in range(count)]

    def change(self, key: str, amount: Decimal) -> None:
        self.account.write("deals", key, amount=str(amount))

    def move(self, key: str, stage: str) -> None:
        known = {name: number for number, name in NAMES.items()}
        self.account.write("deals", key, dealstage=known[stage])
        if stage in ("won", "lost"):
            self.account.write("deals", key, closedate=self.account.time)

    def hand_over(self, key: str) -> None:
        has = self.account.objects["deals"][int(key)].properties["hubspot_owner_id"]
        self.account.write("deals", key, hubspot_owner_id=next(owner for owner in self._owners if owner != has))

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self.account.write("deals", key, when=self.account.now - timedelta(seconds=seconds), amount=str(amount))

    def remove(self, key: str) -> None:
        self.account.archive("deals", key)

    def expected(self) -> dict[str, Row]:
        made: dict[str, Row] = {}
        for one in self.account.objects["deals"].values():
            if one.archived is None:
                stage = NAMES[one.properties["dealstage"] or ""]
                made[str(one.number)] = (one.properties["hubspot_owner_id"], Decimal(one.properties["amount"] or "0"), stage,
                                         stage if stage in ("won", "lost") else None)
        return made

    def history(self) -> dict[str, list[str]]:
        return {str(one.number): [NAMES[value] for _when, value in sorted(one.history["dealstage"])]
                for one in self.account.objects["deals"].values() if one.archived is None}

    def expire(self) -> None:
        self.account.tokens.clear()

    def renew(self) -> None:
        """Nothing: the refresh token stays good."""
