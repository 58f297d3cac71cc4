"""What is due: emergencies first, no target hidden behind another's pile-up, one small read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commune import found
from databases import KINDS, NOW, Shelf, migrated
from sqlalchemy import Connection, event

from broadcaster.domain.announcement import Priority
from broadcaster.services import dispatching
from broadcaster.store import deliveries
from broadcaster.store.database import Database


def test_a_pile_up_on_one_target_hides_neither_the_others_nor_an_emergency(tmp_path: Path) -> None:
    xa = found(tmp_path)
    for n in range(60):
        number = xa.approved(("fanpage",), text=f"Tin {n}\nNội dung {n}.")
        xa.schedule(number, on="23/11/2026", at="09:00")
    late = xa.approved(("zalo",), text="Tin muộn\nNội dung.")
    xa.schedule(late, on="23/11/2026", at="09:30")
    urgent = xa.approved(("fanpage",), text="Bão\nBão khẩn cấp.", priority=Priority.EMERGENCY)
    xa.schedule(urgent, on="23/11/2026", at="09:45")
    xa.plan()
    xa.clock.move(hours=2)
    due = dispatching.due(xa.context.database, xa.clock())
    assert due[0].priority == Priority.EMERGENCY
    assert Counter(one.target for one in due) == {"fanpage": 6, "zalo": 1}


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = migrated(request.param, tmp_path, request)
    yield opened
    opened.close()


def fall_due(database: Database, count: int) -> None:
    """So many now, and as many an hour later."""
    with database.write() as connection:
        shelf = Shelf(connection)
        for at in (NOW, NOW + timedelta(hours=1)):
            times = [at + timedelta(microseconds=n) for n in range(count)]
            rows = [shelf.delivery(channel="website", due_at=t, next_at=t) for t in times]
            assert deliveries.plan_all(connection, rows) == count


@pytest.mark.parametrize(("count", "each", "questions"), [(10, 5, 1), (51, 7, 2)])
def test_the_answer_comes_from_the_index_of_what_is_open_and_needs_no_transaction(
    database: Database, count: int, each: int, questions: int
) -> None:
    fall_due(database, count)
    sent: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, said: str, given: Any, *_: object) -> None:
        sent.append((said, given))

    event.listen(database.engine, "before_cursor_execute", note)
    found = dispatching.due(database, NOW + timedelta(minutes=1), each)
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(found) == (count if questions == 1 else each)
    assert len(sent) == questions
    with database.read() as connection:
        for said, given in sent:
            assert "ix_delivery_next" in _way(connection, said, given)


def _way(connection: Connection, said: str, given: Any) -> str:
    """How the database would find it, if the table were too long to be read through."""
    explain = "EXPLAIN QUERY PLAN "
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN "
    return str(connection.exec_driver_sql(explain + said, given).all())


def test_posts_are_told_of_ahead_of_their_time_and_what_stations_play_is_not(
    database: Database,
) -> None:
    with database.write() as connection:
        shelf = Shelf(connection)
        soon = NOW + timedelta(minutes=1)
        for at, channel in ((NOW, "loudspeaker"), (soon, "loudspeaker"), (soon, "website")):
            shelf.planned(channel=channel, target=channel, due_at=at, next_at=at)
    assert [one.channel for one in dispatching.due(database, NOW)] == ["loudspeaker"]
    ahead = dispatching.due(database, NOW, ahead=timedelta(minutes=2))
    assert [(one.channel, one.next_at) for one in ahead] == [
        ("loudspeaker", NOW),
        ("website", soon),
    ]
