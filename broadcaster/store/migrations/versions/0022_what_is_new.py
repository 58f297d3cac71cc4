"""What is new is found without reading all that is old"""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_index("ix_rule_created_at", "rule", ["created_at"])
    op.create_index("ix_approval_decided_at", "approval", ["decided_at"])
