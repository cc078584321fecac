"""Reports of Meta Ads Manager in a folder: each day of a campaign is a row of spend."""

from __future__ import annotations

from decimal import Decimal

from sources.conformance.cases.google_ads import Reports


class Case(Reports):
    """As Meta writes them: UTF-8 with commas, the currency in the header, a summary without a campaign."""

    kind, account = "meta_ads", "991"

    def written(self, day: str, costs: dict[str, Decimal]) -> bytes:
        rows = ["Account ID,Campaign name,Campaign ID,Day,Amount spent (EUR),Impressions,Reporting starts,Reporting ends",
                f",,,,{sum(costs.values(), Decimal()):.2f},90,2025-05-01,2025-05-31",
                *(f'{self.account},"Brand, {campaign}",{campaign},{day},{amount:.2f},30,{day},{day}' for campaign, amount in costs.items())]
        return ("\n".join(rows) + "\n").encode("utf-8-sig")
