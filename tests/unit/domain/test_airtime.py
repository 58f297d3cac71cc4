"""Each limit of the policy, held against what else sounds on a station."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.airtime import Airtime, Sound, Wish, refusal
from broadcaster.domain.announcement import Priority
from broadcaster.domain.policy import WAIVABLE, Area, Limit, Policy, QuietHours, Window
from broadcaster.domain.waiver import Waiver, waived

MONDAY = datetime(2026, 11, 22, 17, tzinfo=UTC)
"""Midnight in Việt Nam, 23/11/2026."""
STRICT = Policy(
    earliest=time(6),
    windows=(Window(time(6), time(7, 30)), Window(time(17), time(18, 30))),
    weekdays=frozenset(range(5)),
    sessions_a_day=2,
    session_length=timedelta(minutes=30),
    day_length=timedelta(minutes=50),
    repeats_in_7_days=4,
)


def sound(
    hour: float, minutes: float = 1, *, day: int = 0, item: int = 1, priority: str = "normal"
) -> Sound:
    begins = MONDAY + timedelta(days=day, hours=hour)
    return Sound(begins, timedelta(minutes=minutes), item, item, priority)


def broken(policy: Policy, new: Sound, *others: Sound) -> list[Limit]:
    return [breach.limit for breach in Airtime(policy, "loa", others).breaches(new)]


@pytest.mark.parametrize(
    ("new", "limits"),
    [
        (sound(6), []),
        (sound(7, 30), []),
        (sound(7, 30.1), ["window", "session_minutes"]),
        (sound(17, 31), ["session_minutes"]),
        (sound(12), ["window"]),
        (sound(5.99), ["quiet", "earliest", "window"]),
        (sound(20.99, 2), ["quiet", "window"]),
        (sound(6, day=5), ["weekday"]),
        (sound(3.25, day=6), ["quiet", "earliest", "window", "weekday"]),
        (sound(3.25, priority="priority"), ["quiet", "earliest", "window"]),
        (sound(3.25, 120, day=6, priority="emergency"), []),
    ],
)
def test_a_sound_alone_is_held_against_the_hours(new: Sound, limits: list[str]) -> None:
    assert broken(STRICT, new) == limits


def test_a_third_session_is_one_too_many_but_more_in_a_session_is_not() -> None:
    loose = Policy(sessions_a_day=2)
    day = sound(6, item=2), sound(17, item=3)
    assert broken(loose, sound(12), *day) == [Limit.SESSIONS]
    assert broken(loose, sound(17.1), *day) == []
    assert broken(loose, sound(12, day=1), *day) == []


def test_minutes_of_a_session_and_of_a_day_add_up() -> None:
    assert broken(STRICT, sound(6.5, 16, item=2), sound(6.2, 15)) == [Limit.SESSION_MINUTES]
    assert broken(STRICT, sound(17, 21, item=2), sound(6, 30)) == [Limit.DAY_MINUTES]
    urgent = sound(6, 30, priority="emergency")
    assert broken(STRICT, sound(17, 30, item=2), urgent) == [], "emergencies take nobody's minutes"


def test_a_fifth_repeat_within_seven_days_is_refused_from_every_side() -> None:
    rare = Policy(repeats_in_7_days=4)
    week = [sound(6, day=n) for n in (0, 1, 5, 6)]
    assert broken(rare, sound(7, day=3), *week) == [Limit.REPEATS]
    assert broken(rare, sound(5.9 + 1, day=7), *week) == []
    assert broken(rare, sound(6, day=8), *week) == []
    assert broken(rare, sound(7, day=3, item=2), *week) == [], "another item"


def test_items_keep_their_gap_and_give_way_to_an_emergency() -> None:
    there = sound(17, 2)
    assert broken(Policy(), sound(17 + 2 / 60, item=2), there) == [Limit.OVERLAP]
    after = Sound(there.ends + timedelta(seconds=2), timedelta(minutes=1), 2, 2)
    assert broken(Policy(), after, there) == []
    urgent = sound(17, 1, item=3, priority=Priority.EMERGENCY)
    assert broken(Policy(), urgent, there) == []
    assert broken(Policy(), urgent, sound(17, item=4, priority=Priority.EMERGENCY)) == ["overlap"]


def test_an_exception_opens_its_limit_on_its_days_and_never_the_night() -> None:
    day = date(2026, 11, 28)
    given_ones = [
        Waiver(n, 1, 1, limit, day, day, "lễ", "minh", "máy 1", MONDAY)
        for n, limit in enumerate(WAIVABLE)
    ]
    saturday = sound(12, 45, day=5)
    free = Sound(saturday.begins, saturday.length, 1, 1, waived=waived(given_ones, day))
    assert broken(STRICT, free) == []
    assert waived(given_ones, date(2026, 11, 29)) == frozenset()
    night = Sound(sound(3, day=5).begins, timedelta(minutes=1), 1, 1, waived=frozenset(Limit))
    assert broken(STRICT, night) == [Limit.QUIET]


def test_near_a_school_the_mornings_are_shorter() -> None:
    near = Policy(areas={"school": Area((Window(time(17), time(18)),), 40)}).near(["school"])
    assert broken(near, sound(6)) == [Limit.WINDOW]
    assert near.max_volume == 40


def test_the_nearest_free_time_is_free_for_the_whole_rule_on_every_station() -> None:
    here = Airtime(STRICT, "a", [sound(17, 5, item=9), sound(17 + 6 / 60, 3, day=1, item=8)])
    there = Airtime(STRICT, "b", [sound(17 + 5 / 60, 3, day=2, item=7)])
    dates = [sound(17, day=n) for n in range(3)]
    told = refusal([Wish(here, dates), Wish(there, dates)], MONDAY)
    assert told is not None
    assert told.breach.limit == Limit.OVERLAP
    free = told.free
    assert free is not None
    for n in range(3):
        moved = Sound(free + timedelta(days=n), timedelta(minutes=1), 1, 1)
        assert broken(STRICT, moved, *here.sounds) == broken(STRICT, moved, *there.sounds) == []


def test_the_past_is_never_offered() -> None:
    now = MONDAY + timedelta(hours=19)
    told = refusal([Wish(Airtime(STRICT, "a"), [sound(20)])], now)
    assert told is not None
    assert told.free == MONDAY + timedelta(days=1, hours=6)


minutes = st.integers(0, 60 * 24 * 9)
sounds = st.lists(
    st.builds(
        lambda at, length, item: sound(at / 60, length, item=item),
        minutes, st.integers(1, 20), st.integers(1, 3),
    ),
    max_size=12,
)  # fmt: skip


@given(sounds, minutes, st.integers(1, 40))
def test_whatever_is_offered_breaks_nothing(others: list[Sound], at: int, length: int) -> None:
    airtime = Airtime(STRICT, "loa")
    for other in others:
        if next(airtime.breaches(other), None) is None:
            airtime.add(other)
    wanted = sound(at / 60, length, item=4)
    told = refusal([Wish(airtime, [wanted])], MONDAY)
    allowed = next(airtime.breaches(wanted), None) is None
    assert (told is None) == allowed
    if told and told.free:
        offered = Sound(told.free, wanted.length, 4, 4)
        assert list(airtime.breaches(offered)) == []


@given(sounds, sounds)
def test_the_order_of_arrival_changes_nothing(some: list[Sound], more: list[Sound]) -> None:
    both = Airtime(STRICT, "loa", [*some, *more]), Airtime(STRICT, "loa", [*more, *some])
    new = sound(17.5, 3, item=2)
    first, second = ({b.limit for b in one.breaches(new)} for one in both)
    assert first == second


def test_quiet_hours_bind_without_any_profile() -> None:
    assert broken(Policy(), sound(3.25)) == [Limit.QUIET]
    assert broken(Policy(quiet_hours=None), sound(3.25)) == []
    assert broken(Policy(quiet_hours=QuietHours(time(11), time(13))), sound(12)) == [Limit.QUIET]
