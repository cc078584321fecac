"""The log: what was done, by whom, from where. It is only added to; where a rule says so, lines go that are older than so many days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from salesgauge.state.tables import AuditRow, PersonRow
from salesgauge.state.work import Actor, Work

ACTIONS = (
    "setup", "sign_in", "sign_in_failed", "sign_out", "session_end", "sessions_end", "person_invite", "person_create", "person_change",
    "person_deactivate", "person_activate", "password_change", "password_reset", "link_make", "identity_link", "token_make", "token_end",
    "view_save", "view_delete", "reply_tag", "identity_decide", "rule_change", "log_shorten", "records_view", "records_export", "data_load")
PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One line of the log. `person` and `name` are who did it, None where nobody was signed in; `subject` is what was acted on."""

    id: int
    at: datetime
    person_id: int | None
    name: str | None
    action: str
    subject: str
    detail: dict[str, Any]
    address: str


@dataclass(frozen=True)
class Entries:
    """A page of the log, latest first. `before`: the id to ask for the next page with; None on the last."""

    entries: Sequence[Entry]
    before: int | None


class Audit:
    """The log within a unit of work: what is recorded stands there exactly if the work is done."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def record(self, by: Actor, action: str, subject: str, **detail: Any) -> None:
        """Adds a line. `action` is one of ACTIONS (ValueError); `detail` is what JSON can hold, never a secret."""
        if action not in ACTIONS:
            raise ValueError(f"{action!r} is no action of the log")
        self._work.rows.add(AuditRow(at=self._work.now, person_id=by.person_id, action=action, subject=subject, detail=detail,
                                     address=by.address))

    def shorten(self, days: int) -> int:
        """Removes the lines that are older than so many days (0: none), and says so in the log; gives how many those were. The database
        itself refuses to remove others than the rule log_days lets go."""
        if not days:
            return 0
        gone = self._work.rows.execute(delete(AuditRow).where(AuditRow.at < self._work.now - timedelta(days=days)))
        count = int(getattr(gone, "rowcount", 0))
        if count:
            self.record(Actor(None, "console"), "log_shorten", "log", count=count, days=days)
        return count

    def page(self, *, person_id: int | None = None, action: str | None = None, subject: str | None = None, since: datetime | None = None,
             until: datetime | None = None, before: int | None = None, limit: int = PAGE) -> Entries:
        """The lines of a person, action or subject, in `[since, until)`, latest first, `limit` of them from below the id `before`."""
        wanted = select(AuditRow, PersonRow.name).outerjoin(PersonRow, PersonRow.id == AuditRow.person_id)
        conditions = {AuditRow.person_id.__eq__: person_id, AuditRow.action.__eq__: action, AuditRow.subject.__eq__: subject,
                      AuditRow.at.__ge__: since, AuditRow.at.__lt__: until, AuditRow.id.__lt__: before}
        for condition, given in conditions.items():
            if given is not None:
                wanted = wanted.where(condition(given))
        found = self._work.rows.execute(wanted.order_by(AuditRow.id.desc()).limit(limit + 1)).all()
        entries = [Entry(row.id, row.at, row.person_id, name, row.action, row.subject, row.detail, row.address)
                   for row, name in found[:limit]]
        return Entries(entries, entries[-1].id if len(found) > limit else None)


def of_person(person_id: int) -> str:
    """A person as the subject of a line."""
    return f"person:{person_id}"
