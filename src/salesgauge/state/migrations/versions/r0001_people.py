"""People, their sessions and links, failed attempts, the log, and the rules of access."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

_KEEP_SQLITE = "CREATE TRIGGER audit_no_{0} BEFORE {0} ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
_KEEP_POSTGRESQL = (
    "CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'check_violation'; END $$",
    "CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_keep()")


def upgrade() -> None:
    """Makes the tables, and has the database itself refuse to change the log."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("email", sa.Text, nullable=False), sa.Column("name", sa.Text, nullable=False),
        sa.Column("password", sa.Text), sa.Column("role", sa.Text, nullable=False),
        sa.Column("administers", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("rep_id", sa.Text), sa.Column("home", sa.Text), sa.Column("language", sa.Text),
        sa.Column("theme", sa.Text, nullable=False, server_default="auto"),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()), sa.Column("created", sa.DateTime, nullable=False),
        sa.CheckConstraint("role IN ('executive', 'manager', 'rep', 'analyst', 'administrator')", name=op.f("ck_people_role")),
        sa.CheckConstraint("home IN ('ae', 'sdr', 'am', 'field')", name=op.f("ck_people_home")),
        sa.CheckConstraint("theme IN ('auto', 'light', 'dark')", name=op.f("ck_people_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")), sa.UniqueConstraint("email", name=op.f("uq_people_email")))
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False), sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("used", sa.DateTime, nullable=False), sa.Column("expires", sa.DateTime, nullable=False), sa.Column("ended", sa.DateTime),
        sa.Column("address", sa.Text, nullable=False), sa.Column("browser", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")), sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")))
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"])
    op.create_table(
        "links",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False), sa.Column("person_id", sa.Integer),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False), sa.Column("used", sa.DateTime),
        sa.CheckConstraint("purpose IN ('setup', 'invitation', 'reset')", name=op.f("ck_links_purpose")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_links_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")), sa.UniqueConstraint("digest", name=op.f("uq_links_digest")))
    op.create_index(op.f("ix_links_person_id"), "links", ["person_id"])
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("email", sa.Text, nullable=False), sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failures")))
    op.create_index(op.f("ix_failures_email_at"), "failures", ["email", "at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False), sa.Column("person_id", sa.Integer),
        sa.Column("action", sa.Text, nullable=False), sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False), sa.Column("address", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_audit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")))
    for column in ("person_id", "action", "subject"):
        op.create_index(op.f(f"ix_audit_{column}_id"), "audit", [column, "id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in [_KEEP_SQLITE.format(deed) for deed in ("UPDATE", "DELETE")] if sqlite else _KEEP_POSTGRESQL:
        op.execute(statement)
    op.create_table("settings", sa.Column("name", sa.Text, nullable=False), sa.Column("value", sa.JSON, nullable=False),
                    sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")))
