"""Who stands where: ranks with ties, and groups that are too small to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Standing:
    """One group (a rep, a team). `rank`: 1 for the best; equals share a rank, and the next one is counted on (1, 2, 2, 4); None without
    a value. `share`: the value as a part of the largest one, for its bar; None without a value or where the largest is not above 0."""

    key: str | None
    rank: int | None
    value: float | None
    numerator: float
    denominator: float | None
    n: int
    share: float | None
    excluded: Mapping[str, int]


def leaderboard(rows: Iterable[Mapping[str, Any]], by: str, better: str = "up", smallest: int = 1) -> tuple[Standing, ...]:
    """The rows of an answer by one dimension, the best first; those without a value last, in the order of their keys.

    `better`: the KPI's direction; where it is "down" the smallest value leads. A group of fewer than `smallest` cases is left out
    altogether: where comparing is for everyone, a small group would tell on its people. Values that differ only in the last digits of a
    sum are equal.
    """
    shown = [row for row in rows if row["n"] >= smallest]
    valued = [row for row in shown if row["value"] is not None]
    down = better == "down"
    ordered = sorted(valued, key=lambda row: (row["value"] if down else -row["value"], row["by"][by] is None, row["by"][by] or ""))
    most = max((row["value"] for row in valued), default=0.0)
    made: list[Standing] = []
    for place, row in enumerate(ordered, 1):
        tied = bool(made) and _equal(made[-1].value, row["value"])
        made.append(_standing(row, by, made[-1].rank if tied else place, row["value"] / most if most > 0 else None))
    empty = sorted((row for row in shown if row["value"] is None), key=lambda row: (row["by"][by] is None, row["by"][by] or ""))
    return (*made, *(_standing(row, by, None, None) for row in empty))


def _equal(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= 1e-12 * max(abs(one), abs(other))


def _standing(row: Mapping[str, Any], by: str, rank: int | None, share: float | None) -> Standing:
    return Standing(row["by"][by], rank, row["value"], row["numerator"], row["denominator"], row["n"], share, row["excluded"])


@dataclass(frozen=True)
class OnTarget:
    """How many of the groups with a value reached a target."""

    reached: int
    of: int


def on_target(standings: Iterable[Standing], target: float = 1.0) -> OnTarget:
    """How many reached the target (of an attainment: 1, the whole quota)."""
    values = [s.value for s in standings if s.value is not None]
    return OnTarget(sum(value >= target * (1 - 1e-12) for value in values), len(values))
