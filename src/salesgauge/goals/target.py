"""Targets: what a KPI is to be, for the whole company, for each rep and for teams: the tables [targets.KPI] of salesgauge.toml.

    [targets.new_opportunities]      a KPI that adds up over time has a target for each month, quarter or year
    per = "quarter"
    company = 900
    rep = 20
    team.North = 300

    [targets.discount_rate]          of a KPI that can be too low and too high the target is a range
    company = [0.05, 0.12]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from salesgauge.errors import SettingError, did_you_mean
from salesgauge.periods import Span
from salesgauge.semantics.kpi import Kpi

MONTHS = {"month": 1, "quarter": 3, "year": 12}
_PARTS = ("per", "company", "rep", "team")


class Wanted(NamedTuple):
    """From where to where a value is on target, both ends included, in the KPI's unit; None: without end."""

    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        """Whether a value is on target."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Target:
    """The target of one KPI. `per`: month, quarter or year where the KPI adds up over time (every target is then a least sum), None
    elsewhere."""

    kpi: str
    per: str | None = None
    company: Wanted | None = None
    rep: Wanted | None = None
    teams: Mapping[str, Wanted] = field(default_factory=dict)

    def over(self, wanted: Wanted, span: Span, fiscal: int = 1) -> Wanted | None:
        """What is wanted over a span: of a KPI that adds up, as many times the target as the span has months, quarters or years of it
        (quarters and years begin with the fiscal year's first month); None where the span cuts one."""
        if self.per is None:
            return wanted
        length = MONTHS[self.per]
        times, rest = divmod(span.whole_months, length)
        if not times or rest or (span.start.month - fiscal) % length:
            return None
        assert wanted.low is not None
        return Wanted(wanted.low * times, None)


def adds_up(kpi: Kpi) -> bool:
    """Whether a KPI of two periods is the sum of both: a sum or count of rows that each have their day."""
    measure = kpi.formula.numerator
    return kpi.kind in ("sum", "count") and bool(measure.on) and measure.per is None and measure.transform is None


def targets(tables: Any, kpis: Mapping[str, Kpi]) -> dict[str, Target]:
    """The targets by KPI, from the table [targets]; SettingError where one cannot be."""
    if not isinstance(tables, Mapping):
        raise SettingError("[targets] in salesgauge.toml holds tables, one for each KPI: [targets.new_opportunities]")
    made = {}
    for name, table in tables.items():
        if name not in kpis:
            raise SettingError(f"[targets.{name}]: there is no KPI {name!r}{did_you_mean(name, kpis)}; salesgauge kpis lists them")
        made[name] = _target(kpis[name], table)
    return made


def _target(kpi: Kpi, table: Any) -> Target:
    where = f"[targets.{kpi.id}]"
    if not isinstance(table, Mapping) or not table.keys() & {"company", "rep", "team"}:
        raise SettingError(f"{where} says for whom: company = ..., rep = ... (each rep's), team.NAME = ...")
    for part in table:
        if part not in _PARTS:
            raise SettingError(f"{where} has no {part!r}{did_you_mean(part, _PARTS)}; it has: {', '.join(_PARTS)}")
    per = table.get("per")
    if adds_up(kpi) and per not in MONTHS:
        raise SettingError(f"{where}: {kpi.id} adds up over time, so its target needs per = one of {', '.join(MONTHS)}")
    if not adds_up(kpi) and per is not None:
        raise SettingError(f"{where}: {kpi.id} does not add up over time: leave per out, its target holds for every period")
    teams = table.get("team", {})
    if not isinstance(teams, Mapping):
        raise SettingError(f"{where} team is a table of teams: team.North = 12")
    for part, dimension in (("rep", "rep"), ("team", "team")):
        if part in table and dimension not in kpi.dimensions:
            raise SettingError(f"{where} cannot have a target for a {part}: {kpi.id} has no dimension {dimension}")
    company, rep = (_wanted(kpi, f"{where} {part}", table[part]) if part in table else None for part in ("company", "rep"))
    return Target(kpi.id, per, company, rep, {team: _wanted(kpi, f"{where} team.{team}", value) for team, value in teams.items()})


def _wanted(kpi: Kpi, where: str, value: Any) -> Wanted:
    """One target: a number, from which on (or up to which) is on target as the KPI's direction says, or a range."""
    if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] < value[1] and not adds_up(kpi):
        return Wanted(float(value[0]), float(value[1]))
    if not _is_number(value) or kpi.better == "band" or (adds_up(kpi) and value <= 0):
        right = ("a number above 0" if adds_up(kpi) else "a range, as [0.05, 0.12]" if kpi.better == "band"
                 else "a number, or a range as [0.2, 0.3]")
        raise SettingError(f"{where} cannot be {value!r}: it is {right}, in the KPI's unit ({kpi.unit}; a percentage as a fraction)")
    return Wanted(None, float(value)) if kpi.better == "down" else Wanted(float(value), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value and abs(value) != float("inf")
