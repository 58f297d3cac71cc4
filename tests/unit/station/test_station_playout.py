"""What next? Facts about one decision, and properties that hold for every input."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from station_clock import NOON

from broadcaster.domain.policy import ZONE, QuietHours
from broadcaster.errors import Text
from broadcaster.station import causes
from broadcaster.station.playout import (
    LEAD,
    Arm,
    Guards,
    Heard,
    Hold,
    Limits,
    Miss,
    Mute,
    Quiet,
    Slot,
    Start,
    Status,
    Wait,
    clock_trouble,
    decide,
    interruption,
)

NIGHT = Quiet(QuietHours(time(21, 0), time(6, 0)), ZONE)
LATE = Quiet(QuietHours(time(23, 0), time(4, 0)), ZONE)
SECOND = timedelta(seconds=1)


def slot(uid: str = "a", starts_at: datetime = NOON, **changes: object) -> Slot:
    base = Slot(
        uid=uid,
        title=f"Tin {uid}",
        emergency=False,
        urgent=False,
        starts_at=starts_at,
        expires_at=starts_at + timedelta(minutes=5),
        length=timedelta(seconds=30),
        status=Status.ARMED,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # a test names the fields it means


def local(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, 1, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def test_an_item_is_armed_a_minute_ahead_and_handed_over_half_a_second_ahead() -> None:
    planned = slot(status=Status.PLANNED)
    assert decide([planned], NOON - 61 * SECOND, Guards()) == Wait(NOON - 60 * SECOND)
    assert decide([planned], NOON - 60 * SECOND, Guards()) == Arm("a")
    assert decide([slot()], NOON - 30 * SECOND, Guards()) == Wait(NOON - LEAD)
    assert decide([slot()], NOON - LEAD, Guards()) == Start("a", NOON)


def test_within_the_grace_a_late_item_starts_now_and_after_it_never() -> None:
    late = NOON + timedelta(minutes=4)
    assert decide([slot()], late, Guards()) == Start("a", late)
    assert decide([slot()], NOON + timedelta(minutes=5), Guards()) == Miss("a", causes.NOT_RUNNING)


def test_a_miss_tells_what_had_stood_in_the_way() -> None:
    hindered = slot(hindrance=causes.AUDIO_MISSING)
    expired = NOON + timedelta(minutes=6)
    assert decide([hindered], expired, Guards()) == Miss("a", causes.AUDIO_MISSING)


def test_a_forged_plan_for_a_quarter_past_three_is_missed_with_the_cause() -> None:
    forged = slot(starts_at=local(3, 15), expires_at=local(12))
    decision = decide([forged], local(3, 15), Guards(quiet=(NIGHT,)))
    assert isinstance(decision, Miss)
    assert "21:00–06:00" in decision.cause.vi


def test_the_stricter_of_two_quiet_hours_wins() -> None:
    """The server allows sound until 23:00, the station's own setting only until 21:00."""
    for quiet in ((NIGHT, LATE), (LATE, NIGHT)):
        found = decide([slot(starts_at=local(22))], local(22), Guards(quiet=quiet))
        assert isinstance(found, Miss)


def test_an_item_that_would_run_into_the_quiet_hours_does_not_start() -> None:
    long = slot(starts_at=local(20, 55), length=timedelta(minutes=10))
    assert isinstance(decide([long], local(20, 55), Guards(quiet=(NIGHT,))), Miss)
    endless = slot(starts_at=local(6), length=timedelta(days=3))
    assert isinstance(decide([endless], local(6), Guards(quiet=(NIGHT,))), Miss)


def test_an_item_may_start_at_the_very_end_of_the_quiet_hours() -> None:
    early = slot(starts_at=local(6))
    assert decide([early], local(6) - LEAD, Guards(quiet=(NIGHT,))) == Start("a", local(6))


def test_an_emergency_passes_quiet_hours_and_goes_first() -> None:
    alarm = slot("z", starts_at=local(3), emergency=True)
    routine = slot("a", starts_at=local(3))
    found = decide([routine, alarm], local(3), Guards(quiet=(NIGHT,)))
    assert found == Start("z", local(3))


def test_nothing_sounds_while_stopped_not_even_an_emergency() -> None:
    found = decide([slot(emergency=True)], NOON, Guards(stopped=True))
    assert found == Miss("a", causes.STOPPED)


