"""Coming in: by password, by a link, by a sign-in provider, by the session or token that one has. No hashing within a transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, func, select

from salesgauge.state.accounts import Accounts, Rights
from salesgauge.state.audit import Audit, of_person
from salesgauge.state.identities import Claims, Identities
from salesgauge.state.links import Links, Purpose
from salesgauge.state.passwords import Passwords, check
from salesgauge.state.person import Person, Role, read_email
from salesgauge.state.refusal import Refusal
from salesgauge.state.sessions import Sessions, SignedIn
from salesgauge.state.tables import FailureRow, PersonRow
from salesgauge.state.tokens import Token, Tokens
from salesgauge.state.work import Actor, Work

FAILURES, WITHIN = 5, timedelta(minutes=15)       # so many failures of an e-mail within so long, and it is locked until the first is older
A_MINUTE = 30                                     # attempts from one address


class Working(Protocol):
    """What gives units of work: to look, and to change."""

    def looking(self) -> AbstractContextManager[Work]:
        """A unit of work in which nothing is changed."""

    def changing(self) -> AbstractContextManager[Work]:
        """A unit of work that is done whole or not at all."""


@dataclass(frozen=True)
class Entered:
    """Somebody has come in: the person, and the secret of their new session, which their browser keeps."""

    person: Person
    secret: str


@dataclass(frozen=True)
class Visitor:
    """Where an attempt comes from: the address, and what the browser says it is."""

    address: str
    browser: str = ""


class Entrance:
    """The ways in. Each gives a session with a new secret, so that one that was foisted on a browser before is worth nothing."""

    def __init__(self, working: Working, passwords: Passwords, limiter: MovingWindowRateLimiter | None = None) -> None:
        self._working = working
        self._passwords = passwords
        self._limiter = limiter or MovingWindowRateLimiter(MemoryStorage())

    def by_password(self, email: str, password: str, visitor: Visitor) -> Entered:
        """Signs in. Refusal in the same words, and after the same time, whether the e-mail is unknown, locked or the password wrong."""
        self._slow_down(visitor)
        try:
            email = read_email(email)
        except Refusal:
            self._passwords.verify(password, None)
            raise Refusal("sign_in") from None
        with self._working.changing() as work:
            locked = self._attempt(work, email)
            row = None if locked else work.rows.scalar(select(PersonRow).where(PersonRow.email == email, PersonRow.active))
            person_id, kept = (row.id, row.password) if row is not None else (None, None)
        right, anew = self._passwords.verify(password, kept)
        with self._working.changing() as work:
            row = work.rows.get(PersonRow, person_id) if right and person_id is not None else None
            if row is None or not row.active or row.password != kept:
                Audit(work).record(Actor(None, visitor.address), "sign_in_failed", f"email:{email}", locked=locked)
                entered = None
            else:
                row.password = anew or kept
                work.rows.execute(delete(FailureRow).where(FailureRow.email == email))
                entered = self._enter(work, Person.of(row), visitor, "password")
        if entered is None:  # raised outside, or the line in the log were undone
            raise Refusal("sign_in")
        return entered

    def by_link(self, secret: str, password: str, visitor: Visitor, *, name: str | None = None) -> Entered:
        """Sets the password of whom an invitation or reset is for, spends the link, and signs in. Refusal as Links.find, Passwords.kept."""
        self._slow_down(visitor)
        with self._working.looking() as work:
            person = Links(work).find(secret).person
        if person is None:
            raise Refusal("link")
        kept = self._passwords.kept(password, person.email)
        with self._working.changing() as work:
            link = Links(work).use(secret)
            by = Actor(person.id, visitor.address)
            action = "password_reset" if link.purpose is Purpose.RESET else "password_change"
            Accounts(work).set_password(person.id, kept, by, action=action)
            if link.purpose is Purpose.RESET:
                Tokens(work).end_all(person.id, by)  # whoever knew the password may have made some
            if name is not None:
                Accounts(work).set_preferences(person.id, by, name=name)
            return self._enter(work, Accounts(work).get(person.id), visitor, link.purpose.value)

    def set_up(self, secret: str, email: str, name: str, password: str, visitor: Visitor, role: Role = Role.EXECUTIVE) -> Entered:
        """Makes the first account, which administers, by the link of the first start, and signs in."""
        self._slow_down(visitor)
        with self._working.looking() as work:
            Links(work).find(secret)
        kept = self._passwords.kept(password, read_email(email))
        with self._working.changing() as work:
            if Links(work).use(secret).purpose is not Purpose.SETUP:
                raise Refusal("link")
            rights = Rights(role, administers=True)
            person = Accounts(work).create(email, name, rights, Actor(None, visitor.address), password=kept, action="setup")
            return self._enter(work, person, visitor, "setup")

    def by_identity(self, claims: Claims, visitor: Visitor) -> Entered:
        """Signs in whom a sign-in provider vouches for. Refusal as Identities.person_of."""
        self._slow_down(visitor)
        try:
            with self._working.changing() as work:
                return self._enter(work, Identities(work).person_of(claims, visitor.address), visitor, "provider")
        except Refusal:
            with self._working.changing() as work:
                Audit(work).record(Actor(None, visitor.address), "sign_in_failed", f"identity:{claims.subject}", issuer=claims.issuer)
            raise

    def change_password(self, session: SignedIn, current: str, new: str, address: str) -> str:
        """Sets a person's password, who says the current one; their other sessions end, this one gets the new secret that is given."""
        person = session.person
        check(new, person.email)
        with self._working.changing() as work:
            if self._attempt(work, person.email):
                raise Refusal("password_wrong")
            row = work.rows.get(PersonRow, person.id)
            stored = None if row is None else row.password
        if not self._passwords.verify(current, stored)[0]:
            raise Refusal("password_wrong")
        kept = self._passwords.kept(new, person.email)
        with self._working.changing() as work:
            Accounts(work).set_password(person.id, kept, Actor(person.id, address), keep_session=session.id)
            return Sessions(work).renew(session.id)

    def recognise(self, secret: str) -> SignedIn | None:
        """The session of a secret, where it holds; it counts as used now."""
        with self._working.looking() as work:
            found = Sessions(work).find(secret)
            stale = found is not None and Sessions(work).stale(found)
        if found is not None and stale:
            with self._working.changing() as work:
                Sessions(work).touch(found.id)
        return found

    def recognise_token(self, secret: str) -> Token | None:
        """The API token of a secret, where it holds; it counts as used now."""
        with self._working.looking() as work:
            found = Tokens(work).find(secret)
            stale = found is not None and Tokens(work).stale(found)
        if found is not None and stale:
            with self._working.changing() as work:
                Tokens(work).touch(found.id)
        return found

    def _slow_down(self, visitor: Visitor) -> None:
        if not self._limiter.hit(RateLimitItemPerMinute(A_MINUTE), "entrance", visitor.address):
            raise Refusal("too_fast")

    def _attempt(self, work: Work, email: str) -> bool:
        """Whether an e-mail is locked. If not, the attempt counts as failed until it succeeds: many at once cannot slip through."""
        since = work.now - WITHIN
        work.rows.execute(delete(FailureRow).where(FailureRow.at <= since))
        failed = work.rows.scalar(select(func.count()).select_from(FailureRow).where(FailureRow.email == email)) or 0
        if failed >= FAILURES:
            return True
        work.rows.add(FailureRow(email=email, at=work.now))
        return False

    def _enter(self, work: Work, person: Person, visitor: Visitor, means: str) -> Entered:
        secret = Sessions(work).start(person.id, visitor.address, visitor.browser)
        Audit(work).record(Actor(person.id, visitor.address), "sign_in", of_person(person.id), means=means)
        return Entered(person, secret)
