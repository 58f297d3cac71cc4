"""What a real station really sounds like: played through a software sound card and listened to."""

from __future__ import annotations

import io
import os
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import null_sink
import numpy as np
import pytest
from loopback_server import LoopbackServer, chirp
from station_process import StationProcess, until

from broadcaster.station import causes

RATE = null_sink.RATE
SILENCE = 30 / 32768
TOLERANCE = timedelta(milliseconds=50)


@pytest.fixture(scope="module")
def card() -> Iterator[null_sink.NullSink]:
    try:
        with null_sink.running() as sink:
            yield sink
    except null_sink.NoSoundCard as error:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            raise
        pytest.skip(f"no software sound card here: {error}")


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def station(
    tmp_path_factory: pytest.TempPathFactory, server: LoopbackServer, card: null_sink.NullSink
) -> Iterator[StationProcess]:
    """One for this file: opening a card takes seconds. The last test ends it."""
    made = StationProcess(
        tmp_path_factory.mktemp("station"),
        server,
        card.environment,
        player="sounddevice",
        device="horn",
    ).ready()
    assert "Phát bằng: horn" in made.log()
    yield made
    made.clean_up()


@pytest.fixture(scope="module")
def ear(card: null_sink.NullSink) -> Iterator[null_sink.Recorder]:
    """Listens from the first test to the one that pulls the card out, which ends it."""
    with null_sink.Recorder(card) as recorder:
        yield recorder


@pytest.fixture
def other_server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@dataclass
class Heard:
    """A recording of the card, and where on the wall clock it lies."""

    samples: Any
    begins: float

    @classmethod
    def since(cls, ear: null_sink.Recorder, start: float) -> Heard:
        """From `start` (wall-clock second) to now, and the half second after it."""
        time.sleep(0.5)
        raw, begins = ear.result()
        samples = np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768
        skip = max(0, round((start - begins) * RATE))
        return cls(samples[skip:], begins + skip / RATE)

    def find(self, sound: bytes) -> tuple[datetime, float, int]:
        """(wall time of its first sample, likeness from 0 to 1, index of its first sample)."""
        wanted = samples_of(sound)
        size = 1 << (len(self.samples) + len(wanted)).bit_length()
        product = np.fft.rfft(self.samples, size) * np.conj(np.fft.rfft(wanted, size))
        lag = int(np.argmax(np.fft.irfft(product, size)[: len(self.samples)]))
        part = self.samples[lag : lag + len(wanted)]
        wanted = wanted[: len(part)]
        norm = float(np.linalg.norm(part) * np.linalg.norm(wanted)) or 1.0
        at = datetime.fromtimestamp(self.begins + lag / RATE).astimezone()
        return at, float(part @ wanted) / norm, lag

    def loudest(self, start: int, end: int) -> float:
        return float(np.max(np.abs(self.samples[max(start, 0) : end]), initial=0.0))

    def last_sound(self) -> datetime:
        index = int(np.nonzero(np.abs(self.samples) > SILENCE)[0][-1])
        return datetime.fromtimestamp(self.begins + index / RATE).astimezone()


