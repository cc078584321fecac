"""A person who signs in: their role, and whose rows that lets them see."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.state.refusal import Refusal
from salesgauge.state.tables import PersonRow

NOBODY = Viewer(rep_id="")  # sees no rep's rows: an empty id is no id, in every table
_LONGEST_EMAIL, _LONGEST_NAME = 254, 200


class Role(StrEnum):
    """What of the business a person sees (docs/decisions/0010)."""

    EXECUTIVE = "executive"          # everything
    MANAGER = "manager"              # the rows of their reports and their own
    REP = "rep"                      # their own rows
    ANALYST = "analyst"              # everything, without the names of persons
    ADMINISTRATOR = "administrator"  # no rows: people, roles and the log only


class Home(StrEnum):
    """Which home page a rep has, where it shall not be that of their role in the table reps."""

    AE = "ae"
    SDR = "sdr"
    AM = "am"
    FIELD = "field"


class Theme(StrEnum):
    """Light or dark pages; `auto` as the person's device is set."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


OF_A_REP = (Role.MANAGER, Role.REP)  # roles that see nothing without the rep whose rows they are about


@dataclass(frozen=True)
class Person:
    """A person as they are now. `administers`: manages people, roles and settings; every administrator does, others may as well."""

    id: int
    email: str
    name: str
    role: Role
    administers: bool
    rep_id: str | None
    home: Home | None
    language: str | None
    theme: Theme
    active: bool
    created: datetime
    has_password: bool

    @property
    def names_hidden(self) -> bool:
        """Whether the names of persons are kept from them."""
        return self.role is Role.ANALYST

    @property
    def sees_business(self) -> bool:
        """Whether there are any pages of figures for them."""
        return self.role is not Role.ADMINISTRATOR

    @classmethod
    def of(cls, row: PersonRow) -> Person:
        """The person that a row of the database is about."""
        return cls(row.id, row.email, row.name, Role(row.role), row.administers, row.rep_id, Home(row.home) if row.home else None,
                   row.language, Theme(row.theme), row.active, row.created, row.password is not None)


def viewer_of(person: Person) -> Viewer:
    """Whose rows count for what a person asks. A manager or rep who is linked to no rep yet, and an administrator, see none."""
    if person.role in (Role.EXECUTIVE, Role.ANALYST):
        return EVERYTHING
    if person.role in OF_A_REP and person.rep_id:
        return Viewer(person.rep_id, reports=person.role is Role.MANAGER)
    return NOBODY


def read_email(typed: str) -> str:
    """An e-mail address as it is kept: without spaces around it, in lower case. Refusal for what cannot be one."""
    email = unicodedata.normalize("NFC", typed.strip()).casefold()
    local, at, domain = email.rpartition("@")
    plain = at and local and domain and "." in domain.strip(".") and not any(c.isspace() or not c.isprintable() for c in email)
    if not plain or len(email) > _LONGEST_EMAIL:
        raise Refusal("email", email=typed.strip()[:_LONGEST_EMAIL])
    return email


def read_name(typed: str) -> str:
    """A name, its spaces evened out; Refusal for an empty, overlong or unprintable one."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refusal("name", most=_LONGEST_NAME)
    return name
