"""Exceptions to the policy; how far each announcement has been planned"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("limit", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name="fk_waiver_announcement_id_announcement"
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"], ["commune.id"], name="fk_waiver_commune_id_commune"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_waiver"),
    )
    op.create_index("ix_waiver_announcement", "waiver", ["announcement_id"])
    op.create_table(
        "plan_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name="fk_plan_mark_announcement_id_announcement",
        ),
        sa.ForeignKeyConstraint(
            ["commune_id"], ["commune.id"], name="fk_plan_mark_commune_id_commune"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_mark"),
        sa.UniqueConstraint("announcement_id", name="uq_plan_mark_announcement_id"),
    )


def downgrade() -> None:
    op.drop_table("plan_mark")
    op.drop_table("waiver")
