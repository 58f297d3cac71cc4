"""Category, number of the paper and texts of single targets, for a revision"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    word = sa.String(length=200)
    for column in (
        sa.Column("category", word, nullable=False, server_default="thong-bao-chung"),
        sa.Column("document_number", word, nullable=False, server_default=""),
        sa.Column("overrides", sa.JSON(), nullable=False, server_default="{}"),
    ):
        op.add_column("revision", column)


def downgrade() -> None:
    with op.batch_alter_table("revision", schema=None) as batch_op:
        for name in ("overrides", "document_number", "category"):
            batch_op.drop_column(name)
