"""API tokens: keys with which a program asks as its person, for some purposes and some time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.sql import ColumnElement

from salesgauge.state.audit import Audit, of_person
from salesgauge.state.person import Person, read_name
from salesgauge.state.refusal import Refusal
from salesgauge.state.rules import Rules
from salesgauge.state.tables import PersonRow, TokenRow
from salesgauge.state.work import Actor, Work, digest, make_secret

PREFIX = "sg_"
_TOUCH = timedelta(minutes=5)


class Scope(StrEnum):
    """What a token may be used for. Never more than its person may do."""

    QUESTIONS = "questions"
    RECORDS = "records"
    CATALOGUE = "catalogue"
    VIEWS = "views"


@dataclass(frozen=True)
class Token:
    """A token, without its secret."""

    id: int
    person: Person
    name: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime
    ended: datetime | None
    used: datetime | None


class Tokens:
    """Tokens within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def make(self, person_id: int, name: str, scopes: Sequence[str], days: int, by: Actor) -> tuple[Token, str]:
        """A new token, and its secret, which is never shown again. Refusal where a scope, or how long it shall hold, cannot be."""
        chosen = [scope for scope in Scope if scope in scopes]
        if not chosen or len(chosen) != len(set(scopes)):
            raise Refusal("scopes", scopes=", ".join(Scope))
        most = Rules(self._work).now().token_days
        if not 1 <= days <= most:
            raise Refusal("token_days", most=str(most))
        work, secret = self._work, make_secret(self._work.random, PREFIX)
        row = TokenRow(person_id=person_id, name=read_name(name), digest=digest(secret), scopes=" ".join(chosen), created=work.now,
                       expires=work.now + timedelta(days=days))
        work.rows.add(row)
        work.rows.flush()
        Audit(work).record(by, "token_make", of_person(person_id), token=row.id, name=row.name, scopes=row.scopes, days=days)
        return self._of(TokenRow.id == row.id)[0], secret

    def find(self, secret: str) -> Token | None:
        """The token of a secret, where it holds and its person is active."""
        now = self._work.now
        found = self._of((TokenRow.digest == digest(secret)) & TokenRow.ended.is_(None) & (TokenRow.expires > now) & PersonRow.active)
        return found[0] if found else None

    def of(self, person_id: int) -> Sequence[Token]:
        """A person's tokens, also those that hold no more, the latest first."""
        return self._of(TokenRow.person_id == person_id)

    def all(self) -> Sequence[Token]:
        """Everybody's tokens that hold, the latest first."""
        return self._of(TokenRow.ended.is_(None) & (TokenRow.expires > self._work.now) & PersonRow.active)

    def _of(self, condition: ColumnElement[bool]) -> list[Token]:
        wanted = select(TokenRow, PersonRow).join(PersonRow, PersonRow.id == TokenRow.person_id).where(condition)
        return [Token(row.id, Person.of(person), row.name, tuple(Scope(s) for s in row.scopes.split()), row.created, row.expires, row.ended,
                      row.used) for row, person in self._work.rows.execute(wanted.order_by(TokenRow.id.desc())).all()]

    def stale(self, token: Token) -> bool:
        """Whether it is time to note that a token is in use."""
        return token.used is None or self._work.now - token.used >= _TOUCH

    def touch(self, token_id: int) -> None:
        """Notes that a token is in use now."""
        self._work.rows.execute(update(TokenRow).where(TokenRow.id == token_id).values(used=self._work.now))

    def end(self, token_id: int, by: Actor, person_id: int | None = None) -> None:
        """Ends a token, of that person where one is given; Refusal where there is no such one."""
        row = self._work.rows.get(TokenRow, token_id)
        if row is None or row.ended is not None or person_id not in (None, row.person_id):
            raise Refusal("no_token")
        row.ended = self._work.now
        Audit(self._work).record(by, "token_end", of_person(row.person_id), token=row.id, name=row.name)

    def end_all(self, person_id: int, by: Actor) -> None:
        """Ends all tokens of a person."""
        for token in self.of(person_id):
            if token.ended is None:
                self.end(token.id, by)
