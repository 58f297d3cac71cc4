"""Find the stations whose plan is to be made anew by an index of these few"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    outdated = sa.text("changed != built")
    op.create_index(
        "ix_station_outdated", "station", ["id"], sqlite_where=outdated, postgresql_where=outdated
    )
    op.drop_index("ix_station_changed", table_name="station")


def downgrade() -> None:
    op.create_index("ix_station_changed", "station", ["commune_id", "changed"])
    op.drop_index("ix_station_outdated", table_name="station")
