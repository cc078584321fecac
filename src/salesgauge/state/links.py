"""Links that let somebody in once: for the first start, an invitation, a forgotten password. There is no default password and no mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select

from salesgauge.state.audit import Audit, of_person
from salesgauge.state.person import Person
from salesgauge.state.refusal import Refusal
from salesgauge.state.rules import Rules
from salesgauge.state.tables import LinkRow, PersonRow
from salesgauge.state.work import Actor, Work, digest, make_secret

_DAY = timedelta(days=1)


class Purpose(StrEnum):
    """What a link is for."""

    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True)
class Link:
    """A link that holds. `person`: who it is for; None where it sets up the first account."""

    purpose: Purpose
    person: Person | None
    expires: datetime


class Links:
    """Links within a unit of work. A secret is given once and stored as a digest; a new link of a person replaces the one before."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def set_up(self, by: Actor) -> str | None:
        """The secret of a link for the first account, which holds for a day; None where there is an account."""
        if self._work.rows.scalar(select(PersonRow.id).limit(1)) is not None:
            return None
        return self._make(Purpose.SETUP, None, _DAY, by)

    def invite(self, person_id: int, by: Actor) -> str:
        """The secret of a link by which a person without a password sets one."""
        return self._make(Purpose.INVITATION, self._active(person_id), _DAY * Rules(self._work).now().invitation_days, by)

    def reset(self, person_id: int, by: Actor) -> str:
        """The secret of a link by which a person sets another password; it holds for a day. Until then the earlier password does."""
        return self._make(Purpose.RESET, self._active(person_id), _DAY, by)

    def _active(self, person_id: int) -> int:
        row = self._work.rows.get(PersonRow, person_id)
        if row is None or not row.active:
            raise Refusal("no_person")
        return person_id

    def _make(self, purpose: Purpose, person_id: int | None, lasts: timedelta, by: Actor) -> str:
        work, secret = self._work, make_secret(self._work.random)
        of_same = LinkRow.person_id.is_(None) if person_id is None else LinkRow.person_id == person_id
        work.rows.execute(delete(LinkRow).where(of_same, LinkRow.used.is_(None)))
        work.rows.add(LinkRow(digest=digest(secret), purpose=purpose.value, person_id=person_id, created=work.now,
                              expires=work.now + lasts))
        work.rows.flush()
        if person_id is not None:
            Audit(work).record(by, "link_make", of_person(person_id), purpose=purpose.value)
        return secret

    def find(self, secret: str) -> Link:
        """The link of a secret. Refusal, in the same words whatever the cause, where it is unknown, used, too old or no longer wanted."""
        row = self._row(secret)
        person = None if row.person_id is None else self._work.rows.get(PersonRow, row.person_id)
        return Link(Purpose(row.purpose), None if person is None else Person.of(person), row.expires)

    def use(self, secret: str) -> Link:
        """The same, and the link is spent."""
        link = self.find(secret)
        self._row(secret).used = self._work.now
        return link

    def _row(self, secret: str) -> LinkRow:
        row = self._work.rows.scalar(select(LinkRow).where(LinkRow.digest == digest(secret)))
        if row is None or row.used is not None or row.expires <= self._work.now:
            raise Refusal("link")
        if row.person_id is None:
            wanted = self._work.rows.scalar(select(PersonRow.id).limit(1)) is None
        else:
            person = self._work.rows.get(PersonRow, row.person_id)
            wanted = person is not None and person.active
        if not wanted:
            raise Refusal("link")
        return row
