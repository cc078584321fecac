"""What people decided of who is who in several systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "identity_verdicts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("entity", sa.Text, nullable=False), sa.Column("left_id", sa.Text, nullable=False),
        sa.Column("right_id", sa.Text, nullable=False), sa.Column("verdict", sa.Text, nullable=False), sa.Column("person_id", sa.Integer),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.CheckConstraint("verdict IN ('same', 'apart', 'open')", name=op.f("ck_identity_verdicts_verdict")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identity_verdicts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_verdicts")))
