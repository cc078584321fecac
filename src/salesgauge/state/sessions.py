"""Sessions: a browser in which a person signed in, until it is ended, unused for too long, or too old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.sql import ColumnElement

from salesgauge.state.audit import Audit, of_person
from salesgauge.state.person import Person
from salesgauge.state.refusal import Refusal
from salesgauge.state.rules import Rules
from salesgauge.state.tables import PersonRow, SessionRow
from salesgauge.state.work import Actor, Work, digest, make_secret

_TOUCH = timedelta(minutes=5)    # how exactly `used` is known: a page must not cost a write each time
_LONGEST_BROWSER = 300
_KEPT_DAYS = 30  # that a session which is over is kept; the log tells of it beyond


@dataclass(frozen=True)
class SignedIn:
    """A session that holds, and its person."""

    id: int
    person: Person
    created: datetime
    used: datetime
    expires: datetime
    address: str
    browser: str


class Sessions:
    """Sessions within a unit of work. A secret is known to its browser only: it is given once and stored as a digest."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def start(self, person_id: int, address: str, browser: str) -> str:
        """A new session; gives its secret. Those that were over long ago, and lines of the log that are too old, go."""
        work, secret = self._work, make_secret(self._work.random)
        long_ago = work.now - timedelta(days=_KEPT_DAYS)
        work.rows.execute(delete(SessionRow).where((SessionRow.ended < long_ago) | (SessionRow.expires < long_ago)))
        Audit(work).shorten(Rules(work).now().log_days)
        work.rows.add(SessionRow(person_id=person_id, digest=digest(secret), created=work.now, used=work.now, address=address,
                                 expires=work.now + timedelta(days=Rules(work).now().session_days), browser=browser[:_LONGEST_BROWSER]))
        work.rows.flush()
        return secret

    def find(self, secret: str) -> SignedIn | None:
        """The session of a secret, where it holds and its person is active."""
        found = self._holding(SessionRow.digest == digest(secret))
        return found[0] if found else None

    def of(self, person_id: int) -> Sequence[SignedIn]:
        """A person's sessions that hold, the latest used first."""
        return self._holding(SessionRow.person_id == person_id)

    def _holding(self, condition: ColumnElement[bool]) -> list[SignedIn]:
        now = self._work.now
        idle = timedelta(hours=Rules(self._work).now().session_idle_hours)
        wanted = select(SessionRow, PersonRow).join(PersonRow, PersonRow.id == SessionRow.person_id).where(
            condition, SessionRow.ended.is_(None), SessionRow.expires > now, SessionRow.used > now - idle, PersonRow.active)
        return [SignedIn(row.id, Person.of(person), row.created, row.used, row.expires, row.address, row.browser)
                for row, person in self._work.rows.execute(wanted.order_by(SessionRow.used.desc(), SessionRow.id.desc())).all()]

    def stale(self, session: SignedIn) -> bool:
        """Whether it is time to note that a session is in use."""
        return self._work.now - session.used >= _TOUCH

    def touch(self, session_id: int) -> None:
        """Notes that a session is in use now."""
        self._work.rows.execute(update(SessionRow).where(SessionRow.id == session_id).values(used=self._work.now))

    def renew(self, session_id: int) -> str:
        """Gives a session another secret, after its person's rights have changed: the earlier one is worth nothing from then on."""
        secret = make_secret(self._work.random)
        self._work.rows.execute(update(SessionRow).where(SessionRow.id == session_id).values(digest=digest(secret), used=self._work.now))
        return secret

    def end(self, session_id: int, person_id: int, by: Actor, action: str = "session_end") -> None:
        """Ends one session of a person; Refusal where they have no such one."""
        if not self._end((SessionRow.id == session_id) & (SessionRow.person_id == person_id)):
            raise Refusal("no_session")
        Audit(self._work).record(by, action, of_person(person_id), session=session_id)

    def end_all(self, person_id: int, by: Actor, keep: int | None = None) -> int:
        """Ends all sessions of a person but the one to `keep`; gives how many those were."""
        others = SessionRow.person_id == person_id
        ended = self._end(others if keep is None else others & (SessionRow.id != keep))
        if ended:
            Audit(self._work).record(by, "sessions_end", of_person(person_id), count=ended)
        return ended

    def _end(self, condition: ColumnElement[bool]) -> int:
        rows = self._work.rows.scalars(select(SessionRow).where(condition, SessionRow.ended.is_(None))).all()
        for row in rows:
            row.ended = self._work.now
        return len(rows)
