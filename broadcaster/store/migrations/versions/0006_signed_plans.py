"""What a station's plan was made from, and what stations refuse to play"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in (
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("built", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("basis", sa.String(length=200), server_default="", nullable=False),
        sa.Column("mute_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mute_reason", sa.String(length=200), server_default="", nullable=False),
    ):
        op.add_column("station", column)
    op.create_index("ix_station_changed", "station", ["changed"])
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=200), nullable=False),
        sa.Column("station", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_id"], ["commune.id"], name=op.f("fk_incident_commune_id_commune")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("entry", name=op.f("uq_incident_entry")),
    )
    op.create_index("ix_incident_station", "incident", ["commune_id", "station"])
