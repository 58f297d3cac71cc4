"""Clocks that are set, jump, begin in 1970 or sleep: nothing sounds at a wrong time, or twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from station_clock import NOON
from station_sounds import item
from station_village import Village

from broadcaster.station import causes
from broadcaster.station.offset import Exchange, Offset

STEPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    made = Village(tmp_path)
    yield made
    made.plan.close()


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_after_a_step_that_the_server_does_not_share_nothing_routine_sounds(
    village: Village, step: timedelta
) -> None:
    village.run(10)
    village.clock.set(village.clock.now() + step)
    village.journal.note_offset(-step, village.clock.now())
    village.tell(item("a", village.clock.now() + 2 * MINUTE, village.sound(3)))
    village.run(240)
    assert village.ear.starts == []
    assert village.plan.database.get("clock_note"), "and the server is told why"


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_what_has_sounded_does_not_sound_again_after_a_step(
    village: Village, step: timedelta
) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.run(150)
    village.clock.set(village.clock.now() + step)
    village.journal.note_offset(timedelta(), village.clock.now())
    village.journal.reset_clock(village.clock.now())  # the server vouches for it
    village.run(240)
    assert [uid for uid, _ in village.ear.starts] == ["a"]
    assert [entry.outcome for entry in village.entries()] == ["aired"]


def test_a_machine_that_wakes_up_in_1970_waits_for_the_right_time(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.clock.set(datetime(1970, 1, 1, tzinfo=UTC))
    village.run(300)
    assert village.ear.starts == []
    assert village.entries() == [], "nor is anything called missed"
    village.clock.set(NOON - MINUTE)
    village.run(90)
    assert village.outcome("a").outcome == "aired"


def test_ten_minutes_of_sleep_cost_what_was_due_in_them_and_no_more(village: Village) -> None:
    """A PC that is suspended: the wall goes on, the steady clock of Linux does not."""
    in_sleep = item("a", NOON, village.sound(3))
    after = item("b", NOON + 10 * MINUTE, village.sound(3))
    village.tell(in_sleep, after)
    village.run(110)
    village.clock.set(village.clock.now() + 10 * MINUTE - timedelta(seconds=45))
    village.run(180)
    assert [uid for uid, _ in village.ear.starts] == ["b"]
    assert abs(village.ear.starts[0][1] - after.starts_at) < timedelta(seconds=1)
    missed = village.outcome("a")
    assert missed.outcome == "missed"
    assert missed.cause_vi in {causes.NOT_RUNNING.vi, causes.CLOCK_JUMPED.vi}


def exchange(offset: float, rtt: float) -> Exchange:
    return Exchange(timedelta(seconds=offset), timedelta(seconds=rtt))


def test_the_quickest_of_the_last_eight_exchanges_tells_the_offset() -> None:
    offset = Offset()
    offset.add(exchange(0.5, 0.01))
    for n in range(7):
        assert offset.add(exchange(0.6, 0.2 + n)) == timedelta(seconds=0.5)
    assert offset.add(exchange(0.6, 0.1)) == timedelta(seconds=0.6), "the first is too old by now"


def test_a_clock_that_was_set_makes_older_measurements_worthless() -> None:
    offset = Offset()
    offset.add(exchange(0, 0.01))
    assert offset.add(exchange(3600, 1)) == timedelta(seconds=3600)


@given(st.floats(-1e6, 1e6), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_the_measured_offset_is_wrong_by_at_most_half_a_round_trip(
    true: float, trips: list[tuple[float, float]]
) -> None:
    offset, asked = Offset(), NOON
    for there, back in trips:
        server = asked + timedelta(seconds=true + there)
        rtt = timedelta(seconds=there + back)
        best = offset.add(Exchange.of(server, asked, rtt))
    quickest = min(there + back for there, back in trips[-8:])
    error = abs(best.total_seconds() - true)
    assert error <= quickest / 2 + 1e-4
