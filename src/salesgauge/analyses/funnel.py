"""The funnel: the stages of a pipeline in their order, with who entered, how many of those who left moved on, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class StageStep:
    """One stage in a period. `conversion`: of the stays that ended, the share that moved on, with its 95 % Wilson interval; `days` the
    mean and `median_days` the median of those stays. None where no stay ended (or, of the days, none was asked for)."""

    stage: str
    position: float | None
    entries: int
    exits: int
    moved_on: int
    conversion: float | None
    low: float | None
    high: float | None
    days: float | None
    median_days: float | None


@dataclass(frozen=True)
class Funnel:
    """The open stages of one pipeline, the first stage first."""

    pipeline: str | None
    steps: tuple[StageStep, ...]

    @property
    def widest(self) -> int:
        """The most entries that a stage has: what bars are drawn against."""
        return max((step.entries for step in self.steps), default=0)

    @property
    def through(self) -> float | None:
        """The product of the conversions: the share that would pass every stage at the present rates; None where one is unknown. A
        stage that deals skip makes it too small."""
        share = 1.0
        for step in self.steps:
            if step.conversion is None:
                return None
            share *= step.conversion
        return share if self.steps else None


def funnels(stages: Iterable[Mapping[str, Any]], entries: Iterable[Row], conversion: Iterable[Row],
            days: Iterable[Row] = ()) -> tuple[Funnel, ...]:
    """A funnel for each pipeline, from the rows of the table `stages` (pipeline, stage, position, is_closed) and the answers of
    stage_entries, stage_conversion and stage_days by pipeline and stage, of one period.

    A stage that only the answers know comes after the others of its pipeline; closed stages are left out.
    """
    known = {(s["pipeline"], s["stage"]): s for s in stages}
    entered, converted, took = _by_stage(entries), _by_stage(conversion), _by_stage(days)
    open_ = [key for key, s in known.items() if not s["is_closed"]]
    keys = dict.fromkeys([*open_, *entered, *converted])
    by_pipeline: dict[str | None, list[StageStep]] = {}
    for pipeline, stage in sorted(keys, key=lambda key: _order(key, known)):
        key = (pipeline, stage)
        moved: Row = converted.get(key, {})
        stays: Row = took.get(key, {})
        by_pipeline.setdefault(pipeline, []).append(StageStep(
            stage or "", known[key]["position"] if key in known else None, entered[key]["value"] if key in entered else 0,
            moved.get("denominator", 0), moved.get("numerator", 0), moved.get("value"), moved.get("low"), moved.get("high"),
            stays.get("value"), stays.get("median")))
    return tuple(Funnel(pipeline, tuple(steps)) for pipeline, steps in by_pipeline.items())


Key = tuple[str | None, str | None]


def _by_stage(rows: Iterable[Row]) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for row in rows:
        key = (row["by"]["pipeline"], row["by"]["stage"])
        if key in found:
            raise ValueError("a funnel takes answers by pipeline and stage of one period")
        found[key] = row
    return found


def _order(key: Key, known: Mapping[Any, Mapping[str, Any]]) -> tuple[bool, str, bool, float, str]:
    pipeline, stage = key
    position = known[key]["position"] if key in known else None
    return pipeline is None, pipeline or "", position is None, position or 0.0, stage or ""
