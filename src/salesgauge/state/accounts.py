"""People: inviting them, what they may see, their own preferences, and that they may no longer come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, select

from salesgauge.language.codes import known
from salesgauge.state.audit import Audit, of_person
from salesgauge.state.person import OF_A_REP, Home, Person, Role, Theme, read_email, read_name
from salesgauge.state.refusal import Refusal
from salesgauge.state.sessions import Sessions
from salesgauge.state.tables import FailureRow, IdentityRow, LinkRow, PersonRow
from salesgauge.state.tokens import Tokens
from salesgauge.state.work import Actor, Work


@dataclass(frozen=True)
class Rights:
    """What a person may see and do. A manager or rep needs the rep whose rows they are about."""

    role: Role
    rep_id: str | None = None
    administers: bool = False

    def checked(self) -> Rights:
        """The same with what follows from it: an administrator administers, and only who is about a rep's rows has a rep. Refusal
        where the rep is missing."""
        rep = (self.rep_id or "").strip() or None
        if self.role in OF_A_REP and rep is None:
            raise Refusal("rep_missing")
        return Rights(self.role, rep if self.role in OF_A_REP else None, self.administers or self.role is Role.ADMINISTRATOR)


class Accounts:
    """People within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def none_yet(self) -> bool:
        """Whether nobody has an account."""
        return not self._work.rows.scalar(select(func.count()).select_from(PersonRow))

    def all(self) -> Sequence[Person]:
        """Everybody, in the order of names; those who may no longer come in last."""
        rows = self._work.rows.scalars(select(PersonRow)).all()
        return sorted((Person.of(row) for row in rows), key=lambda person: (not person.active, person.name.casefold(), person.id))

    def get(self, person_id: int) -> Person:
        """A person; Refusal where there is no such one."""
        return Person.of(self._row(person_id))

    def by_email(self, email: str) -> Person | None:
        """The person of an e-mail address, however it is spelt."""
        row = self._work.rows.scalar(select(PersonRow).where(PersonRow.email == read_email(email)))
        return None if row is None else Person.of(row)

    def known(self, email: str) -> Person:
        """The same; Refusal where there is no such person."""
        person = self.by_email(email)
        if person is None:
            raise Refusal("no_person")
        return person

    def create(self, email: str, name: str, rights: Rights, by: Actor, *, password: str | None = None, linked: bool = True,
               action: str = "person_create") -> Person:
        """A new person, with what is kept of their password where they have one. Refusal where the e-mail is taken.

        Not `linked`: a rep whose rows an administrator has yet to say, as a sign-in provider's newcomers are.
        """
        email, rights = read_email(email), rights.checked() if linked else rights
        if self.by_email(email) is not None:
            raise Refusal("email_taken", email=email)
        row = PersonRow(email=email, name=read_name(name), password=password, role=rights.role.value, administers=rights.administers,
                        rep_id=rights.rep_id, theme=Theme.AUTO.value, active=True, created=self._work.now)
        self._work.rows.add(row)
        self._work.rows.flush()
        Audit(self._work).record(by, action, of_person(row.id), email=email, **_told(rights))
        return Person.of(row)

    def set_rights(self, person_id: int, rights: Rights, by: Actor, keep_session: int | None = None) -> Person:
        """Changes what a person may see and do; they sign in again, but in the session to keep (which must then be renewed)."""
        rights, row = rights.checked(), self._row(person_id)
        before = Rights(Role(row.role), row.rep_id, row.administers)
        if rights == before:
            return Person.of(row)
        if not rights.administers:
            self._must_not_be_last(row)
        row.role, row.rep_id, row.administers = rights.role.value, rights.rep_id, rights.administers
        Audit(self._work).record(by, "person_change", of_person(person_id), before=_told(before), after=_told(rights))
        Sessions(self._work).end_all(person_id, by, keep=keep_session)
        return self._flushed(row)

    def set_preferences(self, person_id: int, by: Actor, *, name: str | None = None, language: str | None = None, theme: str | None = None,
                        home: str | None = None) -> Person:
        """Changes what is a person's own affair; None leaves as it is, an empty language or home is that of the browser or of the rep."""
        row, changed = self._row(person_id), dict[str, Any]()
        if name is not None:
            changed["name"] = read_name(name)
        if language is not None:
            changed["language"] = known(language) if language else None
        if theme is not None:
            changed["theme"] = _one_of(Theme, "theme", theme)
        if home is not None:
            changed["home"] = _one_of(Home, "home", home) if home else None
        changed = {key: value for key, value in changed.items() if getattr(row, key) != value}
        for key, value in changed.items():
            setattr(row, key, value)
        if changed:
            Audit(self._work).record(by, "person_change", of_person(person_id), **changed)
        return self._flushed(row)

    def set_password(self, person_id: int, kept: str, by: Actor, *, keep_session: int | None = None,
                     action: str = "password_change") -> None:
        """Sets what is kept of a person's new password; their other sessions end, and so does what locked them out."""
        row = self._row(person_id)
        row.password = kept
        Audit(self._work).record(by, action, of_person(person_id))
        Sessions(self._work).end_all(person_id, by, keep=keep_session)
        self._work.rows.execute(delete(FailureRow).where(FailureRow.email == row.email))

    def deactivate(self, person_id: int, by: Actor) -> Person:
        """Lets a person in no more: their sessions, tokens and links end at once. Refusal for the last administrator."""
        row = self._row(person_id)
        if row.active:
            self._must_not_be_last(row)
            row.active = False
            Audit(self._work).record(by, "person_deactivate", of_person(person_id))
            Sessions(self._work).end_all(person_id, by)
            Tokens(self._work).end_all(person_id, by)
            self._work.rows.execute(delete(LinkRow).where(LinkRow.person_id == person_id, LinkRow.used.is_(None)))
        return self._flushed(row)

    def activate(self, person_id: int, by: Actor) -> Person:
        """Lets a person in again, by the password they had."""
        row = self._row(person_id)
        if not row.active:
            row.active = True
            Audit(self._work).record(by, "person_activate", of_person(person_id))
        return self._flushed(row)

    def _must_not_be_last(self, row: PersonRow) -> None:
        """Refusal where nobody else is left who administers and is able to sign in."""
        can_enter = PersonRow.password.is_not(None) | exists().where(IdentityRow.person_id == PersonRow.id)
        others = self._work.rows.scalar(select(func.count()).select_from(PersonRow).where(
            PersonRow.id != row.id, PersonRow.active, PersonRow.administers, can_enter))
        if row.administers and not others:
            raise Refusal("last_administrator")

    def _row(self, person_id: int) -> PersonRow:
        row = self._work.rows.get(PersonRow, person_id)
        if row is None:
            raise Refusal("no_person")
        return row

    def _flushed(self, row: PersonRow) -> Person:
        self._work.rows.flush()
        return Person.of(row)


def _told(rights: Rights) -> dict[str, Any]:
    return {"role": rights.role.value, "rep_id": rights.rep_id, "administers": rights.administers}


def _one_of(kind: type[Theme] | type[Home], name: str, value: str) -> str:
    if value not in set(kind):
        raise Refusal("choice", name=name, choices=", ".join(kind))
    return value
