"""One planner at a time; whoever loses its line stops, comes back, and waits for its turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commune import found
from databases import fresh_url
from province_processes import until
from provinces import Land
from sqlalchemy import text

from broadcaster.bootstrap import connect_all
from broadcaster.common_clock import CommonClock
from broadcaster.errors import Unavailable
from broadcaster.server.presence import Presence
from broadcaster.server.roles import serve
from broadcaster.services.communes import Communes
from broadcaster.store.database import Database
from broadcaster.store.session import PLANNER, number_of


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with closing(Database(fresh_url("postgresql", tmp_path, request))) as opened:
        yield opened


def cut_the_line_of_the_planner(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND classid = :kind AND granted"
            ),
            {"kind": PLANNER},
        )


def test_a_planner_that_loses_its_line_is_replaced_and_stays_known_as_alive(
    database: Database,
) -> None:
    with ExitStack() as stack:
        first, second = (Presence(database, owner, plans=True) for owner in ("a", "b"))
        for one in (first, second):
            one.start()
            stack.callback(one.stop)
        assert (first.leads, second.leads) == (True, False)
        cut_the_line_of_the_planner(database)
        until(lambda: second.leads, 10)
        until(lambda: second.others == {number_of("a"), number_of("b")}, 5)
        assert not first.leads
        assert first.here
        second.stop()
        until(lambda: first.leads, 5)


def test_a_machine_five_minutes_off_goes_by_the_databases_clock(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with closing(Land(tmp_path, fresh_url("postgresql", tmp_path, request))) as land:
        land.commune("an-binh")
        off = timedelta(minutes=5)
        served = connect_all(tmp_path, {}, lambda: datetime.now(UTC) + off)
        (xa,) = served.every()
        assert isinstance(served.clock, CommonClock)
        assert abs(served.clock.off_by - off) < timedelta(seconds=1)
        for clock in (served.clock, xa.clock):
            assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=1)
        served.database.close()


def test_a_server_that_shares_nothing_is_not_begun_beside_another(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """It would give up what that one is sending; a folder of its own tells it nothing of that."""
    xa = found(tmp_path, database_url=fresh_url("postgresql", tmp_path, request))
    other = Presence(xa.context.database, "another machine", plans=False)
    other.start()
    communes = Communes.only(xa.context)
    with pytest.raises(Unavailable, match="Đang có tiến trình khác phục vụ cơ sở dữ liệu này"):
        serve(communes, None, lambda _: pytest.fail("it has begun"))
    other.stop()
    alone = Presence(xa.context.database, communes.owner, plans=False)
    until(alone.alone, 5)
    alone.stop()
    xa.context.database.close()
