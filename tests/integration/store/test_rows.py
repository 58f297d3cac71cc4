"""What is there already is told from what is new, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.domain.people import Role
from broadcaster.errors import Conflict
from broadcaster.store import people
from broadcaster.store.database import Database, file_url
from broadcaster.store.migrate import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    sqlite = request.param == "sqlite"
    url = file_url(tmp_path / "test.db") if sqlite else request.getfixturevalue("postgres_url")
    found = Database(url)
    upgrade(found)
    yield found
    found.close()


def test_a_name_is_taken_once_and_the_second_try_says_so(database: Database) -> None:
    with database.write() as connection:
        owner = people.the_commune(connection, "xã Bình Minh")
        people.create(connection, owner, "rows-lan", "Nguyễn Thị Lan", [Role.OPERATOR])
        with pytest.raises(Conflict):
            people.create(connection, owner, "rows-lan", "Trần Thị Lan", [Role.OPERATOR])
        assert people.by_name(connection, owner, "rows-lan").full_name == "Nguyễn Thị Lan"
