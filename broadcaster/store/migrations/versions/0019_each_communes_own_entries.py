"""What stations tell is told apart by commune"""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for table in ("as_run", "incident"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(f"uq_{table}_entry", type_="unique")
            batch.create_unique_constraint(f"uq_{table}_commune_id", ["commune_id", "entry"])
    op.drop_index("ix_as_run_delivery_uid", "as_run")
    op.create_index("ix_as_run_delivery_uid", "as_run", ["commune_id", "delivery_uid"])
    op.drop_index("ix_event_subject", "event")
    op.create_index("ix_event_subject", "event", ["commune_id", "subject"])
