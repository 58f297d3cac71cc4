"""Where a commune has gone, from what it is being filled, and how its log is sealed"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "commune", sa.Column("moved_to", sa.String(length=200), nullable=False, server_default="")
    )
    op.add_column("commune", sa.Column("sealed_as", sa.Integer(), nullable=True))
    op.add_column("commune", sa.Column("incoming", sa.JSON(none_as_null=True), nullable=True))
