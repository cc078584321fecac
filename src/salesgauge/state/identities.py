"""People as a sign-in provider (OpenID Connect) knows them: by issuer and subject, which never change, unlike an e-mail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from salesgauge.state.accounts import Accounts, Rights
from salesgauge.state.audit import Audit, of_person
from salesgauge.state.person import Person, Role
from salesgauge.state.refusal import Refusal
from salesgauge.state.rules import Rules
from salesgauge.state.tables import IdentityRow, PersonRow
from salesgauge.state.work import Actor, Work


@dataclass(frozen=True)
class Claims:
    """What a provider vouches for, from an identity token whose signature, issuer, audience and nonce were checked."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str | None


class Identities:
    """Identities within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def person_of(self, claims: Claims, address: str) -> Person:
        """The person whom a provider vouches for: linked before, else known by a verified e-mail and linked now.

        Others are refused, or come in as a rep without rows where the rule `unknown_people` allows it. So are the inactive.
        """
        row = self._work.rows.scalar(select(PersonRow).join(IdentityRow, IdentityRow.person_id == PersonRow.id).where(
            IdentityRow.issuer == claims.issuer, IdentityRow.subject == claims.subject))
        if row is not None:
            person = Person.of(row)
        elif claims.email is None or not claims.email_verified:
            raise Refusal("identity")
        else:
            person = self._link(claims, claims.email, address)
        if not person.active:
            raise Refusal("identity")
        return person

    def _link(self, claims: Claims, email: str, address: str) -> Person:
        accounts = Accounts(self._work)
        person = accounts.by_email(email)
        if person is None:
            if not Rules(self._work).now().unknown_people or accounts.none_yet():
                raise Refusal("identity")
            person = accounts.create(email, claims.name or email, Rights(Role.REP), Actor(None, address), linked=False)
        elif self._work.rows.scalar(select(IdentityRow.id).where(IdentityRow.person_id == person.id, IdentityRow.issuer == claims.issuer)):
            raise Refusal("identity")  # an e-mail that its provider has given to somebody else since
        self._work.rows.add(IdentityRow(person_id=person.id, issuer=claims.issuer, subject=claims.subject, created=self._work.now))
        self._work.rows.flush()
        Audit(self._work).record(Actor(person.id, address), "identity_link", of_person(person.id), issuer=claims.issuer)
        return person
