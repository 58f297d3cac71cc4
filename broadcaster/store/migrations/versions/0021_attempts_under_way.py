"""Find the attempts that are under way, whoever makes them"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_UNDER_WAY = sa.text("state = 'sending' AND channel != 'loudspeaker'")


def upgrade() -> None:
    op.create_index(
        "ix_delivery_under_way",
        "delivery",
        ["owner"],
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_under_way", table_name="delivery")
