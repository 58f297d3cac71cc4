"""What a real station really sounds like: played through a software sound card and listened to."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import null_sink
import pytest
from fixtures import IN_CI
from hearing import RATE, SILENCE, Heard, chirp
from loopback_server import LoopbackServer
from station_process import StationProcess, until

from broadcaster.station import causes
from broadcaster.station.tone import write_tone

pytestmark = pytest.mark.hearing

TOLERANCE = 0.05
"""Seconds by which a start may differ from the planned one."""

PROMPT = 0.3
"""Seconds from a command's arrival on the station to its effect in the air."""


@pytest.fixture(scope="module")
def card() -> Iterator[null_sink.NullSink]:
    try:
        with null_sink.running() as sink:
            yield sink
    except null_sink.NoSoundCard as error:
        if IN_CI:
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
    """One for this file: opening a card takes seconds. One of the last tests ends it."""
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


def by_hand(station: StationProcess, *words: str) -> tuple[int, Any]:
    """What a person types beside the station: (exit code, answer)."""
    run = subprocess.run(
        [*station.command, *words],
        env=station.environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return run.returncode, json.loads(run.stdout)


def listen(ear: null_sink.Recorder, since: float) -> Heard:
    """From `since` (wall-clock second) to now, and the half second after it."""
    time.sleep(0.5)
    return Heard.of(ear, since)


@pytest.mark.usefixtures("station")
def test_the_scheduled_sound_is_heard_whole_on_time_and_alone(
    ear: null_sink.Recorder, server: LoopbackServer
) -> None:
    sound = chirp(1, rate=RATE)
    begun = time.time()
    item = server.add("a", sound, starts_in=1.5)
    until(lambda: "a" in server.outcomes())
    heard = listen(ear, begun)
    found = heard.find(sound)
    assert found.likeness > 0.95
    assert abs(found.at - item.starts_at.timestamp()) < TOLERANCE
    assert heard.loudest(0, found.lag - RATE // 100) < SILENCE
    assert heard.loudest(found.lag + RATE + RATE // 100, len(heard.samples)) < SILENCE
    entry = server.entry_of("a")
    assert (entry.outcome, entry.seconds_played, entry.device) == ("aired", 1.0, "horn")
    assert entry.started_at is not None
    assert abs(entry.started_at.timestamp() - found.at) < TOLERANCE


@pytest.mark.usefixtures("station")
def test_an_emergency_is_heard_at_once_and_the_programme_is_gone(
    ear: null_sink.Recorder, server: LoopbackServer, station: StationProcess
) -> None:
    """Its sound is on the disk already, as the templates of a commune are."""
    alarm = chirp(1, rate=RATE, seed=4)
    server.add("template", alarm, starts_in=3600)
    until(lambda: "template" in server.statuses[-1].held)
    begun = time.time()
    server.add("b", chirp(20, rate=RATE), starts_in=1)
    until(lambda: "Phát “Tin b”" in station.log())
    time.sleep(1.5)
    server.add("z", alarm, starts_in=0, priority="emergency")
    arrives = server.version
    until(lambda: {"b", "z"} <= server.outcomes().keys())
    heard = listen(ear, begun)
    found = heard.find(alarm)
    assert found.likeness > 0.95, "nothing else sounds with it"
    assert 0 < found.at - server.served[arrives] < PROMPT
    assert heard.loudest(found.lag + RATE + RATE // 100, len(heard.samples)) < SILENCE
    entry = server.entry_of("b")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.PREEMPTED.vi)
    assert entry.seconds_played == pytest.approx(
        found.at - entry.started_at.timestamp() if entry.started_at else 0, abs=0.2
    )
    assert server.entry_of("z").outcome == "aired"


def test_told_to_stop_it_is_silent_within_300_ms(
    ear: null_sink.Recorder, station: StationProcess, server: LoopbackServer
) -> None:
    begun = time.time()
    server.add("s", chirp(20, rate=RATE), starts_in=1)
    until(lambda: "Phát “Tin s”" in station.log())
    time.sleep(1)
    server.stopped = True
    server.version += 1
    until(lambda: "s" in server.outcomes())
    assert 0 < listen(ear, begun).last_sound() - server.served[server.version] < PROMPT
    entry = server.entry_of("s")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.STOPPED.vi)
    server.stopped = False
    server.version += 1


@pytest.mark.usefixtures("station")
def test_a_muted_output_is_told_and_nothing_counts_as_played(
    card: null_sink.NullSink, server: LoopbackServer, station: StationProcess
) -> None:
    server.add("m", chirp(20, rate=RATE), starts_in=1)
    until(lambda: "Phát “Tin m”" in station.log())
    time.sleep(1)
    card.mute(True)
    until(lambda: "m" in server.outcomes())
    entry = server.entry_of("m")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.OUTPUT_MUTED.vi)
    server.add("n", chirp(1, rate=RATE), starts_in=0.5, grace=0.7)
    until(lambda: "n" in server.outcomes())
    entry = server.entry_of("n")
    assert (entry.outcome, entry.cause_vi) == ("missed", causes.OUTPUT_MUTED.vi)
    until(lambda: server.statuses[-1].muted)
    assert causes.OUTPUT_MUTED.vi in server.statuses[-1].note
    code, told = by_hand(station, "doctor", "--json")
    (loudness,) = [one for one in told["findings"] if one["about"] == "âm lượng"]
    assert (code, loudness["level"]) == (1, "lỗi")
    assert "Bật tiếng" in loudness["fix"]
    card.mute(False)


def test_a_test_tone_is_heard_beside_the_running_station(
    ear: null_sink.Recorder, station: StationProcess, tmp_path: Path
) -> None:
    begun = time.time()
    code, told = by_hand(station, "test-tone", "--seconds", "0.5", "--level", "-12", "--json")
    assert (code, told["heard"], told["device"]) == (0, True, "horn")
    write_tone(tmp_path / "tone.wav", 0.5, -12)
    heard = listen(ear, begun)
    assert heard.find((tmp_path / "tone.wav").read_bytes()).likeness > 0.95
    assert heard.loudest(0, len(heard.samples)) == pytest.approx(10 ** (-12 / 20), rel=0.02)


@pytest.mark.usefixtures("station")
def test_sound_that_is_moved_to_another_output_does_not_count_and_comes_back(
    card: null_sink.NullSink, server: LoopbackServer, station: StationProcess
) -> None:
    server.add("v", chirp(20, rate=RATE), starts_in=1)
    until(lambda: "Phát “Tin v”" in station.log())
    time.sleep(1)
    card.move_streams("spare")
    until(lambda: "v" in server.outcomes())
    entry = server.entry_of("v")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.moved("spare").vi)
    server.add("w", chirp(0.5, rate=RATE), starts_in=0.5)
    until(lambda: server.outcomes().get("w") == "aired")


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
    heard = listen(ear, begun)
    assert heard.loudest(0, len(heard.samples)) < SILENCE


