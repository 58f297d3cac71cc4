"""Writers of one commune follow each other; on PostgreSQL those of several write at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest
from databases import KINDS, Shelf, fresh_url

from broadcaster.errors import Unavailable
from broadcaster.store import announcements, events, people, stations
from broadcaster.store.database import Database
from broadcaster.store.migrate import upgrade

HASTY_MS = 50


@pytest.fixture(params=KINDS, scope="module")
def province(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    url = fresh_url(request.param, tmp_path_factory.mktemp("province"), request)
    with closing(Database(url, patience_ms=HASTY_MS)) as found:
        upgrade(found)
        with found.write() as connection:
            for key in ("an-binh", "binh-minh"):
                number = people.the_commune(connection, key, key)
                stations.enroll(connection, number, "loa", f"{key}-token")
        yield found


@pytest.fixture
def other(province: Database) -> Iterator[Database]:
    """Another process."""
    with closing(Database(province.url, patience_ms=HASTY_MS)) as found:
        yield found


at_once = pytest.mark.parametrize("province", ["postgresql"], indirect=True, scope="module")
"""SQLite has one writer at a time, whoever it is."""


@at_once
def test_two_communes_write_at_once_and_both_count_and_seal_for_themselves(
    province: Database,
) -> None:
    with ExitStack() as both:
        shelves = [
            Shelf(both.enter_context(province.of(number).write()), key=key)
            for number, key in ((1, "an-binh"), (2, "binh-minh"))
        ]
        for shelf in shelves:
            stations.touch(shelf.connection, shelf.commune_id)
            events.note(
                shelf.connection, shelf.commune_id, "lan", "x", "y", shelf.announcement.created_at
            )
    with province.read() as connection:
        for number in (1, 2):
            assert [one.number for one in announcements.every(connection, number)] == [1]
            chain = events.verify(connection, number)
            assert (chain.records, chain.broken) == (1, None)


def test_a_second_writer_of_the_same_commune_waits(province: Database, other: Database) -> None:
    with (
        province.of(1).write(),
        pytest.raises(Unavailable, match="đang bận quá lâu"),
        other.of(1).write(),
    ):
        pytest.fail("two writers of one commune at once")


def test_what_writes_the_whole_database_waits_for_every_commune_and_they_for_it(
    province: Database, other: Database
) -> None:
    with (
        province.of(2).write(),
        pytest.raises(Unavailable, match="đang bận quá lâu"),
        other.write(),
    ):
        pytest.fail("a commune was being written")
    with province.write(), pytest.raises(Unavailable), other.of(1).write():
        pytest.fail("the whole database was being written")


@at_once
def test_no_wake_up_is_lost_when_communes_touch_their_stations_at_once(
    province: Database,
) -> None:
    """The first one commits after a reader has seen the second one's change."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for number in (1, 2):
        with province.of(number).write() as connection:
            (loa,) = stations.every(connection, number)
            stations.built(connection, loa, 1, "d", "b", now)
    with province.of(1).write() as first:
        stations.touch(first, 1)
        with province.of(2).write() as second:
            stations.touch(second, 2)
        with province.read() as connection:
            assert stations.outdated(connection) == [2]
    with province.read() as connection:
        assert sorted(stations.outdated(connection)) == [1, 2]
