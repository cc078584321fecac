"""Runs: when connected systems were read, and how that went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("connection", sa.Text, nullable=False), sa.Column("scheduled", sa.Boolean, nullable=False),
        sa.Column("began", sa.DateTime, nullable=False), sa.Column("ended", sa.DateTime), sa.Column("outcome", sa.Text),
        sa.Column("load", sa.Text), sa.Column("new", sa.Integer), sa.Column("changed", sa.Integer), sa.Column("gone", sa.Integer),
        sa.Column("aside", sa.Integer), sa.Column("error", sa.Text),
        sa.CheckConstraint("outcome IN ('done', 'failed', 'interrupted')", name=op.f("ck_sync_runs_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")))
    op.create_index(op.f("ix_sync_runs_connection_id"), "sync_runs", ["connection", "id"])
