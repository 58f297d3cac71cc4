"""A real station process through kill -9, a dead server, a second start and an orderly end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import wave
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from loopback_server import LoopbackServer, chirp
from station_process import StationProcess, until

from broadcaster.station import causes
from broadcaster.station.process import Seat
from broadcaster.station.supervisor import HUNG_AFTER, Supervisor


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture
def station(tmp_path: Path, server: LoopbackServer) -> Iterator[StationProcess]:
    made = StationProcess(tmp_path, server)
    yield made
    made.clean_up()


@pytest.fixture(scope="module")
def lasting_server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def lasting(
    tmp_path_factory: pytest.TempPathFactory, lasting_server: LoopbackServer
) -> Iterator[StationProcess]:
    """One station for several tests, each with an item of its own; the last one ends it."""
    made = StationProcess(tmp_path_factory.mktemp("station"), lasting_server).ready()
    yield made
    made.clean_up()


def test_with_the_server_dead_from_before_until_after_it_plays_and_proves_it_later_once(
    station: StationProcess, server: LoopbackServer
) -> None:
    station.ready()
    item = server.add("a", chirp(1), starts_in=2.5)
    until(lambda: server.statuses and "a" in server.statuses[-1].held)
    server.stop()
    until(lambda: (station.home / "played").is_dir() and "a" in station.recordings())
    time.sleep(0.4)  # the station looks for the server in vain, during the play and after it
    assert server.entries == {}
    server.start()
    until(lambda: server.entries)
    ((name, entry),) = server.entries.items()
    assert entry.outcome == "aired"
    assert entry.started_at is not None
    assert abs(entry.started_at - item.starts_at) < timedelta(milliseconds=250)
    server.version += 1
    until(lambda: server.statuses[-1].version == server.version)
    assert server.times_sent == {name: 1}
    ((recording,),) = station.recordings().values()
    assert str(recording) == entry.recording
    assert recording.read_bytes() == chirp(1)


def test_without_settings_it_ends_with_the_way_out(tmp_path: Path, server: LoopbackServer) -> None:
    station = StationProcess(tmp_path, server)
    (tmp_path / "station.toml").unlink()
    found = subprocess.run(station.command, capture_output=True, text=True, timeout=20, check=False)
    assert found.returncode == 2
    assert "Hãy tạo tệp này rồi chạy lại" in found.stderr


class Hurried:
    """Steady time that a test moves; waiting is real but short."""

    steady = 0.0

    def monotonic(self) -> float:
        return self.steady

    def wait(self, seconds: float) -> None:
        self.steady += seconds
        time.sleep(min(seconds, 0.02))


def test_an_engine_that_hangs_is_replaced(station: StationProcess) -> None:
    clock = Hurried()
    supervisor = Supervisor(station.home, clock)  # type: ignore[arg-type]  # it never asks for the time of day
    seat = Seat(station.home, "engine")
    supervisor.tend()
    until(seat.last_beat)
    hung = seat.pid()
    os.kill(hung, signal.SIGSTOP)
    supervisor.tend()
    clock.steady += HUNG_AFTER + 1
    supervisor.tend()
    until(lambda: not seat.is_taken())
    clock.steady += HUNG_AFTER
    supervisor.tend()
    until(lambda: seat.pid() not in {0, hung})
    supervisor.stop()
    assert not seat.is_taken()


def test_a_second_station_on_the_folder_ends_with_a_clear_message(lasting: StationProcess) -> None:
    second = subprocess.run(
        lasting.command, capture_output=True, text=True, timeout=20, check=False
    )
    assert second.returncode == 1
    assert f"Một máy phát khác (tiến trình {lasting.pid}) đang dùng thư mục" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_dead_engine_is_started_again_and_plays(
    lasting: StationProcess, lasting_server: LoopbackServer
) -> None:
    dead = lasting.engine_pid
    lasting.kill_engine()
    until(lambda: lasting.engine_pid not in {0, dead}, 10)
    lasting_server.add("d", chirp(0.5), starts_in=1)
    until(lambda: lasting_server.outcomes().get("d") == "aired")


def test_the_engine_outlives_its_station_and_is_taken_over_by_the_next(
    lasting: StationProcess, lasting_server: LoopbackServer
) -> None:
    lasting_server.add("o", chirp(0.5, seed=2), starts_in=2.5)
    until(lambda: "o" in lasting_server.statuses[-1].held)
    engine = lasting.engine_pid
    lasting.kill()
    until(lambda: "o" in lasting.recordings())
    assert "o" not in lasting_server.outcomes()
    lasting.start()
    until(lambda: lasting_server.outcomes().get("o") == "aired")
    assert lasting.engine_pid == engine


def test_an_orderly_end_records_what_was_playing_and_hands_it_in(
    lasting: StationProcess, lasting_server: LoopbackServer
) -> None:
    """Also of an engine that an earlier station had started, as the test before leaves it."""
    lasting_server.add("e", chirp(20), starts_in=1)
    until(lambda: "e" in lasting.recordings())
    time.sleep(0.7)
    assert lasting.end() == 0
    entry = lasting_server.entry_of("e")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.SHUT_DOWN.vi)
    assert 0.5 < entry.seconds_played < 10
    with wave.open(entry.recording) as file:
        assert file.getnframes() / file.getframerate() == entry.seconds_played
    assert not Seat(lasting.home, "engine").is_taken()


def test_a_service_manager_hears_that_it_is_ready_and_that_sound_flows(
    tmp_path: Path, server: LoopbackServer
) -> None:
    """The signs of life come from the engine, as long as its player gives some."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(15)
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        station = StationProcess(tmp_path / "home", server, environment).start()
        try:
            heard = [manager.recv(100) for _ in range(3)]
        finally:
            station.clean_up()
    assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
