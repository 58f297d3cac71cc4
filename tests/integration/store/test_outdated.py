"""A program that is older than its database, or whose commune has moved, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import KINDS, NOW, Shelf, migrated
from sqlalchemy import text

from broadcaster.errors import Outdated, Unavailable
from broadcaster.server.current import Current
from broadcaster.store import events, moves, people
from broadcaster.store.database import Database


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = migrated(request.param, tmp_path, request)
    yield opened
    opened.close()


@pytest.fixture
def commune_id(database: Database) -> int:
    with database.write() as connection:
        return Shelf(connection).commune_id


def bring_up(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def note(database: Database, commune_id: int) -> None:
    with database.of(commune_id).write() as connection:
        events.note(connection, commune_id, "lan", "a.b", "x", NOW)


def test_a_process_from_before_an_upgrade_writes_nothing_after_it(
    database: Database, commune_id: int
) -> None:
    note(database, commune_id)
    bring_up(database)
    with pytest.raises(Outdated, match=r"9999, mới hơn.*Hãy cập nhật chương trình"):
        note(database, commune_id)
    with database.read() as connection:
        assert events.verify(connection, commune_id).records == 1


def test_a_server_notices_an_upgrade_by_itself(database: Database) -> None:
    current = Current(database, every_s=0)
    current.look()
    bring_up(database)
    with pytest.raises(Outdated, match="mới hơn chương trình này") as told:
        current.look()
    assert told.value.exit_code == 1


def test_a_server_whose_database_is_away_goes_on_waiting(tmp_path: Path) -> None:
    away = Database(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
    Current(away, every_s=0).look()
    away.close()


def test_a_commune_that_has_moved_away_is_neither_served_nor_written(
    database: Database, commune_id: int
) -> None:
    with database.write() as connection:
        moves.close(connection, commune_id, "postgresql://may-chu/tinh#an-binh")
    with pytest.raises(Unavailable, match="đã chuyển sang postgresql://may-chu/tinh#an-binh"):
        note(database, commune_id)
    with database.read() as connection:
        assert people.communes(connection) == []
        with pytest.raises(Unavailable, match="đã chuyển sang"):
            people.commune_id(connection)
