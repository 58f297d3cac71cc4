"""Find an announcement's deliveries without reading all others of its outlets"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("ix_delivery_announcement", "delivery", ["announcement_id", "target"])


def downgrade() -> None:
    op.drop_index("ix_delivery_announcement", table_name="delivery")
