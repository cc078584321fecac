"""In what a rep differs from the team, for better or worse, by more than chance; where it may be chance, nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesgauge.analyses.differences import Difference, adjusted, tested
from salesgauge.semantics.kpi import Kpi


@dataclass(frozen=True)
class Hint:
    """A rep and a KPI in which they are better or worse than the others together."""

    rep: str
    kpi: Kpi
    difference: Difference


def coaching(answers: Sequence[tuple[Kpi, Sequence[Mapping[str, Any]]]], by: str = "rep") -> tuple[Hint, ...]:
    """The hints of a team: `answers` are the KPIs with their rows by rep, of one period. All tests of the page are adjusted together
    (differences.py), since a team of ten looked at in eight ways gives four "differences" by chance alone.

    Only KPIs with a direction give hints. The surest difference comes first.
    """
    asked = [(kpi, d) for kpi, rows in answers if kpi.better in ("up", "down") for d in tested(kpi, rows, by)]
    together = adjusted([d for _kpi, d in asked])
    hints = [Hint(d.key, kpi, d) for (kpi, _raw), d in zip(asked, together, strict=True)
             if d.by_more_than_chance and d.key is not None and d.verdict in ("better", "worse")]
    return tuple(sorted(hints, key=lambda hint: (hint.difference.adjusted or 0.0, hint.rep, hint.kpi.id)))
