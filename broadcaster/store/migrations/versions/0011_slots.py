"""Slots, and the deliveries that they moved away from their rule's instant"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("start", sa.Time(), nullable=False),
        sa.Column("end", sa.Time(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["commune_id"], ["commune.id"], name="fk_slot_commune_id_commune"),
        sa.PrimaryKeyConstraint("id", name="pk_slot"),
    )
    op.create_index(
        "uq_slot_key",
        "slot",
        ["commune_id", "key"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    # Plain columns: SQLite would write the whole table anew for a foreign key.
    op.add_column("rule", sa.Column("slot_id", sa.Integer(), nullable=True))
    op.add_column("delivery", sa.Column("occurs_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delivery", sa.Column("slot_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "slot_id")
    op.drop_column("delivery", "occurs_at")
    op.drop_column("rule", "slot_id")
    op.drop_table("slot")
