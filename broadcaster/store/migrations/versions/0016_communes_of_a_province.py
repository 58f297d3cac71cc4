"""Communes of a province, told apart by their folders"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column(
        "commune", sa.Column("key", sa.String(length=200), nullable=False, server_default="")
    )
    # There has been one commune to a database; any other was put there by hand.
    op.execute("UPDATE commune SET key = 'xa-' || id WHERE id > (SELECT min(id) FROM commune)")
    op.create_index("uq_commune_key", "commune", ["key"], unique=True)
    op.drop_index("ix_station_changed", "station")
    op.create_index("ix_station_changed", "station", ["commune_id", "changed"])
