"""Withdrawals and corrections"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TAKES_THE_TIME = sa.text("state != 'cancelled' AND action != 'withdraw'")
_TOOK_THE_TIME = sa.text("state != 'cancelled'")
_WITHDRAWS = sa.text(
    "action = 'withdraw' AND state IN ('planned', 'sending', 'unknown', 'confirmed')"
)
_IS_DUE = sa.text("next_at IS NOT NULL")
_TARGET_TIME = ["announcement_id", "target", "due_at"]


def upgrade() -> None:
    op.add_column("announcement", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    reason = sa.Column("withdrawn_reason", sa.Text(), nullable=False, server_default="")
    op.add_column("announcement", reason)
    action = sa.Column("action", sa.String(length=200), nullable=False, server_default="post")
    op.add_column("delivery", action)
    op.add_column("delivery", sa.Column("about_id", sa.Integer(), nullable=True))
    op.drop_index("uq_delivery_target_time", table_name="delivery")
    _index("uq_delivery_target_time", _TARGET_TIME, _TAKES_THE_TIME, unique=True)
    _index("uq_delivery_withdrawal", ["about_id"], _WITHDRAWS, unique=True)
    op.drop_index("ix_delivery_next", table_name="delivery")
    _index("ix_delivery_next", ["commune_id", "next_at"], _IS_DUE, unique=False)


def downgrade() -> None:
    for name in ("ix_delivery_next", "uq_delivery_withdrawal", "uq_delivery_target_time"):
        op.drop_index(name, table_name="delivery")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("about_id")
        batch_op.drop_column("action")
    _index("uq_delivery_target_time", _TARGET_TIME, _TOOK_THE_TIME, unique=True)
    _index("ix_delivery_next", ["next_at"], _IS_DUE, unique=False)
    with op.batch_alter_table("announcement", schema=None) as batch_op:
        batch_op.drop_column("withdrawn_reason")
        batch_op.drop_column("withdrawn_at")


def _index(name: str, columns: list[str], where: sa.TextClause, *, unique: bool) -> None:
    op.create_index(
        name, "delivery", columns, unique=unique, sqlite_where=where, postgresql_where=where
    )
