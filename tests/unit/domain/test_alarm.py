"""Who is to be told what, and when: proof that is missing counts, not a heartbeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alarm import Alarm, Expected, Heard, Kind, Refused, alarms
from broadcaster.errors import Text

SIX = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOUND = Expected("u1", 7, "loa", SIX, held=True)


def told(
    now: datetime, sound: Expected | None = SOUND, seen: timedelta | None = MINUTE, **more: object
) -> dict[Kind, Alarm]:
    """A station that was last seen so long ago, with one sound planned."""
    station = Heard("loa", None if seen is None else now - seen)
    station = replace(station, **more)  # type: ignore[arg-type]  # a test names the fields it means
    found = alarms([station], [sound] if sound else [], [], now)
    return {one.kind: one for one in found}


def test_planned_at_six_and_no_proof_at_five_past_is_an_alarm() -> None:
    assert told(SIX + 4 * MINUTE) == {}
    assert set(told(SIX + 5 * MINUTE)) == {Kind.NO_PROOF}
    assert "số 7" in told(SIX + 5 * MINUTE)[Kind.NO_PROOF].text.vi


def test_a_station_that_answers_but_does_not_prove_is_an_alarm_too() -> None:
    assert Kind.NO_PROOF in told(SIX + 20 * MINUTE, playing="another")


def test_a_long_programme_that_sounds_now_is_none() -> None:
    assert told(SIX + 30 * MINUTE, playing="u1") == {}
    assert Kind.NO_PROOF in told(SIX + 30 * MINUTE, playing="u1", seen=4 * MINUTE)


@pytest.mark.parametrize(
    ("held", "more", "words"),
    [
        (False, {}, "chưa tải xong"),
        (False, {"seen": None}, "không liên lạc"),
        (False, {"seen": 9 * MINUTE}, "không liên lạc"),
        (True, {"clock_offset_ms": -3_600_000}, "lệch -3600 giây"),
        (True, {"muted": True}, "tắt tiếng"),
        (True, {"output_trouble": "Không có thiết bị."}, "Không có thiết bị"),
    ],
)
def test_what_will_be_missed_is_told_ahead(held: bool, more: dict[str, object], words: str) -> None:
    sound = replace(SOUND, held=held)
    found = told(SIX - 30 * MINUTE, sound, **more)  # type: ignore[arg-type]  # fields of a station
    assert words in found[Kind.WILL_BE_MISSED].text.vi
    assert Kind.WILL_BE_MISSED not in told(SIX - 61 * MINUTE, sound, **more)  # type: ignore[arg-type]  # same


def test_a_station_without_a_line_that_holds_all_is_only_told_to_be_silent() -> None:
    assert set(told(SIX - 30 * MINUTE, seen=9 * MINUTE)) == {Kind.SILENT}
    assert told(SIX - 30 * MINUTE, sound=None, seen=9 * MINUTE) == {}, "nothing planned on it"


def test_a_refused_plan_is_told_until_somebody_has_seen_it() -> None:
    refused = Refused("e1", "loa", Text("lịch giả", "forged"))
    (one,) = alarms([], [], [refused], SIX)
    assert (one.kind, one.subject, one.text.vi) == (Kind.INCIDENT, "e1", "lịch giả")


@given(
    st.lists(
        st.builds(
            Heard,
            st.sampled_from("ab"),
            st.none() | st.datetimes(timezones=st.just(UTC)),
            st.sampled_from(["", "u", "v"]),
            st.none() | st.integers(),
            st.text(max_size=3),
            st.booleans(),
        ),
        max_size=2,
        unique_by=lambda one: one.key,
    ),
    st.lists(
        st.builds(
            Expected,
            st.sampled_from("uvw"),
            st.integers(1, 9),
            st.sampled_from("abc"),
            st.timedeltas(-timedelta(days=1), timedelta(days=1)).map(lambda t: SIX + t),
            st.booleans(),
        ),
        max_size=3,
        unique_by=lambda one: one.uid,
    ),
)
def test_whatever_is_told_each_alarm_is_one_and_every_late_sound_has_one(
    stations: list[Heard], expected: list[Expected]
) -> None:
    found = alarms(stations, expected, [], SIX)
    keys = [(one.kind, one.subject) for one in found]
    assert len(set(keys)) == len(keys)
    for one in expected:
        late = one.due_at + 5 * MINUTE <= SIX
        playing = any(s.key == one.station and s.plays(one.uid, SIX) for s in stations)
        assert ((Kind.NO_PROOF, one.uid) in keys) == (late and not playing)
