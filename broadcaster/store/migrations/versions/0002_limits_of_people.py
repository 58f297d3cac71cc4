"""Villages and categories that a person answers for"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        for name in ("villages", "categories"):
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        for name in ("categories", "villages"):
            batch_op.drop_column(name)
