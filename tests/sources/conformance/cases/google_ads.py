"""Reports of Google Ads in a folder: each day of a campaign is a row of spend."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import httpx

from sources.conformance.case import Row


class Reports:
    """A folder of reports; what is added at once is a report, which is exported again when it changes."""

    kind: ClassVar[str]
    account = ""
    table, http, page = "spend", False, 20
    stages: tuple[str, ...] = ()

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder, self._now = folder, now
        self._reports: list[dict[str, Decimal]] = []   # of each the costs by campaign, all of the day that its place says
        self.options: dict[str, object] = {"folder": str(folder)}
        self.secrets: dict[str, str] = {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError("a folder is not asked over HTTP")

    def tick(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def add(self, count: int) -> list[str]:
        report = {str(7000 + 100 * len(self._reports) + number): Decimal(number) + Decimal("0.25") for number in range(count)}
        self._reports.append(report)
        self._export(len(self._reports) - 1)
        return [self._key(len(self._reports) - 1, campaign) for campaign in report]

    def change(self, key: str, amount: Decimal) -> None:
        place, campaign = self._place(key)
        self._reports[place][campaign] = amount
        self._export(place)

    def move(self, key: str, stage: str) -> None:
        """Nothing: a cost has no stages."""

    def hand_over(self, key: str) -> None:
        """Nothing: nobody owns a cost."""

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self.change(key, amount)

    def remove(self, key: str) -> None:
        place, campaign = self._place(key)
        del self._reports[place][campaign]
        self._export(place)

    def expected(self) -> dict[str, Row]:
        return {self._key(place, campaign): (None, amount, None, None)
                for place, report in enumerate(self._reports) for campaign, amount in report.items()}

    def history(self) -> dict[str, list[str]]:
        return {}

    def expire(self) -> None:
        """Nothing: a folder asks for no password."""

    def renew(self) -> None:
        """Nothing."""

    def written(self, day: str, costs: dict[str, Decimal]) -> bytes:
        """A report of a day."""
        raise NotImplementedError

    def _export(self, place: int) -> None:
        (self._folder / f"report-{place}.csv").write_bytes(self.written(self._day(place), self._reports[place]))

    def _day(self, place: int) -> str:
        return f"2025-05-{place + 1:02d}"

    def _key(self, place: int, campaign: str) -> str:
        return f"{self.kind}|{self._day(place)}|{self.account}|{campaign}|EUR"

    def _place(self, key: str) -> tuple[int, str]:
        _, day, _, campaign, _ = key.split("|")
        return int(day[-2:]) - 1, campaign


class Case(Reports):
    """As Google writes them: UTF-16 with tabs, the title and the dates above, totals below."""

    kind = "google_ads"

    def written(self, day: str, costs: dict[str, Decimal]) -> bytes:
        total = sum(costs.values(), Decimal())
        rows = ["Campaign report", f"{day} - {day}", "Day\tCampaign\tCampaign ID\tCurrency code\tCost\tClicks",
                *(f"{day}\tBrand {campaign}\t{campaign}\tEUR\t{amount:.2f}\t3" for campaign, amount in costs.items()),
                f"Total: Campaigns\t --\t --\tEUR\t{total:.2f}\t{3 * len(costs)}"]
        return ("\n".join(rows) + "\n").encode("utf-16")
