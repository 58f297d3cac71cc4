"""A planner finds by one question which communes have something new, and takes the rest in turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from commune import Commune
from provinces import Land
from sqlalchemy import event

from broadcaster.services.timetable.rounds import Rounds

Turn = tuple[int, bool]
"""A commune's id, and whether its whole timetable is to be gone through."""


@pytest.fixture
def land(tmp_path: Path) -> Iterator[Land]:
    made = Land(tmp_path, f"sqlite:///{tmp_path / 'broadcaster.db'}")
    made.commune("an-binh")
    made.commune("binh-minh")
    yield made
    made.close()


@pytest.fixture
def rounds(land: Land) -> Rounds:
    """Those of a planner that has gone through everything a minute ago."""
    made = Rounds(land.served())
    for _ in land.made:
        turns(made, land.made[0].clock())
    land.made[0].clock.move(minutes=1)
    return made


def turns(rounds: Rounds, now: datetime) -> list[Turn]:
    """What a planner does at a tick."""
    found = []
    for context, since in rounds.at(now):
        found.append((context.commune_id, since is None))
        if since is None:
            rounds.went_through(context, now)
    return found


def scheduled(xa: Commune) -> None:
    xa.schedule(xa.approved(("loa-dong",)))


def test_whole_timetables_come_one_a_tick_and_again_after_ten_minutes(land: Land) -> None:
    rounds, now = Rounds(land.served()), land.made[0].clock()
    assert [turns(rounds, now) for _ in range(3)] == [[(1, True)], [(2, True)], []]
    assert turns(rounds, now + timedelta(minutes=9)) == []
    later = now + timedelta(minutes=10)
    assert [turns(rounds, later) for _ in range(3)] == [[(1, True)], [(2, True)], []]


def test_after_the_clock_was_set_back_no_commune_waits_for_its_old_time(land: Land) -> None:
    rounds, now = Rounds(land.served()), land.made[0].clock()
    for _ in land.made:
        turns(rounds, now)
    assert turns(rounds, now - timedelta(hours=1)) == [(1, True)]


def test_a_failed_round_is_repeated_soon_and_lets_the_others_have_theirs(land: Land) -> None:
    rounds, now = Rounds(land.served()), land.made[0].clock()
    assert [one.commune_id for one, _ in rounds.at(now)] == [1]  # and nobody went through
    assert turns(rounds, now) == [(2, True)]
    assert turns(rounds, now) == []
    assert turns(rounds, now + timedelta(minutes=1)) == [(1, True)]


def test_only_the_commune_with_something_new_is_planned(land: Land, rounds: Rounds) -> None:
    second = land.made[1]
    second.clock.move(minutes=1)
    assert turns(rounds, second.clock()) == []
    scheduled(second)
    assert turns(rounds, second.clock()) == [(2, False)]


@pytest.mark.parametrize("apart", [-5, 5])
def test_a_server_whose_clock_is_five_minutes_off_is_heard_at_once(
    land: Land, rounds: Rounds, apart: int
) -> None:
    first, second = land.made
    second.clock.move(minutes=1 + apart)
    scheduled(second)
    assert turns(rounds, first.clock()) == [(2, False)]


def test_what_is_new_is_tried_at_once_and_now_and_then_for_a_minute(
    land: Land, rounds: Rounds
) -> None:
    first, now = land.made[0], land.made[0].clock()
    scheduled(first)
    tried = [s for s in range(0, 90, 2) if turns(rounds, now + timedelta(seconds=s))]
    assert tried == [0, 16, 32, 48]


def test_what_is_newer_still_does_not_wait_for_the_next_try(land: Land, rounds: Rounds) -> None:
    first, now = land.made[0], land.made[0].clock()
    scheduled(first)
    assert turns(rounds, now) == [(1, False)]
    first.schedule(first.approved(("loa-dong",)), at="18:00")
    assert turns(rounds, now + timedelta(seconds=2)) == [(1, False)]


def test_a_new_planner_looks_back_a_day(land: Land) -> None:
    scheduled(land.made[1])
    rounds, later = Rounds(land.served()), land.made[1].clock() + timedelta(hours=20)
    assert turns(rounds, later) == [(1, True), (2, False)]


def test_a_quiet_tick_asks_as_little_of_many_communes_as_of_one(land: Land, rounds: Rounds) -> None:
    asked: list[str] = []
    engine = land.opened[0].database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert turns(rounds, land.made[0].clock()) == []
    assert len([one for one in asked if one.startswith("SELECT")]) == 2  # what is new; who is there
