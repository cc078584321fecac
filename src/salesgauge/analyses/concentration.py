"""How much hangs on the largest accounts, and what would be left without them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Holding:
    """An account's purchases: its place, its share of all, and the share of it and all larger ones together."""

    account: str
    place: int
    value: float
    share: float
    running_share: float


@dataclass(frozen=True)
class Concentration:
    """The accounts from the largest to the smallest (of equals the smaller id), or the largest of them. `unassigned`: purchases without
    an account, which are in the total."""

    total: float
    unassigned: float
    holdings: tuple[Holding, ...]

    def top(self, count: int) -> float | None:
        """The share of the largest accounts in all purchases; None where nothing was bought."""
        return sum(h.value for h in self.holdings[:count]) / self.total if self.total else None

    def without(self, count: int) -> float:
        """What the total would be without the largest accounts."""
        return self.total - sum(h.value for h in self.holdings[:count])


def concentration(rows: Iterable[Mapping[str, Any]], total: float, unassigned: float) -> Concentration:
    """From the rows of an answer of account_purchases by account in one period, all or those of the largest values; `total` is the same
    of all accounts and none together, `unassigned` that of none."""
    values: dict[str | None, float] = {}
    for row in rows:
        if set(row["by"]) != {"account"} or row["by"]["account"] in values:
            raise ValueError("concentration is told of one period by account alone")
        values[row["by"]["account"]] = row["value"]
    named = sorted(((a, v) for a, v in values.items() if a is not None), key=lambda pair: (-pair[1], pair[0]))
    holdings, running = [], 0.0
    for place, (account, value) in enumerate(named, 1):
        running += value
        holdings.append(Holding(account, place, value, value / total if total else 0.0, running / total if total else 0.0))
    return Concentration(total, unassigned, tuple(holdings))