def test_without_any_card_auto_writes_a_file_and_says_why(
    tmp_path: Path, other_server: LoopbackServer
) -> None:
    """A machine whose sound server cannot be reached has no output device."""
    nowhere = {**os.environ, "PULSE_SERVER": f"unix:{tmp_path / 'none'}"}
    station = StationProcess(tmp_path / "home", other_server, nowhere, player="auto").start()
    try:
        until(lambda: other_server.statuses and other_server.statuses[-1].device == "tệp WAV")
        assert "tệp WAV" in other_server.statuses[-1].note
        assert "Không dùng được loa" in other_server.statuses[-1].note
    finally:
        station.clean_up()


def test_told_to_end_it_is_silent_within_300_ms(
    ear: null_sink.Recorder, station: StationProcess, server: LoopbackServer
) -> None:
    begun = time.time()
    server.add("e", chirp(20, rate=RATE), starts_in=1)
    until(lambda: "Phát “Tin e”" in station.log())
    time.sleep(1)
    told = time.time()
    assert station.end() == 0
    assert 0 < listen(ear, begun).last_sound() - told < PROMPT
    entry = server.entry_of("e")
    assert (entry.outcome, entry.cause_vi) == ("partly_aired", causes.SHUT_DOWN.vi)


def test_a_lost_card_is_told_and_the_next_item_plays_when_it_is_back(
    card: null_sink.NullSink, station: StationProcess, server: LoopbackServer
) -> None:
    """Pulled out at rest with an item armed, and while one plays."""
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
    server.add("d", chirp(0.5, rate=RATE, seed=2), starts_in=1)
    until(lambda: server.outcomes().get("d") == "aired")
    server.add("f", chirp(1, rate=RATE, seed=2), starts_in=2, grace=0.5)
    until(lambda: "f" in server.statuses[-1].held)
    card.unplug("horn")  # the other one stays, and is not the chosen one
    until(lambda: server.outcomes().get("f") == "missed")
    assert "horn" in server.entry_of("f").cause_vi
