"""Who may see a record by itself, in a lookup or a timeline (docs/decisions/0009): a rep their own, a manager those of the reps who
reported to them on one of the record's days."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from salesgauge.semantics.question import Viewer
from salesgauge.store.moment import Moment
from salesgauge.store.spans import day

_EVER, _FOR_EVER = "DATE '0001-01-01'", "DATE '9999-12-30'"
SHARED = frozenset({"products", "locations", "campaigns", "stages", "exchange_rates", "promotions", "price_observations"})  # for everyone


class Whose(NamedTuple):
    """A rep to whom a row {r} belongs, from a day to a day (both inclusive; {now} is the last that is known): SQL."""

    rep: str
    first: str
    last: str


def _day(column: str) -> str:
    return f"CAST({{r}}.{column}_local AS DATE)"


def _on(rep: str, on: str) -> tuple[Whose, ...]:
    return (Whose(rep, on, on),)


WHOSE: dict[str, tuple[Whose, ...]] = {
    "reps": (Whose("{r}.rep_id", _EVER, "{now}"),),
    "rep_assignments": (Whose("{r}.rep_id", _EVER, "{now}"),),
    "accounts": (Whose("{r}.owner_id", _EVER, "{now}"),),
    "leads": (Whose("{r}.owner_id", _day("created_at"), "{now}"),),
    "opportunities": (Whose("{r}.owner_id", _day("created_at"), f"coalesce({_day('closed_at')}, {{now}})"),),
    "activities": (*_on("{r}.rep_id", _day("occurred_at")), *_on("{r}.rep_id", _day("booked_at"))),
    "contracts": _on("{r}.rep_id", "{r}.starts_on"),
    "orders": _on("{r}.rep_id", _day("ordered_at")),
    "spend": _on("{r}.rep_id", "{r}.spent_on"),
    "quotas": (Whose("{r}.rep_id", "{r}.starts_on", "{r}.ends_on - 1"),),
    "forecasts": _on("{r}.rep_id", _day("submitted_at")),
    "survey_responses": _on("CASE {r}.survey WHEN 'employee' THEN {r}.rep_id "
                            "ELSE (SELECT any_value(a.owner_id) FROM accounts a WHERE a.account_id = {r}.account_id) END",
                            _day("responded_at")),
}
# A row of these is seen by who sees the row that it belongs to: the table of that, and the column that names it.
PART_OF = {"stage_changes": ("opportunities", "opportunity_id"), "documents": ("opportunities", "opportunity_id"),
           "order_lines": ("orders", "order_id")}
BRINGING = ("opportunities", "leads", "orders", "contracts", "activities")  # who sees one of these sees its account


class Sight:
    """What a viewer sees of what is known at a moment, as conditions in SQL."""

    def __init__(self, moment: Moment, viewer: Viewer) -> None:
        self._moment, self.viewer = moment, replace(viewer, rep_id=viewer.rep_id and moment.one_of("reps", viewer.rep_id))
        if self.viewer.rep_id is not None:
            moment.oversight(self.viewer.rep_id)

    @property
    def parameters(self) -> dict[str, str]:
        """What the conditions bind."""
        return {} if self.viewer.rep_id is None else {"viewer": self.viewer.rep_id}

    def lean(self, table: str) -> str:
        """What is known of a table, without what takes long to know: of deals only what decides whose they are, and when."""
        if table != "opportunities":
            return self._moment.known(table)
        return (f"(SELECT opportunity_id, account_id, rep AS owner_id, created_at_local, closed_at_local "
                f"FROM {self._moment.fact('deals')})")

    def sees(self, table: str, alias: str) -> str:
        """SQL: whether the viewer sees the row `alias` of a table by itself."""
        if not self.parameters or table in SHARED:
            return "true"
        if table in PART_OF:
            whole, key = PART_OF[table]
            return f"EXISTS (FROM {self.lean(whole)} w WHERE w.{key} = {alias}.{key} AND {self.owns(whole, 'w')})"
        return self.owns(table, alias)

    def owns(self, table: str, alias: str) -> str:
        """SQL: whether the row `alias` belongs to the viewer, or on one of its days to a rep of theirs; of a table whose rows belong to
        nobody none does."""
        if not self.parameters:
            return "true"
        now = day(self._moment.day) if self._moment.day else _FOR_EVER
        own = "" if self.viewer.reports else " AND v.rep_id = $viewer"
        ways = []
        for whose in WHOSE.get(table, ()):
            rep, first, last = (part.format(r=alias, now=now) for part in whose)
            ways.append(f"EXISTS (FROM oversight v WHERE v.viewer = $viewer{own} AND v.rep_id = {rep} AND v.valid_from <= {last} "
                        f"AND v.valid_to > {first})")
        return f"({' OR '.join(ways)})" if ways else "false"
