"""People as a sign-in provider knows them, keys for programs, and saved views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False), sa.Column("subject", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer_subject")))
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False), sa.Column("digest", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False), sa.Column("expires", sa.DateTime, nullable=False),
        sa.Column("ended", sa.DateTime), sa.Column("used", sa.DateTime),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")), sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")))
    op.create_index(op.f("ix_tokens_person_id"), "tokens", ["person_id"])
    op.create_table(
        "views",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False), sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False), sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False), sa.Column("changed", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_views_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")), sa.UniqueConstraint("slug", name=op.f("uq_views_slug")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_views_person_id_name")))