def test_missing_audio_is_held_once_and_may_still_come_within_the_grace() -> None:
    without = slot(status=Status.PLANNED, audio_trouble=causes.AUDIO_MISSING)
    assert decide([without], NOON, Guards()) == Hold("a", causes.AUDIO_MISSING)
    noted = replace(without, hindrance=causes.AUDIO_MISSING)
    assert isinstance(decide([noted], NOON, Guards()), Wait)
    assert decide([replace(noted, audio_trouble=None)], NOON, Guards()) == Arm("a")


def test_a_withdrawn_item_is_passed_over() -> None:
    found = decide([slot(withdrawn=True), slot("b")], NOON, Guards())
    assert found == Start("b", NOON)


def test_an_item_without_audio_does_not_hold_up_another() -> None:
    held = slot(audio_trouble=causes.AUDIO_MISSING, hindrance=causes.AUDIO_MISSING)
    assert decide([held, slot("b")], NOON, Guards()) == Start("b", NOON)


def test_without_a_device_an_item_is_held_with_the_cause() -> None:
    guards = Guards(device_trouble=causes.NO_DEVICE)
    assert decide([slot()], NOON, guards) == Hold("a", causes.NO_DEVICE)


@pytest.mark.parametrize(
    ("now", "highest", "offset", "expected"),
    [
        (NOON, None, None, None),
        (NOON.replace(year=1970), None, None, causes.CLOCK_YEAR),
        (NOON, NOON + timedelta(hours=1), None, causes.CLOCK_BEHIND),
        (NOON, NOON + SECOND, None, None),
        (NOON, NOON, timedelta(seconds=59), None),
        (NOON, NOON, timedelta(hours=-1), causes.clock_off(timedelta(hours=1))),
    ],
)
def test_when_the_clock_is_trusted(
    now: datetime, highest: datetime | None, offset: timedelta | None, expected: Text | None
) -> None:
    assert clock_trouble(now, highest, offset) == expected


def test_with_a_clock_that_is_not_trusted_nothing_routine_is_decided() -> None:
    """Not even missed: whether its time is over is exactly what nobody knows."""
    guards = Guards(clock_trouble=causes.CLOCK_BEHIND)
    for now in (NOON, NOON + timedelta(days=400)):
        assert decide([slot()], now, guards) == Hold("a", causes.CLOCK_BEHIND)
    assert decide([slot(emergency=True)], NOON, guards) == Start("a", NOON)


def test_what_is_playing_gives_way_to_an_emergency_but_not_to_its_like() -> None:
    playing = slot("a", status=Status.STARTED)
    alarm = slot("z", emergency=True)
    assert interruption(playing, NOON, [alarm], NOON, Guards()) == causes.PREEMPTED
    assert interruption(playing, NOON, [slot("b")], NOON, Guards()) is None
    first = replace(playing, emergency=True)
    assert interruption(first, NOON, [alarm], NOON, Guards()) is None


def test_what_is_playing_falls_silent_when_withdrawn_stopped_or_at_the_quiet_hours() -> None:
    playing = slot("a", status=Status.STARTED)
    withdrawn = replace(playing, withdrawn=True)
    assert interruption(withdrawn, NOON, [], NOON, Guards()) == causes.WITHDRAWN_ON_AIR
    assert interruption(playing, NOON, [], NOON, Guards(stopped=True)) == causes.STOPPED
    night = Guards(quiet=(NIGHT,))
    assert interruption(playing, local(20, 59), [], local(21), night) == causes.QUIET_CAME
    # handed over half a second ahead of 06:00, it is not in the quiet hours yet
    assert interruption(playing, local(6), [], local(6) - LEAD, night) is None


# Around one moment, so that most plans have something due; the quiet hours lie anywhere.
moments = st.integers(-600, 600).map(lambda seconds: NOON + timedelta(seconds=seconds))
times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
quiets = st.builds(
    Quiet,
    st.builds(QuietHours, times, times),
    st.sampled_from([ZONE, "UTC", "America/New_York", "Pacific/Apia"]),
)
slots = st.builds(
    Slot,
    uid=st.text(min_size=1, max_size=3),
    title=st.just("Tin"),
    emergency=st.booleans(),
    urgent=st.booleans(),
    starts_at=moments,
    expires_at=moments,
    length=st.timedeltas(timedelta(), timedelta(days=2)),
    status=st.sampled_from([*Status, *[Status.ARMED] * 14]),
    plan_trouble=st.sampled_from([None, None, None, causes.PLAN_TAMPERED]),
    audio_trouble=st.sampled_from([None, None, None, causes.AUDIO_MISSING]),
    hindrance=st.sampled_from([None, causes.AUDIO_MISSING]),
    withdrawn=st.booleans(),
    waived=st.frozensets(st.sampled_from(["earliest", "window", "weekday", "day_minutes"])),
)
limits_ = st.builds(
    Limits,
    st.sampled_from([ZONE, "UTC", "Pacific/Apia"]),
    daily=st.none() | st.timedeltas(timedelta(), timedelta(hours=30)),
    earliest=st.none() | times,
    windows=st.lists(st.tuples(times, times), max_size=2).map(tuple),
    weekdays=st.frozensets(st.integers(1, 7)),
)
guards_ = st.builds(
    Guards,
    limits=st.lists(limits_, max_size=2).map(tuple),
    mutes=st.lists(st.builds(Mute, moments, st.just("tang")), max_size=1).map(tuple),
    heard=st.lists(
        st.builds(Heard, moments, st.timedeltas(timedelta(), timedelta(hours=9))), max_size=3
    ).map(tuple),
    quiet=st.lists(quiets, max_size=2).map(tuple),
    stopped=st.sampled_from([False, False, False, True]),
    clock_trouble=st.sampled_from([None, None, None, causes.CLOCK_BEHIND]),
    device_trouble=st.sampled_from([None, None, None, causes.NO_DEVICE]),
)


