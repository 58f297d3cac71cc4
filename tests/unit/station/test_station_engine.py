"""The playing side through crashes, clock steps and changes of plan, on real files and SQLite."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from station_clock import NOON
from station_sounds import item, wav
from station_village import NIGHT, Village

from broadcaster.domain.policy import ZONE
from broadcaster.station import causes
from broadcaster.wire import Limits


@pytest.fixture
def village(tmp_path: Path) -> Village:
    return Village(tmp_path)


def test_an_item_sounds_at_its_second_and_is_proved(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.run(180)
    ((uid, at),) = village.ear.starts
    assert uid == "a"
    assert abs(at - NOON) < timedelta(milliseconds=20)
    entry = village.outcome("a")
    assert (entry.outcome, entry.seconds_played, entry.device) == ("aired", 3.0, "tai nghe thử")


def test_two_items_at_one_minute_sound_one_after_the_other(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)), item("b", NOON, village.sound(2, seed=2)))
    village.run(180)
    assert [uid for uid, _ in village.ear.starts] == ["a", "b"]
    assert village.ear.starts[1][1] - village.ear.starts[0][1] >= timedelta(seconds=3)


def test_an_item_that_waited_in_vain_for_another_says_so(village: Village) -> None:
    short = item("b", NOON, village.sound(1), expires_at=NOON + timedelta(seconds=2))
    long = item("a", NOON, village.sound(4, seed=2), priority="priority")
    village.tell(short, long)
    village.run(180)
    assert village.outcome("b").cause_vi == causes.busy("Tin a").vi


def test_a_power_cut_during_play_is_partly_aired_and_not_repeated(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(30)))
    village.crash(after=120 + 12)
    village.run(600)
    assert len(village.ear.starts) == 1
    entry = village.outcome("a")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.POWER_CUT.vi)
    assert 5 <= entry.seconds_played <= 12


def test_a_power_cut_before_play_costs_nothing(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.crash(after=100)
    village.run(600)
    assert village.outcome("a").outcome == "aired"


def test_a_quarter_past_three_makes_no_sound_and_leaves_an_entry(tmp_path: Path) -> None:
    night = datetime(2026, 12, 5, 3, 15, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    village = Village(tmp_path, night - timedelta(minutes=2))
    forged = item("relay", night, village.sound(3), expires_at=night + timedelta(hours=9))
    village.tell(forged)
    village.run(300)
    village.clock.set(night + timedelta(hours=4))
    village.run(60)
    assert village.ear.starts == []
    entry = village.outcome("relay")
    assert entry.outcome == "missed"
    assert "yên tĩnh" in entry.cause_vi


def test_an_emergency_cuts_a_programme_within_a_blink(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(60)))
    alarm = item("z", NOON + timedelta(seconds=5), village.sound(2, seed=2), priority="emergency")
    village.tell(alarm)
    village.run(300)
    assert [uid for uid, _ in village.ear.starts] == ["a", "z"]
    assert abs(village.ear.starts[1][1] - alarm.starts_at) < timedelta(milliseconds=300)
    assert village.outcome("a").outcome == "partly_aired"
    assert village.outcome("a").cause_vi == causes.PREEMPTED.vi
    assert village.outcome("z").outcome == "aired"


def test_a_stop_silences_what_is_playing_and_what_is_due(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(60)), item("b", NOON, village.sound(1, seed=2)))

    def stop_after_five_seconds(heard: float) -> None:
        if heard >= 5 and village.version == 1:
            village.tell(stopped=True)

    village.ear.during = stop_after_five_seconds
    village.run(400)
    assert village.outcome("a").outcome == "partly_aired"
    assert 5 <= village.outcome("a").seconds_played < 5.3
    assert (village.outcome("b").outcome, village.outcome("b").cause_vi) == (
        "missed",
        causes.STOPPED.vi,
    )


def test_missing_audio_is_missed_with_the_cause(village: Village) -> None:
    cues = village.sound(3)
    village.vault.path(cues[0].digest).unlink()
    village.tell(item("a", NOON, cues))
    village.run(600)
    assert village.ear.starts == []
    assert village.outcome("a").cause_vi == causes.AUDIO_MISSING.vi


def test_audio_that_rotted_is_missed_with_the_cause(village: Village) -> None:
    cues = village.sound(3)
    village.vault.path(cues[0].digest).write_bytes(wav(3, seed=2))
    village.tell(item("a", NOON, cues))
    village.run(600)
    assert village.ear.starts == []
    assert village.outcome("a").cause_vi == causes.AUDIO_WRONG.vi


def test_a_device_that_comes_back_within_the_grace_still_plays(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.ear.lost = True
    village.run(180)
    village.ear.lost = False
    village.run(60)
    assert village.outcome("a").outcome == "aired"


def test_without_a_device_it_is_missed_with_the_cause(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.ear.lost = True
    village.run(600)
    assert village.outcome("a").cause_vi == causes.NO_DEVICE.vi


def test_a_clock_that_differs_from_the_server_s_plays_nothing_and_is_not_remembered(
    village: Village,
) -> None:
    """Set right again, it would otherwise seem to have gone backwards."""
    village.run(10)
    before = village.journal.highest()
    village.clock.set(village.clock.now() + timedelta(hours=1))
    village.journal.note_offset(timedelta(hours=-1), village.clock.now())
    village.tell(item("a", NOON, village.sound(3)))
    village.run(60)
    assert village.ear.starts == []
    assert village.entries() == [], "whether its time is over is exactly what nobody knows"
    assert village.journal.highest() == before
    village.clock.set(NOON - timedelta(seconds=30))
    village.journal.note_offset(timedelta(), village.clock.now())
    village.run(60)
    assert village.outcome("a").outcome == "aired"


def test_a_clock_set_forward_by_mistake_costs_nothing_if_the_server_says_so_in_time(
    village: Village,
) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.run(10)
    village.clock.set(village.clock.now() + timedelta(days=1))
    village.run(5)  # the line measures, some seconds later
    village.journal.note_offset(timedelta(days=-1), village.clock.now())
    village.run(60)
    village.clock.set(village.clock.now() - timedelta(days=1))
    village.journal.note_offset(timedelta(), village.clock.now())
    village.run(180)
    assert village.outcome("a").outcome == "aired"


def test_a_player_that_breaks_is_a_cause_and_the_next_item_still_plays(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(1)))
    village.ear.fails = True
    village.run(130)
    village.ear.fails = False
    village.tell(item("b", NOON + timedelta(minutes=1), village.sound(1)))
    village.run(300)
    assert village.outcome("a").cause_vi == causes.player_failed("RuntimeError").vi
    assert village.outcome("b").outcome == "aired"


def test_the_rules_bound_what_is_routine_and_an_emergency_is_as_loud_as_it_goes(
    village: Village,
) -> None:
    """A cluster beside a school has a highest volume."""
    sound = village.sound(2)
    limits = Limits(zone=ZONE, max_volume=40)
    alarm = item("z", NOON + timedelta(seconds=10), sound, priority="emergency")
    village.tell(item("a", NOON, sound), alarm, limits=limits)
    village.run(150)
    assert village.ear.volumes == {"a": 40, "z": 100}


def test_what_nobody_answers_for_has_no_proof_and_is_not_repeated(village: Village) -> None:
    village.ear.unproved = True
    village.tell(item("a", NOON, village.sound(2)))
    village.run(150)
    village.crash(1)
    village.run(10)
    assert [uid for uid, _ in village.ear.starts] == ["a"]
    assert village.entries() == []


def test_withdrawn_a_moment_before_the_first_sample_it_is_cancelled(village: Village) -> None:
    village.tell(item("a", NOON, village.sound(3)))
    village.run(118)
    row = village.journal.row("a")
    assert row is not None
    village.journal.start("a", NOON, "x", "")
    village.tell(withdrawn=["a"])
    assert village.engine.cause_to_stop(row, NOON) == causes.WITHDRAWN_ON_AIR


steps = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(1, 90)),
        st.tuples(st.just("crash"), st.integers(1, 90)),
        st.tuples(st.just("jump"), st.sampled_from([-86400, -3600, -45, -5, 5, 45, 3600, 86400])),
        st.tuples(st.just("vouch"), st.just(0)),
    ),
    max_size=8,
)
plans = st.lists(
    st.tuples(
        st.integers(-60, 150),  # seconds from noon
        st.sampled_from([1, 4, 20]),  # seconds of sound
        st.sampled_from(["normal", "priority", "emergency"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans, steps, st.sampled_from([0, -8, 9]))
def test_through_any_crashes_and_clock_steps_a_uid_sounds_once_at_most_and_is_told_once(
    plan: list[tuple[int, int, str]], course: list[tuple[str, int]], hours: int
) -> None:
    """Begun at noon, at four in the morning or at nine in the evening."""
    with tempfile.TemporaryDirectory() as folder:
        base = NOON + timedelta(hours=hours)
        village = Village(Path(folder), base - timedelta(minutes=1))
        items = [
            item(
                f"tin-{n}",
                base + timedelta(seconds=offset),
                village.sound(seconds, seed=seconds),
                priority=priority,
            )
            for n, (offset, seconds, priority) in enumerate(plan)
        ]
        village.tell(*items)
        for what, amount in course:
            match what:
                case "run":
                    village.run(amount)
                case "crash":
                    village.crash(amount)
                case "jump":
                    village.clock.set(village.clock.now() + timedelta(seconds=amount))
                case "vouch":
                    village.journal.reset_clock(village.clock.now())
            village.tell(*items)  # the server keeps telling the same plan
        village.clock.set(base + timedelta(days=9))
        village.journal.reset_clock(village.clock.now())
        village.run(120)

        heard = Counter(uid for uid, _ in village.ear.starts)
        assert all(count == 1 for count in heard.values())
        told = Counter(entry.uid for entry in village.entries())
        assert told == Counter(one.uid for one in items)
        sounded = {uid for uid, _ in village.ear.instants}
        for entry in village.entries():
            assert (entry.outcome in {"aired", "partly_aired"}) == (entry.uid in sounded) or (
                entry.outcome == "partly_aired"  # killed after the commit, before the first sample
            )
        emergencies = {one.uid for one in items if one.priority == "emergency"}
        for uid, at in village.ear.instants:
            assert uid in emergencies or not NIGHT.hours.covers(
                at.astimezone(ZoneInfo(ZONE)).time()
            )
