"""What Procrastinate is asked for, on a real PostgreSQL, and where it would trip us up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import fresh_url
from province_processes import PATIENCE_S, until
from sqlalchemy import text

from broadcaster.engine.port import Health, Look
from broadcaster.engine.procrastinate import DEAD_AFTER_S, SCHEMA, Procrastinate
from broadcaster.engine.workers import Workers
from broadcaster.errors import Unavailable
from broadcaster.store.database import Database


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with closing(Database(fresh_url("postgresql", tmp_path, request))) as opened:
        yield opened


@pytest.fixture
def engine(database: Database) -> Iterator[Procrastinate]:
    made = Procrastinate(database.arguments)
    made.start()
    yield made
    made.stop()


def look(delivery_id: int, wait_s: float = 0, priority: str = "normal") -> Look:
    at = datetime.now(UTC) + timedelta(seconds=wait_s)
    return Look(1, delivery_id, "fanpage", priority, at)


def waiting(database: Database) -> list[tuple[str, str, float]]:
    """Whose, in which queue, and in how many seconds."""
    with database.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT queueing_lock, queue_name, EXTRACT(epoch FROM scheduled_at - now()) AS wait"
                " FROM procrastinate.procrastinate_jobs WHERE status = 'todo' ORDER BY id"
            )
        )
        return [(row.queueing_lock, row.queue_name, float(row.wait)) for row in rows]


def test_a_delivery_waits_once_and_an_emergency_in_its_own_queue(
    engine: Procrastinate, database: Database
) -> None:
    for _ in range(2):
        engine.wake([look(1), look(2, priority="emergency")])
    found = [(whose, queue) for whose, queue, _ in waiting(database)]
    assert found == [("delivery 1", "routine"), ("delivery 2", "emergency")]
    engine.cancel(1)
    engine.cancel(3)
    assert engine.health() == Health(waiting=1, in_hand=0)


def test_one_that_waits_for_later_does_not_keep_out_an_earlier_time(
    engine: Procrastinate, database: Database
) -> None:
    engine.wake([look(1, wait_s=90)])
    engine.wake([look(1, wait_s=100)])
    assert [round(wait, -1) for *_, wait in waiting(database)] == [90]
    engine.wake([look(1)])
    assert [wait < 1 for *_, wait in waiting(database)] == [True]


def test_what_a_dead_worker_had_in_hand_comes_back_even_if_it_waits_already(
    engine: Procrastinate, database: Database
) -> None:
    engine.wake([look(1), look(2)])
    manager = engine.app.job_manager
    dead = engine.ask(manager.register_worker())
    taken = [engine.ask(manager.fetch_job(["routine"], dead)) for _ in range(2)]
    assert taken[0] is not None
    engine.ask(manager.defer_job_async(taken[0].evolve(id=None)))
    assert engine.retry_stalled() == 0, "it is not dead yet"
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE procrastinate.procrastinate_workers SET last_heartbeat = now() - :silence"
            ),
            {"silence": timedelta(seconds=DEAD_AFTER_S + 1)},
        )
    assert engine.retry_stalled() == 2
    assert sorted(whose for whose, *_ in waiting(database)) == ["delivery 1", "delivery 2"]
    assert engine.health() == Health(waiting=2, in_hand=0)


def test_half_of_its_tables_are_made_whole(engine: Procrastinate, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {SCHEMA}.procrastinate_jobs CASCADE"))
    assert "procrastinate_jobs" in engine.health().said
    engine.wake([look(1)])
    assert engine.health() == Health(waiting=1, in_hand=0)


def test_a_worker_ends_though_the_far_side_is_silent(engine: Procrastinate) -> None:
    begun, told = threading.Event(), threading.Event()

    def handle(_commune: int, _delivery: int) -> bool:
        begun.set()
        return told.wait(PATIENCE_S)

    workers = Workers(engine, handle, routine=2)
    workers.start(patience_s=0.2)
    engine.wake([look(1)])
    assert begun.wait(PATIENCE_S)
    workers.stop(patience_s=PATIENCE_S)
    until(lambda: engine.health() == Health(waiting=0, in_hand=0))
    told.set()


def test_a_database_that_does_not_let_it_make_its_tables_is_told(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN"))
    arguments = {**database.arguments, "user": "reader"}
    with pytest.raises(Unavailable, match=r"cần quyền CREATE để tạo schema procrastinate"):
        Procrastinate(arguments).start()
