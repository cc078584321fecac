"""What moved the pipeline, and what changed."""

from typing import Any

from salesgauge.catalogue.figures.plans import OF_DEALS
from salesgauge.catalogue.sources import deal_changes as changes
from salesgauge.catalogue.sources import deal_pushes, open_movements, pipeline_movements
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Measure, Source

_ENDS = ("account_id", "then_value", "now_value", "then_closes_on", "now_closes_on", "then_stage", "now_stage")


def _moved(source: Source) -> Measure:
    return source.sum("movements", "value", set_aside="value_missing", because=("movement", *_ENDS))


def declare(catalogue: Catalogue) -> None:
    """Declares the figures of movement."""
    figure = catalogue.area("pipeline")
    by_movement: dict[str, Any] = dict(unit="money", kind="sum", better="up", dimensions=f"{OF_DEALS} pipeline movement",
                                       extras_of="opportunities")

    @figure(**by_movement)
    def pipeline_movement() -> Measure:
        """The pipeline due by the period's end: the deals expected to close before it, overdue ones too. By movement: what was there at
        the start, what came (new, grown, pulled in) and what left (shrunk, won, lost, pushed out, each below 0); together they are what
        is still open."""
        return _moved(pipeline_movements)

    @figure(**by_movement)
    def open_movement() -> Measure:
        """The whole open pipeline, whenever its deals are expected to close. By movement: what was there at the start, what came (new,
        grown) and what left (shrunk, won, lost, each below 0); together they are what is still open."""
        return _moved(open_movements)

    by_change: dict[str, Any] = dict(dimensions=f"{OF_DEALS} pipeline change", extras_of="opportunities", required="change")

    @figure(unit="count", kind="count", **by_change)
    def deal_changes() -> Measure:
        """The deals created, won or lost in the period, and those that at its end are in another stage, worth more or less, or expected
        later or earlier than at its start. A deal with several changes counts in each."""
        return changes.count("changes of deals", because=("change", *_ENDS))

    @figure(unit="money", kind="sum", **by_change)
    def changed_value() -> Measure:
        """The value at the period's end of the deals created, won or lost in it, and of those that are then in another stage, worth more
        or less, or expected later or earlier than at its start."""
        return changes.sum("value of changed deals", "value", set_aside="value_missing", because=("change", *_ENDS))

    @figure(unit="count", kind="count", better="down", dimensions=f"{OF_DEALS} pipeline", extras_of="opportunities")
    def pushes() -> Measure:
        """How often in the period the expected close of an open deal was moved to a later day."""
        return deal_pushes.count("pushes", on="pushed", because=("account_id", "pushed_at", "former_closes_on", "closes_on", "days_later"))
