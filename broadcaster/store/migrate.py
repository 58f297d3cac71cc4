"""Bring a database to the newest schema: one chain of migrations for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from broadcaster.errors import Unavailable
from broadcaster.store.database import Database

_PATIENCE_MS = 600_000
"""A large log takes minutes to change."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@contextmanager
def _waiting(database: Database) -> Iterator[Database]:
    """The same one, for a writer that may have to wait for all of somebody else's migration."""
    patient = Database(database.url, patience_ms=_PATIENCE_MS)
    try:
        yield patient
    finally:
        patient.close()


def upgrade(database: Database, to: str = "head") -> None:
    """Run what is missing, in one transaction: interrupted, it is simply run again.

    Of several that do so at once one works and the others wait for it. Refuses a newer schema.
    `to`: an older version, for rows that were written by it.
    """
    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with _waiting(database) as patient, patient.write() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise Unavailable(
                "Cơ sở dữ liệu thuộc phiên bản Broadcaster mới hơn. Hãy cập nhật chương trình.",
                "The database is of a newer Broadcaster. Update the program.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, to)
