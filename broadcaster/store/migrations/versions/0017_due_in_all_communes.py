"""Find what is due in all communes at once"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_IS_DUE = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    _again(["next_at"])


def downgrade() -> None:
    _again(["commune_id", "next_at"])


def _again(columns: list[str]) -> None:
    op.drop_index("ix_delivery_next", table_name="delivery")
    op.create_index(
        "ix_delivery_next", "delivery", columns, sqlite_where=_IS_DUE, postgresql_where=_IS_DUE
    )
