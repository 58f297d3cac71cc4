"""Quiet hours hold for every instant of the sound, whatever length it has."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.policy import QuietHours

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = QuietHours(time(21), time(6))


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=HERE)


@pytest.mark.parametrize(
    ("begins", "length", "touched"),
    [
        (at(20, 58), timedelta(minutes=2), False),  # its last instant is before 21:00
        (at(20, 58), timedelta(minutes=2, microseconds=1), True),
        (at(20), timedelta(hours=11), True),  # begins before, ends after the whole night
        (at(21), timedelta(), True),
        (at(5, 59, 59), timedelta(seconds=1), True),
        (at(6), timedelta(hours=15), False),
        (at(0), timedelta(minutes=1), True),
    ],
)
def test_sound_touches_the_night_from_its_first_to_its_last_instant(
    begins: datetime, length: timedelta, touched: bool
) -> None:
    assert NIGHT.touched_by(begins, length) is touched


def test_quiet_hours_at_noon_do_not_span_midnight() -> None:
    noon = QuietHours(time(11, 30), time(13, 30))
    assert noon.touched_by(at(11), timedelta(minutes=31))
    assert not noon.touched_by(at(13, 30), timedelta(hours=21, minutes=59))
    assert noon.touched_by(at(10), timedelta(hours=5)), "begins before and ends after"


@given(
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 24 * 60),
)
def test_touching_is_what_looking_at_every_minute_finds(
    start: time, end: time, begin: int, minutes: int
) -> None:
    quiet = QuietHours(start, end)
    begins = at(0) + timedelta(minutes=begin)
    every = (begins + timedelta(minutes=m) for m in range(minutes))
    assert quiet.touched_by(begins, timedelta(minutes=minutes)) == any(
        quiet.covers(moment.time()) for moment in every
    )
