"""Count what nobody knows the outcome of by an index of these few"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
_UNKNOWN = sa.text("state = 'unknown'")


def upgrade() -> None:
    op.create_index(
        "ix_delivery_unknown",
        "delivery",
        ["priority"],
        sqlite_where=_UNKNOWN,
        postgresql_where=_UNKNOWN,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_unknown", table_name="delivery")
