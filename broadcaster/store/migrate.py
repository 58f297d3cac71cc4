"""Bring a database to the newest schema: one chain of migrations for SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from broadcaster.errors import Unavailable
from broadcaster.store.database import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(database: Database) -> None:
    """Run what is missing; interrupted, it is simply run again. Refuses a newer schema."""
    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with database.write() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise Unavailable(
                "Cơ sở dữ liệu thuộc phiên bản Broadcaster mới hơn. Hãy cập nhật chương trình.",
                "The database is of a newer Broadcaster. Update the program.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
