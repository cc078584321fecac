"""The steps from the pipeline at a period's start to that at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DUE = ("opening", "new", "grown", "pulled_in", "shrunk", "won", "lost", "pushed_out")  # of the figure pipeline_movement
OPEN = ("opening", "new", "grown", "shrunk", "won", "lost")                            # of open_movement
CLOSING = "closing"


@dataclass(frozen=True)
class Step:
    """One bar: it leads from `start` to `end`, a running total; `n` movements of deals, `excluded` rows without a value by reason.
    Opening and closing begin at 0."""

    movement: str
    start: float
    end: float
    n: int
    excluded: Mapping[str, int]

    @property
    def change(self) -> float:
        """What the step adds; below 0 it takes away."""
        return self.end - self.start


def waterfall(rows: Iterable[Mapping[str, Any]], movements: Sequence[str] = DUE) -> tuple[Step, ...]:
    """The steps of an answer of pipeline_movement (or with OPEN of open_movement) by movement in one period, each there even where
    nothing moved, and the closing pipeline last.

    Raises ValueError for rows of several periods or further dimensions, or a movement that is not expected: what does not fit would be
    missing from the sum.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        movement = row["by"].get("movement")
        if set(row["by"]) != {"movement"} or movement not in movements or movement in found:
            raise ValueError(f"a waterfall takes one period by movement ({', '.join(movements)}), not {row['start']} {row['by']}")
        found[movement] = row
    steps, total = [], 0.0
    for movement in movements:
        row = found.get(movement, {"value": 0.0, "n": 0, "excluded": {}})
        steps.append(Step(movement, total, total + row["value"], row["n"], row["excluded"]))
        total += row["value"]
    n = sum({"opening": 1, "new": 1, "pulled_in": 1, "won": -1, "lost": -1, "pushed_out": -1}.get(s.movement, 0) * s.n for s in steps)
    return (*steps, Step(CLOSING, 0.0, total, n, {}))
