"""Dates added to and left out of rules; days off; mandatory publicity"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("rule", sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"))
    for name in ("added", "skipped", "avoids"):
        op.add_column("rule", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "holiday",
        *_owned("holiday"),
        sa.Column("day", sa.Date(), nullable=False),
        *_words("name", "key", "source", "person"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("commune_id", "day", name=op.f("uq_holiday_commune_id")),
    )
    op.create_table(
        "publicity",
        *_owned("publicity"),
        _announcement("publicity"),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("villages", sa.JSON(), nullable=False),
        *_words("person"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("announcement_id", name=op.f("uq_publicity_announcement_id")),
    )
    op.create_table(
        "publicity_confirmation",
        *_owned("publicity_confirmation"),
        _announcement("publicity_confirmation"),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        *_words("village", "person"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "announcement_id", "village", name=op.f("uq_publicity_confirmation_announcement_id")
        ),
    )


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_id"], ["commune.id"], name=op.f(f"fk_{table}_commune_id_commune")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _announcement(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["announcement_id"],
        ["announcement.id"],
        name=op.f(f"fk_{table}_announcement_id_announcement"),
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=200), nullable=False) for name in names]
