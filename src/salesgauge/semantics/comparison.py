"""A KPI's value beside that of an earlier period: how far it moved, and whether that is better or worse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from salesgauge.semantics.kpi import Kpi

Verdict = Literal["better", "worse", "higher", "lower", "unchanged"]

FEW = 30  # cases below which a change says little: the normal approximation of a mean begins about there


@dataclass(frozen=True)
class Comparison:
    """A KPI in a period and in the one before: the rows of its answers (spec/compute.md)."""

    kpi: Kpi
    now: Mapping[str, Any]
    before: Mapping[str, Any]

    @property
    def change(self) -> float | None:
        """How far the value moved, in the KPI's unit; None where either period has none."""
        now, before = self.now["value"], self.before["value"]
        return None if now is None or before is None else now - before

    @property
    def growth(self) -> float | None:
        """The change as a fraction of the value before; None where that is 0 or there is no change to tell."""
        change, before = self.change, self.before["value"]
        return None if change is None or not before else change / abs(before)

    @property
    def verdict(self) -> Verdict | None:
        """Whether the change is for the better. A KPI whose target is a band, or without direction, is only higher or lower."""
        change = self.change
        if change is None:
            return None
        if math.isclose(self.now["value"], self.before["value"], rel_tol=1e-9, abs_tol=1e-12):
            return "unchanged"
        if self.kpi.better not in ("up", "down"):
            return "higher" if change > 0 else "lower"
        return "better" if (change > 0) == (self.kpi.better == "up") else "worse"

    @property
    def small(self) -> bool:
        """Whether a share or average of either period stands on few cases. A sum or count is the whole, not a sample."""
        return self.kpi.kind in ("proportion", "mean", "ratio") and any(
            row["value"] is not None and row["n"] < FEW for row in (self.now, self.before))
