"""Tags of replies; and the log may lose lines that are older than the rule `log_days` says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

# The rule is JSON: a whole number of days, 0 or absent for ever.
_KEEP_SQLITE = (
    "DROP TRIGGER audit_no_DELETE",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    "WHEN NOT EXISTS (SELECT 1 FROM settings WHERE name = 'log_days' AND CAST(value AS INTEGER) > 0 "
    "AND OLD.at < datetime('now', '-' || CAST(value AS INTEGER) || ' days')) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END")
_KEEP_POSTGRESQL = (
    "DROP TRIGGER audit_keep ON audit", "DROP TRIGGER IF EXISTS audit_keep_days ON audit",
    "CREATE TRIGGER audit_keep BEFORE UPDATE OR TRUNCATE ON audit EXECUTE FUNCTION audit_keep()",
    "CREATE OR REPLACE FUNCTION audit_keep_days() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF EXISTS (SELECT 1 FROM settings WHERE name = 'log_days' AND (value #>> '{}')::integer > 0 "
    "AND OLD.at < (now() AT TIME ZONE 'UTC') - make_interval(days => (value #>> '{}')::integer)) THEN RETURN OLD; END IF; "
    "RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'check_violation'; END $$",
    "CREATE TRIGGER audit_keep_days BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keep_days()")


def upgrade() -> None:
    """Makes the table, and has the database itself refuse to shorten the log by more than the rule says."""
    op.create_table(
        "reply_tags",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("activity_id", sa.Text, nullable=False), sa.Column("sentiment", sa.Text), sa.Column("person_id", sa.Integer),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.CheckConstraint("sentiment IN ('positive', 'negative', 'neutral')", name=op.f("ck_reply_tags_sentiment")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reply_tags_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_tags")))
    op.create_index(op.f("ix_reply_tags_activity_id_id"), "reply_tags", ["activity_id", "id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _KEEP_SQLITE if sqlite else _KEEP_POSTGRESQL:
        op.execute(statement)
