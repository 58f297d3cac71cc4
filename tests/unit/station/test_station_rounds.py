"""An emergency that is said again and again: until it is stopped, or over, or cut by a crash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from station_clock import NOON
from station_sounds import item
from station_village import Village

from broadcaster.station import causes
from broadcaster.station.orders import Rounds
from broadcaster.wire import Stored

SECOND = timedelta(seconds=1)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    made = Village(tmp_path)
    yield made
    made.plan.close()


def alarm(village: Village, **more: object):  # type: ignore[no-untyped-def]  # as item()
    known = {"priority": "emergency", "until": NOON + timedelta(minutes=10), "rounds": 0}
    return item("z", NOON, village.sound(4), **(known | more))


def test_it_sounds_as_often_as_ordered(village: Village) -> None:
    village.tell(alarm(village, rounds=3))
    village.run(200)
    assert village.outcome("z").seconds_played == 12
    assert len(village.ear.starts) == 1


def test_it_ends_by_itself_with_the_round_that_began_in_time(village: Village) -> None:
    village.tell(alarm(village, until=NOON + 10 * SECOND))
    village.run(200)
    assert (village.outcome("z").outcome, village.outcome("z").seconds_played) == ("aired", 12)


@pytest.mark.parametrize(("after", "outcome"), [(9, "aired"), (2, "partly_aired")])
def test_called_off_it_is_silent_at_once_and_counts_if_it_was_heard_whole(
    village: Village, after: int, outcome: str
) -> None:
    village.tell(alarm(village))

    def call_off(heard: float) -> None:
        if heard >= after and village.version == 1:
            village.tell(withdrawn=["z"])

    village.ear.during = call_off
    village.run(300)
    entry = village.outcome("z")
    assert entry.outcome == outcome
    assert entry.cause_vi == causes.WITHDRAWN_ON_AIR.vi
    assert after <= entry.seconds_played < after + 0.4


def test_after_a_crash_what_was_to_go_on_until_stopped_goes_on(village: Village) -> None:
    village.tell(alarm(village, until=NOON + 60 * SECOND))
    village.crash(after=120 + 15)
    village.run(200)
    assert [uid for uid, _ in village.ear.starts] == ["z", "z"]
    assert village.ear.instants[-1][1] >= NOON + 58 * SECOND
    assert [entry.outcome for entry in village.entries()] == ["aired"], "told once"


def test_after_a_crash_a_number_of_rounds_is_not_begun_again(village: Village) -> None:
    village.tell(alarm(village, rounds=5))
    village.crash(after=120 + 7)
    village.run(200)
    assert len(village.ear.starts) == 1
    assert village.outcome("z").outcome == "partly_aired"


def test_sounds_for_an_emergency_are_fetched_before_routine_and_kept(village: Village) -> None:
    routine = village.sound(2, seed=3)
    ready = Stored(digest="e" * 64, size=10)
    village.tell(item("a", NOON, routine), library=[ready])
    assert [one.digest for one in village.plan.wanted()] == [ready.digest, routine[0].digest]
    assert ready.digest in village.plan.digests_in_use(NOON + timedelta(days=99))
    village.tell(library=[])
    assert ready.digest not in village.plan.digests_in_use(NOON)


@given(
    st.integers(0, 100),
    st.timedeltas(-timedelta(hours=1), timedelta(hours=24)),
    st.timedeltas(timedelta(), timedelta(hours=1)),
)
def test_no_round_begins_after_the_end(most: int, left: timedelta, length: timedelta) -> None:
    rounds = Rounds(most, NOON + left).from_now(NOON, length)
    assert rounds >= 1
    if rounds > 1:
        assert NOON + (rounds - 1) * length < NOON + left or length == timedelta()
        assert most in {0, *range(rounds, 101)}
