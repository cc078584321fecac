"""What happened to one deal, lead or account, or what one rep did, in the order of time, as far as it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from salesgauge.errors import BadQuery
from salesgauge.semantics.question import Viewer
from salesgauge.store.ids import key_of
from salesgauge.store.lookup import look_up
from salesgauge.store.moment import Moment
from salesgauge.store.sight import Sight

SUBJECTS = ("opportunities", "leads", "accounts", "reps")
MOST = 1000
_GATHERED = "gathered_events"
_OPEN = "r.survey <> 'employee'"  # answers of employees are given in confidence, and are nobody's event


class _Kind(NamedTuple):
    """A kind of event: its name, the table of its rows, and the column that says when."""

    event: str
    table: str
    when: str


_KINDS = (
    _Kind("lead_created", "leads", "created_at"), _Kind("lead_qualified", "leads", "qualified_at"),
    _Kind("lead_converted", "leads", "converted_at"), _Kind("deal_created", "opportunities", "created_at"),
    _Kind("stage_changed", "stage_changes", "changed_at"), _Kind("deal_closed", "opportunities", "closed_at"),
    _Kind("meeting_booked", "activities", "booked_at"), _Kind("touch", "activities", "occurred_at"),
    _Kind("document_sent", "documents", "sent_at"), _Kind("document_signed", "documents", "signed_at"),
    _Kind("purchase", "orders", "ordered_at"), _Kind("contract_started", "contracts", "starts_on"),
    _Kind("contract_ended", "contracts", "ends_on"), _Kind("forecast_submitted", "forecasts", "submitted_at"),
    _Kind("survey_answered", "survey_responses", "responded_at"),
)
EVENTS = tuple(kind.event for kind in _KINDS)


@dataclass(frozen=True)
class Entry:
    """One event: what (of EVENTS), when in the workspace's time (a date's midnight), and the row that tells it, as known."""

    event: str
    at: datetime
    table: str
    id: str
    row: dict[str, Any]


@dataclass(frozen=True)
class Timeline:
    """A page of a record's events, and how many there are."""

    row: dict[str, Any]
    count: int
    entries: list[Entry]


def timeline(moment: Moment, table: str, name: str, viewer: Viewer, *, newest_first: bool = False, offset: int = 0,
             limit: int = 100) -> Timeline | None:
    """The events of a record of `opportunities`, `leads`, `accounts` or `reps`, each at its time. None where there is no such record or
    the viewer may not see it. BadQuery for another table and for a page that cannot be.

    Who sees a deal or lead sees all that happened to it, and who sees an account as its owner's all of that; who sees it otherwise, and
    who looks at a rep, sees the events whose own record they may see.
    """
    if table not in SUBJECTS:
        raise BadQuery(f"{table!r} has no timeline; these have: {', '.join(SUBJECTS)}")
    if offset < 0 or not 1 <= limit <= MOST:
        raise BadQuery(f"a timeline's page starts at 0 or later and has 1 to {MOST} events, not {limit} from {offset} on")
    row = look_up(moment, table, name, viewer)
    if row is None:
        return None
    events = _Events(moment, table, name, Sight(moment, viewer))
    events.gather()
    if not events.all_seen():
        events.drop_unseen()
    (count,) = moment.one(f"SELECT count(*) FROM {_GATHERED}", {})
    way = "DESC" if newest_first else "ASC"
    found = moment.rows(f"FROM {_GATHERED} ORDER BY at__ {way}, place__ {way}, id__ {way} LIMIT $limit OFFSET $offset",
                        {"limit": limit, "offset": offset})
    return Timeline(row, count, _entries(moment, found))


def _entries(moment: Moment, found: Sequence[dict[str, Any]]) -> list[Entry]:
    ids: dict[str, set[str]] = {}
    for each in found:
        ids.setdefault(each["table__"], set()).add(each["id__"])
    rows = {table: moment.rows_of(table, sorted(of_table), known=True) for table, of_table in ids.items()}
    return [Entry(_KINDS[each["place__"]].event, each["at__"], each["table__"], each["id__"], rows[each["table__"]][each["id__"]])
            for each in found]


