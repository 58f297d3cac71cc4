"""The chain of migrations makes exactly the tables of the program, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import commune
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import KINDS, Shelf, fresh_url
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from broadcaster.bootstrap import connect
from broadcaster.errors import Unavailable
from broadcaster.store import migrate, people
from broadcaster.store.database import Database, check_version
from broadcaster.store.migrate import upgrade
from broadcaster.store.schema import VERSION, metadata


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh_url(request.param, tmp_path, request)


@pytest.fixture
def empty(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def migrated(empty: Database) -> Database:
    upgrade(empty)
    return empty


def set_version(database: Database, version: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def index_conditions(connection: Connection) -> set[str]:
    """Every index as the database itself writes it; Alembic does not compare conditions."""
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    rows = connection.scalars(text(query))
    return {" ".join(row.split()) for row in rows if "alembic" not in row}


def test_the_newest_migration_is_the_version_that_the_program_asks_for() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [VERSION]


def test_the_migrated_database_does_not_differ_from_the_tables_in_code(migrated: Database) -> None:
    with migrated.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_difference_would_be_found(migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(text("ALTER TABLE person ADD COLUMN extra INTEGER"))
    with migrated.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert len(compare_metadata(context, metadata)) == 1


def test_every_index_has_the_condition_that_stands_in_code(migrated: Database) -> None:
    with migrated.write() as connection:
        made = index_conditions(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        meant = index_conditions(connection)
    assert made == meant
    assert sum(" WHERE " in row for row in made) == 10


def test_a_second_upgrade_changes_nothing(migrated: Database) -> None:
    with migrated.write() as connection:
        kept = Shelf(connection)
    upgrade(migrated)
    check_version(migrated)
    with migrated.read() as connection:
        assert people.commune_id(connection) == kept.commune_id


def test_an_upgrade_that_fails_leaves_nothing_and_can_be_run_again(empty: Database) -> None:
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE stop (id INTEGER)"))
    with pytest.raises((Unavailable, DatabaseError)):
        upgrade(empty)
    with empty.write() as connection:
        assert inspect(connection).get_table_names() == ["stop"]
        connection.execute(text("DROP TABLE stop"))
    upgrade(empty)
    check_version(empty)


def test_a_database_of_a_newer_program_is_neither_used_nor_changed(migrated: Database) -> None:
    set_version(migrated, "9999")
    with pytest.raises(Unavailable, match=r"mới hơn\. Hãy cập nhật chương trình"):
        upgrade(migrated)
    with pytest.raises(Unavailable, match=r"phiên bản 9999.*cập nhật chương trình"):
        check_version(migrated)
    with migrated.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_an_empty_database_says_broadcaster_init(empty: Database) -> None:
    with pytest.raises(Unavailable, match="Hãy chạy: broadcaster init"):
        check_version(empty)


def test_a_database_that_was_left_before_its_first_version_says_broadcaster_init(
    migrated: Database,
) -> None:
    with migrated.write() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(Unavailable, match=r"chưa được tạo.*broadcaster init"):
        check_version(migrated)


@pytest.mark.parametrize("folder", ["data", "elsewhere"])
def test_a_missing_file_says_broadcaster_init(tmp_path: Path, folder: str) -> None:
    commune.write_settings(tmp_path, commune.NOWHERE)
    (tmp_path / folder).mkdir()
    with pytest.raises(Unavailable, match="broadcaster init"):
        connect(tmp_path, {})


def test_a_column_of_another_version_says_broadcaster_init(migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(text("ALTER TABLE commune RENAME COLUMN name TO called"))
    with pytest.raises(Unavailable, match="broadcaster init"), migrated.read() as connection:
        people.the_commune(connection, "xã Bình Minh")


def test_a_server_that_is_not_there_is_said_in_vietnamese(tmp_path: Path) -> None:
    gone = f"postgresql+psycopg://broadcaster:mat-khau@/broadcaster?host={tmp_path}"
    database = Database(gone)
    with pytest.raises(Unavailable, match="Không dùng được cơ sở dữ liệu") as told:
        check_version(database)
    assert "mat-khau" not in str(told.value.text)
    database.close()
