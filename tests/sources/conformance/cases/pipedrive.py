"""Pipedrive: deals that keep their stage when they are won or lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from sources.conformance.case import Row
from sources.simulators.pipedrive import LIMIT, TOKEN, Pipedrive


class Case:
    """A company with two users, two organisations and a pipeline."""

    kind, table, http, page = "pipedrive", "opportunities", True, LIMIT
    stages = ("Qualified", "Demo scheduled", "Proposal made")

    def __init__(self, folder: Path, now: datetime) -> None:
        self.options = {"domain": "acme"}
        self.secrets = {"token": TOKEN}
        self._crm = Pipedrive(now)
        made = {"created": "2020-01-01 00:00:00", "modified": "2025-01-01 00:00:00", "active_flag": True}
        self._owners = [self._crm.create("users", name=name, email=f"{name}@example.com", **made) for name in ("Ada", "Bo")]
        self._companies = [self._crm.create("organizations", name=name, owner_id=self._owners[0]) for name in ("Acme", "Zeta")]
        pipeline = self._crm.create("pipelines", name="Sales", order_nr=1)
        self._stages = {name: self._crm.create("stages", name=name, order_nr=place, pipeline_id=pipeline, deal_probability=50)
                        for place, name in enumerate(self.stages, start=1)}
        self._pipeline = pipeline
        self._gone: dict[str, list[str]] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self._crm.handle(request)

    def tick(self, seconds: float) -> None:
        self._crm.later(seconds)

    def add(self, count: int) -> list[str]:
        keys = [str(self._crm.deal(owner_id=self._owners[place % 2], org_id=self._companies[place % 2], value=float(place) + 0.25,
                                   pipeline_id=self._pipeline, stage_id=self._stages["Qualified"])) for place in range(count)]
        self._gone.update({key: ["Qualified"] for key in keys})
        return keys

    def change(self, key: str, amount: Decimal) -> None:
        self._crm.write("deals", int(key), value=float(amount))

    def move(self, key: str, stage: str) -> None:
        if stage in ("won", "lost"):
            self._crm.close_deal(int(key), stage)
            return
        if self._deal(key)["status"] != "open":
            self._crm.close_deal(int(key), "open")
        self._crm.write("deals", int(key), stage_id=self._stages[stage])
        self._gone[key].append(stage)

    def hand_over(self, key: str) -> None:
        has = self._deal(key)["owner_id"]
        self._crm.write("deals", int(key), owner_id=next(owner for owner in self._owners if owner != has))

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self._crm.write("deals", int(key), when=self._crm.now - timedelta(seconds=seconds), value=float(amount))

    def remove(self, key: str) -> None:
        self._crm.delete("deals", int(key))
        del self._gone[key]

    def expected(self) -> dict[str, Row]:
        names = {number: name for name, number in self._stages.items()}
        return {key: (str(deal["owner_id"]), Decimal(str(deal["value"])), names[deal["stage_id"]],
                      None if deal["status"] == "open" else deal["status"]) for key in self._gone for deal in [self._deal(key)]}

    def history(self) -> dict[str, list[str]]:
        return self._gone

    def expire(self) -> None:
        self._crm.token = "another"

    def renew(self) -> None:
        self._crm.token = TOKEN

    def _deal(self, key: str) -> dict[str, Any]:
        return self._crm.rows["deals"][int(key)]
