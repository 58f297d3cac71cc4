"""From where, and a seal over each record of the log and the one before"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for name in ("origin", "prior", "seal"):
        column = sa.Column(name, sa.String(length=200), nullable=False, server_default="")
        op.add_column("event", column)
    op.create_index("ix_event_commune_id", "event", ["commune_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_event_commune_id", "event")
    with op.batch_alter_table("event", schema=None) as batch_op:
        for name in ("seal", "prior", "origin"):
            batch_op.drop_column(name)