def samples_of(sound: bytes) -> Any:
    with wave.open(io.BytesIO(sound)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return raw.astype(np.float64) / 32768


@pytest.mark.usefixtures("station")
def test_the_scheduled_sound_is_heard_whole_on_time_and_alone(
    ear: null_sink.Recorder, server: LoopbackServer
) -> None:
    sound = chirp(2, rate=RATE)
    begun = time.time()
    item = server.add("a", sound, starts_in=2)
    until(lambda: "a" in server.outcomes())
    heard = Heard.since(ear, begun)
    at, likeness, lag = heard.find(sound)
    assert likeness > 0.95
    assert abs(at - item.starts_at) < TOLERANCE
    assert heard.loudest(0, lag - RATE // 100) < SILENCE
    assert heard.loudest(lag + 2 * RATE + RATE // 100, len(heard.samples)) < SILENCE
    entry = server.entry_of("a")
    assert (entry.outcome, entry.seconds_played, entry.device) == ("aired", 2.0, "horn")
    assert entry.started_at is not None
    assert abs(entry.started_at - at) < TOLERANCE


@pytest.mark.usefixtures("station")
def test_an_emergency_is_heard_on_time_and_the_programme_is_gone(
    ear: null_sink.Recorder, server: LoopbackServer
) -> None:
    programme, alarm = chirp(20, rate=RATE), chirp(1, rate=RATE, seed=4)
    begun = time.time()
    server.add("b", programme, starts_in=1.5)
    item = server.add("z", alarm, starts_in=3.5, priority="emergency")
    until(lambda: {"b", "z"} <= server.outcomes().keys())
    heard = Heard.since(ear, begun)
    at, likeness, lag = heard.find(alarm)
    assert likeness > 0.95, "nothing else sounds with it"
    assert abs(at - item.starts_at) < TOLERANCE
    assert heard.loudest(lag + RATE + RATE // 100, len(heard.samples)) < SILENCE
    assert server.entry_of("b").cause_vi == causes.PREEMPTED.vi
    assert server.entry_of("z").outcome == "aired"


def test_a_device_of_another_name_is_never_played_on(
    tmp_path: Path,
    other_server: LoopbackServer,
    card: null_sink.NullSink,
    ear: null_sink.Recorder,
) -> None:
    station = StationProcess(
        tmp_path, other_server, card.environment, player="sounddevice", device="loa xã"
    )
    begun = time.time()
    try:
        station.ready()
        other_server.add("a", chirp(1, rate=RATE), starts_in=1, grace=1)
        until(lambda: other_server.outcomes() == {"a": "missed"})
    finally:
        station.clean_up()
    (entry,) = other_server.entries.values()
    assert "loa xã" in entry.cause_vi or entry.cause_vi == causes.NO_DEVICE.vi
    assert "loa xã" in other_server.statuses[-1].note
    heard = Heard.since(ear, begun)
    assert heard.loudest(0, len(heard.samples)) < SILENCE


def test_without_any_card_auto_writes_a_file_and_says_why(
    tmp_path: Path, other_server: LoopbackServer
) -> None:
    """A machine whose sound server cannot be reached has no output device."""
    nowhere = {**os.environ, "PULSE_SERVER": f"unix:{tmp_path / 'none'}"}
    station = StationProcess(tmp_path / "home", other_server, nowhere, player="auto").start()
    try:
        until(lambda: other_server.statuses and "tệp WAV" in other_server.statuses[-1].note)
        assert other_server.statuses[-1].device == "tệp WAV"
        assert "Không dùng được loa" in other_server.statuses[-1].note
    finally:
        station.clean_up()


def test_told_to_end_it_is_silent_within_300_ms(
    ear: null_sink.Recorder, station: StationProcess, server: LoopbackServer
) -> None:
    begun = time.time()
    server.add("e", chirp(20, rate=RATE), starts_in=1.5)
    until(lambda: "Phát “Tin e”" in station.log())
    time.sleep(1.5)
    told = datetime.now().astimezone()
    assert station.end() == 0
    heard = Heard.since(ear, begun)
    assert timedelta() < heard.last_sound() - told < timedelta(milliseconds=300)
    entry = server.entry_of("e")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.SHUT_DOWN.vi)


def test_a_lost_card_is_told_and_the_next_item_plays_when_it_is_back(
    card: null_sink.NullSink, station: StationProcess, server: LoopbackServer
) -> None:
    station.ready()  # the test before has ended it
    server.add("c", chirp(20, rate=RATE), starts_in=1.5)
    until(lambda: "Phát “Tin c”" in station.log())
    time.sleep(1.3)
    card.unplug("spare")
    card.unplug("horn")
    until(lambda: "c" in server.outcomes())
    entry = server.entry_of("c")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.DEVICE_LOST.vi)
    assert 0 < entry.seconds_played < 5
    card.plug("horn")
    card.plug("spare")
    until(lambda: "Đã mở lại thiết bị" in station.log())
    server.add("d", chirp(1, rate=RATE, seed=2), starts_in=1)
    until(lambda: server.outcomes().get("d") == "aired")