def is_quiet(quiet: Quiet, instant: datetime) -> bool:
    """The rule told a second time, minute by minute of the wall clock."""
    wall = instant.astimezone(ZoneInfo(quiet.zone))
    minute = wall.hour * 60 + wall.minute
    start = quiet.hours.start.hour * 60 + quiet.hours.start.minute
    end = quiet.hours.end.hour * 60 + quiet.hours.end.minute
    return (minute - start) % 1440 < (end - start) % 1440


@given(st.lists(slots, max_size=5), moments, guards_, st.floats(0, 0.999))
def test_no_input_makes_sound_in_quiet_hours_without_an_emergency(
    plan: list[Slot], now: datetime, guards: Guards, share: float
) -> None:
    decision = decide(plan, now, guards)
    if isinstance(decision, Start):
        found = next(s for s in plan if s.uid == decision.uid and s.status == Status.ARMED)
        instant = decision.at + found.length * share
        if not found.emergency:
            assert not any(is_quiet(quiet, instant) for quiet in guards.quiet)


@given(st.lists(slots, max_size=5), moments, guards_)
def test_no_input_breaks_a_mute_or_a_limit_of_the_day_without_an_emergency(
    plan: list[Slot], now: datetime, guards: Guards
) -> None:
    decision = decide(plan, now, guards)
    if not isinstance(decision, Start):
        return
    found = next(s for s in plan if s.uid == decision.uid and s.status == Status.ARMED)
    if found.emergency:
        return
    assert all(decision.at >= mute.until for mute in guards.mutes)
    for limits in guards.limits:
        wall = decision.at.astimezone(ZoneInfo(limits.zone))
        waived = found.waived
        assert "earliest" in waived or limits.earliest is None or wall.time() >= limits.earliest
        assert "weekday" in waived or not limits.weekdays or wall.isoweekday() in limits.weekdays
        ends = wall + found.length
        assert (
            "window" in waived
            or not limits.windows
            or any(
                a <= wall.time() and ends.date() == wall.date() and ends.time() <= b
                for a, b in limits.windows
            )
        )
        that_day = [
            one.length
            for one in guards.heard
            if one.at.astimezone(ZoneInfo(limits.zone)).date() == wall.date()
        ]
        assert (
            "day_minutes" in waived
            or limits.daily is None
            or sum(that_day, found.length) <= limits.daily
        )


@given(slots, st.timedeltas(timedelta(seconds=-2), timedelta(minutes=10)), guards_)
def test_only_an_armed_item_in_its_time_with_its_audio_ever_starts(
    one: Slot, late: timedelta, guards: Guards
) -> None:
    now = one.starts_at + late
    decision = decide([one], now, guards)
    if isinstance(decision, Start):
        assert one.status == Status.ARMED
        assert not one.withdrawn
        assert not one.audio_trouble
        assert not one.plan_trouble
        assert one.starts_at <= decision.at < one.expires_at + SECOND
        assert not guards.stopped
        assert one.emergency or not guards.clock_trouble
    elif isinstance(decision, Wait):
        assert decision.until > now


@given(st.lists(slots, max_size=5), moments, guards_)
def test_what_is_over_is_never_decided_again(
    plan: list[Slot], now: datetime, guards: Guards
) -> None:
    decision = decide(plan, now, guards)
    if not isinstance(decision, Wait):
        uids = {s.uid for s in plan if s.status in {Status.PLANNED, Status.ARMED}}
        assert decision.uid in uids
