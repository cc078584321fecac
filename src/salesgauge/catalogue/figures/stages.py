"""The funnel: who entered a stage, who left it, whereto and after how long."""

from typing import Any

from salesgauge.catalogue.figures.plans import OF_DEALS
from salesgauge.catalogue.sources import stage_visits
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Formula, Measure

_WHY = ("stage", "entered_at", "left_at", "exit", "next_stage")


def declare(catalogue: Catalogue) -> None:
    """Declares the figures of the funnel."""
    figure = catalogue.area("pipeline")
    of_stage: dict[str, Any] = dict(dimensions=f"{OF_DEALS} pipeline stage", extras_of="opportunities")
    left = stage_visits.count("stays that ended", on="left", because=_WHY)

    @figure(unit="count", kind="count", better="up", **of_stage)
    def stage_entries() -> Measure:
        """How often a deal entered a stage in the period. A deal that comes back enters again."""
        return stage_visits.count("entries", on="entered", because=_WHY)

    @figure(unit="count", kind="count", dimensions=f"{OF_DEALS} pipeline stage exit", extras_of="opportunities")
    def stage_exits() -> Measure:
        """How often a deal left a stage in the period: onward to a later one, back to an earlier one, won or lost."""
        return left

    @figure(unit="percent", kind="proportion", better="up", **of_stage)
    def stage_conversion() -> Formula:
        """Of the stays in a stage that ended in the period, the share that ended in a later stage or a win."""
        return stage_visits.count("stays that moved on", on="left", where=lambda t: t.moved_on, because=_WHY) / left

    @figure(unit="days", kind="mean", median=True, better="down", **of_stage)
    def stage_days() -> Formula:
        """Average days of a stay in a stage, over the stays that ended in the period."""
        return stage_visits.sum("days in the stage", "stage_days", on="left", because=_WHY) / left
