"""What was true from when to when (half-open intervals): a rep's place, a currency's rate, a deal's stage. The same as of every
instant, since later rows only end what earlier rows began."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from salesgauge.facts.attach import EVER, NEVER, numbered
from salesgauge.facts.registry import FACTS
from salesgauge.schema import ORDINAL
from salesgauge.semantics.carrying import last_known
from salesgauge.semantics.model import Model
from salesgauge.semantics.reach import Own


def _day(day: date) -> ir.DateScalar:
    return ibis.literal(day, type="date")


@FACTS.declare("a rep's team, region and manager from a day to a day; the intervals of a rep do not overlap and leave no gap",
               timeless=True, key="rep_id", reach={"reps": (Own("rep_id"),), "rep_assignments": (Own("rep_id"),)})
def rep_history(m: Model) -> ir.Table:
    """Assignments decide for a rep that has any (of overlapping ones the latest valid_from; uncovered days: unknown), else reps."""
    reps, spells = m.stored("reps"), m.stored("rep_assignments")
    spells = spells.mutate(until=spells.valid_to.fill_null(_day(NEVER)))
    spells = spells.filter(spells.until > spells.valid_from)
    assigned = m.stored("rep_assignments").select("rep_id").distinct()
    bounds = ibis.union(assigned.select("rep_id", valid_from=_day(EVER)), spells.select("rep_id", "valid_from"),
                        spells.select("rep_id", valid_from=spells.until), distinct=True)
    bounds = bounds.filter(bounds.valid_from < _day(NEVER))
    w = ibis.window(group_by="rep_id", order_by="valid_from")
    bounds = bounds.mutate(valid_to=bounds.valid_from.lead().over(w).fill_null(_day(NEVER)))
    covering = spells.select(of_rep="rep_id", since="valid_from", until="until", team="team", region="region", manager_id="manager_id")
    j = bounds.left_join(covering, [bounds.rep_id == covering.of_rep, bounds.valid_from >= covering.since,
                                    bounds.valid_from < covering.until])
    ranked = numbered(j, ["rep_id", "valid_from"], [ibis.desc(j.since)])
    decided = ranked.filter(ranked.nth == 1).select("rep_id", "valid_from", "valid_to", "team", "region", "manager_id")
    others = reps.anti_join(assigned, "rep_id").select("rep_id", valid_from=_day(EVER), valid_to=_day(NEVER), team="team", region="region",
                                                       manager_id="manager_id")
    return ibis.union(decided, others)


@FACTS.declare("the worth of a currency from a day to a day; the first rate also holds before it", timeless=True,
               key="currency", reach={"exchange_rates": (Own("currency"),)})
def rate_history(m: Model) -> ir.Table:
    """Rates as intervals: the last at or before a day, before all of them the earliest."""
    rates = m.stored("exchange_rates")
    rates = rates.filter(rates.currency != m.shape.currency)
    w = ibis.window(group_by="currency", order_by="rated_on")
    first = ibis.row_number().over(w) == 0
    return rates.select("currency", "rate", valid_from=first.ifelse(_day(EVER), rates.rated_on),
                        valid_to=rates.rated_on.lead().over(w).fill_null(_day(NEVER)))


@FACTS.declare("one change of a deal, numbered; `entered` where it changed the stage", timeless=True,
               key="opportunity_id", reach={"stage_changes": (Own("opportunity_id"),)})
def stage_history(m: Model) -> ir.Table:
    """The changes of each deal in order (of one instant: as in the file), each with the stage that then held, whether it is another than
    before, and the stage and the expected close before it."""
    c = m.stored("stage_changes")
    order = [c.changed_at, c[ORDINAL]]  # of all windows, so that one sort serves them
    c = c.mutate(nth=ibis.row_number().over(ibis.window(group_by="opportunity_id", order_by=order)) + 1,
                 former_stage=last_known(c.stage, "opportunity_id", order, before=True),
                 former_closes_on=last_known(c.closes_on, "opportunity_id", order, before=True))
    c = c.mutate(stage=c.stage.coalesce(c.former_stage))
    return c.select("opportunity_id", "nth", "changed_at", "changed_at_local", "stage", "amount", "closes_on", "forecast_category",
                    "former_stage", "former_closes_on",
                    entered=c.stage.notnull() & ~c.former_stage.identical_to(c.stage))
