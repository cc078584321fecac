"""Salesforce: its opportunities, with the history of their stages; pages of 200 records, the fewest that Salesforce gives."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from sources.conformance.case import Row
from sources.simulators.salesforce import CLIENT, SECRET, Org

FINAL = {"won": "Closed Won", "lost": "Closed Lost"}


class Case:
    """An organisation with two sellers and two accounts."""

    kind, table, http, page = "salesforce", "opportunities", True, 200
    stages = ("Prospecting", "Qualification", "Proposal")

    def __init__(self, folder: Path, now: datetime) -> None:
        self._org = Org(now, page=self.page)
        self.options = {"url": "https://example.my.salesforce.com", "objects": ["Account"]}
        self.secrets = {"client_id": CLIENT, "client_secret": SECRET}
        self._owners = [self._org.create("User", Name=name, IsActive=True) for name in ("Ada Quist", "Bo Marlow")]
        self._accounts = [self._org.create("Account", Name=name, OwnerId=self._owners[0]) for name in ("Acme", "Zeta")]

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self._org.handle(request)

    def tick(self, seconds: float) -> None:
        self._org.now += timedelta(seconds=seconds)

    def add(self, count: int) -> list[str]:
        return [self._org.create("Opportunity", AccountId=self._accounts[number % 2], OwnerId=self._owners[number % 2],
                                 Amount=Decimal(number) + Decimal("0.25"), StageName=self.stages[0],
                                 CloseDate=str(self._org.now.date() + timedelta(days=30))) for number in range(count)]

    def change(self, key: str, amount: Decimal) -> None:
        self._org.update(key, Amount=amount)

    def move(self, key: str, stage: str) -> None:
        self._org.update(key, StageName=FINAL.get(stage, stage))

    def hand_over(self, key: str) -> None:
        has = self._org.records["Opportunity"][key]["OwnerId"]
        self._org.update(key, OwnerId=next(owner for owner in self._owners if owner != has))

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self._org.update(key, -seconds, Amount=amount)

    def remove(self, key: str) -> None:
        self._org.delete(key)

    def expected(self) -> dict[str, Row]:
        return {key: (deal["OwnerId"], deal["Amount"], deal["StageName"],
                      ("won" if deal["IsWon"] else "lost") if deal["IsClosed"] else None) for key, deal in self._alive().items()}

    def history(self) -> dict[str, list[str]]:
        steps = self._org.records["OpportunityHistory"].values()
        stages: dict[str, list[str]] = {key: [] for key in self._alive()}
        for step in sorted(steps, key=lambda s: (s["CreatedDate"], s["Id"])):
            if step["OpportunityId"] in stages:
                stages[step["OpportunityId"]].append(step["StageName"])
        return stages

    def expire(self) -> None:
        self._org.expire()

    def renew(self) -> None:
        """Nothing: a token that is no longer accepted is asked for anew."""

    def _alive(self) -> dict[str, dict[str, object]]:
        return {key: deal for key, deal in self._org.records["Opportunity"].items() if not deal["IsDeleted"]}
