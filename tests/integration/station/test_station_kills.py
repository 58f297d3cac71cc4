"""kill -9 of agent, engine and both at random instants, with somebody listening all the time."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import null_sink
import numpy as np
import pytest
from fixtures import IN_CI
from hearing import RATE, Heard, noise, samples_of
from loopback_server import LoopbackServer
from station_process import StationProcess, until

pytestmark = pytest.mark.hearing

KILLS = 50
EVERY = 0.4
"""Seconds from item to item; each sounds for half of that."""

THIN = 4
"""Only every so many samples are compared: fifty searches in a minute of sound take their time."""


@pytest.fixture
def ear() -> Iterator[null_sink.Recorder]:
    try:
        with null_sink.running() as card, null_sink.Recorder(card) as recorder:
            yield recorder
    except null_sink.NoSoundCard as error:
        if IN_CI:
            raise
        pytest.skip(f"no software sound card here: {error}")


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture
def station(
    tmp_path: Path, server: LoopbackServer, ear: null_sink.Recorder
) -> Iterator[StationProcess]:
    made = StationProcess(
        tmp_path, server, ear.sink.environment, player="sounddevice", device="horn"
    )
    yield made
    made.clean_up()


class Programme:
    """Short items one after the other."""

    def __init__(self, server: LoopbackServer) -> None:
        self._server = server
        self.sounds: dict[str, bytes] = {}

    def add(self, count: int, starts_in: float) -> None:
        for n in range(count):
            uid = f"t{len(self.sounds)}"
            self.sounds[uid] = noise(EVERY / 2, rate=RATE, seed=len(self.sounds))
            self._server.add(uid, self.sounds[uid], starts_in=starts_in + n * EVERY, grace=1.0)


@pytest.mark.timeout(240)
def test_killed_at_fifty_instants_each_item_sounds_once_at_most_and_is_told_once(
    station: StationProcess, server: LoopbackServer, ear: null_sink.Recorder
) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)  # noqa: S311 — chooses whom to kill, and when
    programme, kills = Programme(server), Counter[str]()
    begun = time.time()
    programme.add(100, starts_in=6)
    station.ready()
    until(lambda: len(server.ranges) >= len(programme.sounds))  # all of it is fetched
    time.sleep(max(0.0, begun + 5.5 - time.time()))
    ready = 0
    for _ in range(KILLS):
        victim = dice.choice(["engine", "agent", "agent", "agent", "agent", "both"])
        kills[victim] += 1
        if victim != "agent":
            ready = one_more_engine(station, ready)
        time.sleep(dice.uniform(0.0, 0.5))
        if victim in {"engine", "both"}:
            station.kill_engine()
        if victim in {"agent", "both"}:
            station.kill()
            station.start()
    before = set(programme.sounds)
    programme.add(4, starts_in=7)
    until(lambda: len(server.outcomes()) == len(programme.sounds), 40)
    told = Counter(entry.uid for entry in server.entries.values())
    assert told == Counter(programme.sounds.keys()), (seed, kills)
    outcomes = server.outcomes()
    recording = Thinned(Heard.of(ear, begun))
    gapless = []
    for uid, sound in programme.sounds.items():
        times, whole = recording.times_heard(sound)
        assert times <= 1, (seed, uid, outcomes[uid])
        assert times == 1 or outcomes[uid] != "aired", (seed, uid)
        assert times == 0 or outcomes[uid] != "missed", (seed, uid)
        if outcomes[uid] == "aired":
            gapless.append(whole)
    # Killing keeps a machine busy: a late answer to the card leaves a gap, and is no second play.
    assert sum(gapless) > len(gapless) / 2, (seed, gapless)
    counted = Counter(outcomes[uid] for uid in before)
    assert counted["aired"], (seed, counted, kills)
    assert "aired" in {outcomes[uid] for uid in programme.sounds.keys() - before}
    assert station.end() == 0


def one_more_engine(station: StationProcess, than: int) -> int:
    """How many there have been, as soon as it is more: one that cannot play yet is no target."""
    until(lambda: station.engines_ready() > than)
    return station.engines_ready()


class Thinned:
    """A recording in which many short sounds are looked for."""

    def __init__(self, heard: Heard) -> None:
        self._samples = thin(heard.samples)
        self._size = 1 << (len(self._samples) + RATE).bit_length()
        self._spectrum = np.fft.rfft(self._samples, self._size)

    def times_heard(self, sound: bytes) -> tuple[int, bool]:
        """(at how many places, whether it was whole at one of them)."""
        wanted = thin(samples_of(sound))
        product = self._spectrum * np.conj(np.fft.rfft(wanted, self._size))
        likeness = np.fft.irfft(product, self._size)[: len(self._samples)] / float(wanted @ wanted)
        # A part is as like the whole as it is long; other noise stays below 0.2.
        peaks = np.nonzero(likeness > 0.25)[0]
        apart = RATE / THIN * EVERY / 2  # nearer to each other, they are two parts of one play
        places = 1 + int(np.sum(np.diff(peaks) > apart)) if len(peaks) else 0
        return places, bool(np.max(likeness) > 0.9)


def thin(samples: Any) -> Any:
    return samples[: len(samples) // THIN * THIN].reshape(-1, THIN).mean(axis=1)
