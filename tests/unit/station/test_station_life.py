"""Signs of life of the engine: only as long as its player gives some."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from station_clock import FakeClock

from broadcaster.station.engine_main import BEAT_EVERY, Life
from broadcaster.station.process import Seat


class Player:
    """As far as Life asks it."""

    pulse = 1


@pytest.fixture
def seat(tmp_path: Path) -> Seat:
    return Seat(tmp_path, "engine")


def test_a_player_that_hangs_ends_the_beats(seat: Seat) -> None:
    clock, player = FakeClock(), Player()
    life = Life(seat, threading.Event(), clock)
    assert life.going()
    assert seat.last_beat() == 0, "no player yet"
    life.player = player  # type: ignore[assignment]  # the rest of a player is not asked
    assert life.going()
    first = seat.last_beat()
    assert first
    for _ in range(5):
        clock.wait(BEAT_EVERY + 0.1)
        assert life.going()
    assert seat.last_beat() == first, "its callbacks have stopped"
    player.pulse += 1
    assert life.going()
    assert seat.last_beat() > first


def test_asked_to_leave_it_ends(seat: Seat) -> None:
    clock = FakeClock()
    life = Life(seat, threading.Event(), clock)
    with seat.taken():
        assert life.going()
        seat.ask_to_leave()
        clock.wait(1)
        assert not life.going()