class _Events:
    """The events of one subject, gathered in a table of the moment: place__ (of _KINDS), at__, table__, id__."""

    def __init__(self, moment: Moment, subject: str, name: str, sight: Sight) -> None:
        self._moment, self._subject, self._name, self._sight = moment, subject, name, sight

    def gather(self) -> None:
        """Gathers every event, whoever may see it."""
        self._moment.make(_GATHERED, "place__ BIGINT, at__ TIMESTAMP, table__ VARCHAR, id__ VARCHAR")
        for table in dict.fromkeys(kind.table for kind in _KINDS):
            each = ", ".join(f"{{'place': {place}, 'at': {self._when(kind)}}}" for place, kind in enumerate(_KINDS) if kind.table == table)
            for belongs in self._belongs(table):
                rows = f"SELECT {key_of(table)} AS id__, UNNEST([{each}]) AS event__ FROM {self._sight.lean(table)} r WHERE {belongs}"
                self._moment.run(f"INSERT INTO {_GATHERED} SELECT event__.place, event__.at, '{table}', id__ FROM ({rows}) "
                                 "WHERE event__.at IS NOT NULL", {"id": self._name, "other": self._other})

    def _when(self, kind: _Kind) -> str:
        """SQL: the local time of an event of the row r; null where there was none yet."""
        if not kind.when.endswith("_on"):
            return f"r.{kind.when}_local"
        local = f"CAST(r.{kind.when} AS TIMESTAMP)"
        return f"CASE WHEN r.{kind.when} <= DATE '{self._moment.day}' THEN {local} END" if self._moment.day else local  # a plan until then

    def all_seen(self) -> bool:
        """Whether who may see the subject may see all its events: those of a deal or lead, of an account by its owner, of a rep by
        themselves."""
        if self._subject == "reps":
            return self._sight.viewer.rep_id in (None, self._name)
        if self._subject != "accounts":
            return True
        sql = f"SELECT count(*) FROM accounts r WHERE r.account_id = $id AND {self._sight.owns('accounts', 'r')}"
        return bool(self._moment.one(sql, {"id": self._name, **self._sight.parameters})[0])

    def drop_unseen(self) -> None:
        """Leaves only the events whose own record the viewer may see, or the deal or lead that it is of."""
        for table in dict.fromkeys(kind.table for kind in _KINDS):
            ids = f"SELECT id__ FROM {_GATHERED} WHERE table__ = '{table}'"
            rows = f"SELECT *, {key_of(table)} AS id__ FROM {self._sight.lean(table)} WHERE {key_of(table)} IN ({ids})"
            self._moment.run(f"DELETE FROM {_GATHERED} WHERE table__ = '{table}' AND id__ NOT IN "
                             f"(SELECT r.id__ FROM ({rows}) r WHERE {self._seen(table)})", self._sight.parameters)

    def _seen(self, table: str) -> str:
        ways = [self._sight.sees(table, "r")]
        if table == "activities":
            ways += [f"EXISTS (FROM {self._sight.lean(other)} w WHERE w.{key} = r.{key} AND {self._sight.owns(other, 'w')})"
                     for other, key in (("opportunities", "opportunity_id"), ("leads", "lead_id"))]
        return f"({' OR '.join(ways)})"

    @cached_property
    def _other(self) -> str | None:
        """The lead of a deal, the deal of a lead; None where there is none (spec/model.md, "Words")."""
        asked = {"opportunities": ("deal_lead_id", "deals", "opportunity_id"), "leads": ("deal_id", "lead_deals", "lead_id")}
        if self._subject not in asked:
            return None
        column, fact, key = asked[self._subject]
        found: str | None = self._moment.one(f"SELECT any_value({column}) FROM {self._moment.fact(fact)} WHERE {key} = $id",
                                             {"id": self._name})[0]
        return found

    def _belongs(self, table: str) -> Sequence[str]:
        """SQL: conditions under which a row r belongs to the subject, of which one holds at most."""
        if self._subject in ("opportunities", "leads"):
            return self._of_deal_or_lead(table)
        return self._of_account(table) if self._subject == "accounts" else self._of_rep(table)

    def _of_deal_or_lead(self, table: str) -> Sequence[str]:
        own, other = ("opportunity_id", "lead_id") if self._subject == "opportunities" else ("lead_id", "opportunity_id")
        if table == self._subject or (self._subject == "opportunities" and table in ("stage_changes", "documents", "orders", "contracts")):
            return (f"r.{own} = $id",)
        if table == "activities":
            return (f"r.{own} = $id", f"r.{own} IS NULL AND r.{other} = $other")
        return (f"r.{other} = $other",) if table in ("leads", "opportunities") else ()

    def _of_account(self, table: str) -> Sequence[str]:
        if table == "survey_responses":
            return (f"r.account_id = $id AND {_OPEN}",)
        if table in ("leads", "opportunities", "orders", "contracts"):
            return ("r.account_id = $id",)
        if table == "activities":
            return (f"r.activity_id IN (SELECT activity_id FROM {self._moment.fact('activities')} WHERE account_id = $id)",)
        return self._of_deals(table, "account_id")

    def _of_rep(self, table: str) -> Sequence[str]:
        if table == "survey_responses":
            return (f"r.rep_id = $id AND {_OPEN}",)
        if table in ("activities", "orders", "contracts", "forecasts"):
            return ("r.rep_id = $id",)
        return ("r.owner_id = $id",) if table in ("leads", "opportunities") else self._of_deals(table, "rep")

    def _of_deals(self, table: str, column: str) -> Sequence[str]:
        deals = f"SELECT opportunity_id FROM {self._moment.fact('deals')} WHERE {column} = $id"
        return (f"r.opportunity_id IN ({deals})",) if table in ("stage_changes", "documents") else ()
