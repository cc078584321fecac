"""The tables of the state: who may come in, what they keep, and what was done. Instants are stored in UTC, secrets only as digests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
         "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}


class Instant(sa.TypeDecorator[datetime]):
    """An instant with its zone in Python; without, in UTC, in the database, so that every database compares it alike."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The UTC clock time of an instant; ValueError for one without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The instant of a UTC clock time."""
        return None if value is None else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """What all tables share: how constraints are named, and which types instants and JSON have."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, str: Text, dict[str, Any]: sa.JSON}


class PersonRow(Table):
    """A person who may sign in. Never deleted, so that the log stays readable: `active` says whether they still may."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint("role IN ('executive', 'manager', 'rep', 'analyst', 'administrator')", name="role"),
                      CheckConstraint("home IN ('ae', 'sdr', 'am', 'field')", name="home"),
                      CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # folded to lower case: two spellings are one person
    name: Mapped[str]
    password: Mapped[str | None]
    role: Mapped[str]
    administers: Mapped[bool] = mapped_column(server_default=sa.false())
    rep_id: Mapped[str | None]
    home: Mapped[str | None]
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(server_default="auto")
    active: Mapped[bool] = mapped_column(server_default=sa.true())
    created: Mapped[datetime]


class SessionRow(Table):
    """A browser in which a person signed in."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created: Mapped[datetime]
    used: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]
    address: Mapped[str]
    browser: Mapped[str]


class LinkRow(Table):
    """A link that lets somebody in once: for the first start (then of no person yet), an invitation, or a forgotten password."""

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("purpose IN ('setup', 'invitation', 'reset')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created: Mapped[datetime]
    expires: Mapped[datetime]
    used: Mapped[datetime | None]


class FailureRow(Table):
    """An attempt to sign in that has not succeeded, by e-mail, whether that e-mail is known or not."""

    __tablename__ = "failures"
    __table_args__ = (Index(None, "email", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    at: Mapped[datetime]


class AuditRow(Table):
    """What was done, by whom, from where. Rows are only ever added; the database itself refuses to change or delete one."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "person_id", "id"), Index(None, "action", "id"), Index(None, "subject", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    address: Mapped[str]


class RuleRow(Table):
    """A rule of access that an administrator set; one that is absent has its default."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(sa.JSON)


class IdentityRow(Table):
    """A person as a sign-in provider (OpenID Connect) knows them."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    created: Mapped[datetime]


class TokenRow(Table):
    """A key with which a program asks as its person."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]  # words with spaces between
    created: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]
    used: Mapped[datetime | None]


class ViewRow(Table):
    """A page that a person keeps under a name: its address, with the filters in it."""

    __tablename__ = "views"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str]
    address: Mapped[str]
    shared: Mapped[bool]
    created: Mapped[datetime]
    changed: Mapped[datetime]


class TagRow(Table):
    """One word on a reply: a person's (a tag), or (no person) that of a source that has brought its own since. Rows are only added: the
    latest of a person counts, where the source is silent."""

    __tablename__ = "reply_tags"
    __table_args__ = (CheckConstraint("sentiment IN ('positive', 'negative', 'neutral')", name="sentiment"),
                      Index(None, "activity_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[str]
    sentiment: Mapped[str | None]  # None: a tag was taken back
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


class RunRow(Table):
    """One reading of a connected system. While `outcome` is empty it goes on, or was killed, which the next one finds."""

    __tablename__ = "sync_runs"
    __table_args__ = (CheckConstraint("outcome IN ('done', 'failed', 'interrupted')", name="outcome"), Index(None, "connection", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    connection: Mapped[str]
    scheduled: Mapped[bool]
    began: Mapped[datetime]
    ended: Mapped[datetime | None]
    outcome: Mapped[str | None]
    load: Mapped[str | None]  # the generation in force afterwards
    new: Mapped[int | None]   # rows, as the others
    changed: Mapped[int | None]
    gone: Mapped[int | None]
    aside: Mapped[int | None]
    error: Mapped[str | None]


class VerdictRow(Table):
    """What a person decided of two records of one entity, by their ids: the same, apart, or (undone) open. Rows are only added: the latest
    of a pair counts, whichever of the two stands first."""

    __tablename__ = "identity_verdicts"
    __table_args__ = (CheckConstraint("verdict IN ('same', 'apart', 'open')", name="verdict"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str]
    left_id: Mapped[str]
    right_id: Mapped[str]
    verdict: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: from the command line
    at: Mapped[datetime]
