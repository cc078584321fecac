"""People."""

from typing import Any

from salesgauge.catalogue.sources import employee_answers, hires, settled_reps
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Formula


def declare(catalogue: Catalogue) -> None:
    """Declares the KPIs of people."""
    kpi = catalogue.area("people")

    @kpi(unit="score", kind="mean", better="up", dimensions="team region manager tenure", source="B6")
    def employee_satisfaction() -> Formula:
        """The average score in the employee survey. Each rep's last answer in the period counts."""
        return employee_answers.sum("scores", "score") / employee_answers.count("answers")

    @kpi(unit="percent", kind="proportion", better="up", dimensions="team region manager", source="E6")
    def rep_retention_rate() -> Formula:
        """Of the reps employed at the period's start and hired at least twelve months before it, unless set otherwise, the share still
        employed at its end."""
        return settled_reps.count("reps kept", where=lambda t: t.stays) / settled_reps.count("reps at the start")

    @kpi(unit="days", kind="mean", better="down", dimensions="team region manager", source="E7")
    def ramp_time() -> Formula:
        """Average days from the day of hire to the first outbound activity with a prospect, over the reps hired in the period. Reps who
        had none by the as-of date are set aside."""
        ramped: dict[str, Any] = dict(on="hired", set_aside="ramp_missing")
        return (hires.sum("days to the first prospect contacted", "ramp_days", because=("hired_on", "ramped_at"), **ramped)
                / hires.count("reps hired and ramped", **ramped))
