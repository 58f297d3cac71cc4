"""Reading many rows asks the database no more often than reading few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from commune import Commune, found
from scripted import Scripted
from sqlalchemy import event

from broadcaster.domain.delivery import State
from broadcaster.services import dispatching, reporting
from broadcaster.services.stations import enrolling, syncing


@pytest.fixture
def xa(tmp_path: Path) -> Commune:
    return found(tmp_path)


def asked(xa: Commune, work: Callable[[], object]) -> int:
    """How many statements `work` sends."""
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(xa.context.database.engine, "before_cursor_execute", count)
    work()
    event.remove(xa.context.database.engine, "before_cursor_execute", count)
    return len(statements)


def test_the_log_of_a_week_costs_what_the_log_of_a_day_does(xa: Commune) -> None:
    number = xa.approved()
    xa.schedule(number, on="23/11/2026", at="16:00")
    xa.plan()
    day = asked(xa, lambda: reporting.lines(xa.context))
    xa.schedule(number, at="06:00, 12:00, 17:00")
    xa.plan()
    assert len(reporting.lines(xa.context)) > 20
    assert asked(xa, lambda: reporting.lines(xa.context)) == day


def test_a_stations_poll_costs_the_same_for_many_items(xa: Commune) -> None:
    number = xa.approved()
    xa.schedule(number, on="23/11/2026", at="16:00")
    xa.plan()
    token = enrolling.take_in(xa.context, "loa-dong", xa.clock())
    station = syncing.who(xa.context.database, token)
    assert station is not None

    def poll() -> int:
        return len(syncing.rundown(xa.context, station, xa.clock()).rundown.items)

    poll()
    few = asked(xa, poll)
    xa.schedule(number, at="06:00, 12:00, 17:00")
    xa.plan()
    assert poll() > 20  # the first handing over writes a row for each
    assert asked(xa, poll) == few


def test_a_post_costs_one_look_and_two_transactions(xa: Commune) -> None:
    """Most of it is asked inside the write lock, where everybody else waits."""
    page = Scripted()
    xa = Commune(replace(xa.context, channel=lambda _key: page), xa.clock)
    for at in ("09:00", "09:05"):
        xa.schedule(xa.approved(("fanpage",)), on="23/11/2026", at=at)
    xa.plan()
    first, second = xa.rows()
    xa.clock.now = first.due_at
    assert xa.tick() == 1
    xa.clock.now = second.due_at
    begun: list[object] = []
    event.listen(xa.context.database.engine, "begin", begun.append)
    sent = asked(xa, lambda: dispatching.handle(xa.context, second.id, xa.clock()))
    # Ten questions, and for each transaction its BEGIN and whether the program may write here.
    assert (sent, len(begun)) == (14, 3)
    assert xa.one_of(second.id).state == State.CONFIRMED
