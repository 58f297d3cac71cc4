"""The WAV file that a machine without a sound card writes is what would have been heard."""

from __future__ import annotations

import wave
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from station_clock import NOON, FakeClock
from station_sounds import RATE, samples, wav

from broadcaster.station import causes
from broadcaster.station.players import Job, PlayResult
from broadcaster.station.players.file import FilePlayer
from broadcaster.station.settings import StationSettings

SETTINGS = StationSettings(server="https://xa.example.vn", station="thon-1")


class Desk:
    """A player in a folder, and a clock to move."""

    def __init__(self, home: Path, settings: StationSettings = SETTINGS) -> None:
        self.home = home
        self.clock = FakeClock()
        self.player = FilePlayer(settings, home, self.clock)
        self.player.open()

    def file(self, name: str, sound: bytes) -> Path:
        path = self.home / name
        path.write_bytes(sound)
        return path

    def play(self, *paths: Path, until: float = float("inf")) -> PlayResult:
        job = Job("tin/1", paths, NOON + timedelta(seconds=1))
        return self.player.play(job, lambda heard: heard >= until)


def test_the_output_equals_the_input_sample_by_sample(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = desk.file("a.wav", wav(2.35, channels=2, rate=22_050))
    result = desk.play(path)
    out = Path(result.recording)
    assert np.array_equal(samples(out), samples(path))
    assert out.name == "20261201-120001-tin_1.wav"
    assert result.finished
    assert result.frames_played == len(samples(path))


def test_it_is_paced_by_the_clock_from_the_planned_second_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = desk.play(desk.file("a.wav", wav(3)))
    assert result.started_at is not None
    assert abs(result.started_at - NOON - timedelta(seconds=1)) < timedelta(milliseconds=5)
    assert abs(desk.clock.now() - result.started_at - timedelta(seconds=3)) < timedelta(seconds=0.2)


def test_a_demonstration_may_write_faster_than_life_and_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path, replace(SETTINGS, file_speed=4.0))
    path = desk.file("a.wav", wav(4))
    result = desk.play(path)
    assert np.array_equal(samples(Path(result.recording)), samples(path))
    assert result.started_at is not None
    assert abs(desk.clock.now() - result.started_at - timedelta(seconds=1)) < timedelta(seconds=0.2)
    assert (result.seconds, result.pace) == (4.0, 4.0)
    assert result.device.endswith("nhanh gấp 4")


def test_cues_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one, two = desk.file("1.wav", wav(0.777)), desk.file("2.wav", wav(0.5, seed=2))
    both = np.concatenate([samples(one), samples(two)])
    assert np.array_equal(samples(Path(desk.play(one, two).recording)), both)


def test_a_mono_cue_beside_a_stereo_one_sounds_on_both_sides(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    one, two = desk.file("1.wav", wav(0.3)), desk.file("2.wav", wav(0.3, channels=2))
    out = samples(Path(desk.play(one, two).recording))
    assert np.array_equal(out[: len(samples(one))], np.repeat(samples(one), 2, axis=1))


def test_told_to_be_silent_it_keeps_what_was_heard(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = desk.file("a.wav", wav(5))
    result = desk.play(path, until=2.0)
    out = samples(Path(result.recording))
    assert not result.finished
    assert 2.0 <= len(out) / RATE <= 2.3
    assert np.array_equal(out, samples(path)[: len(out)])
    assert result.seconds == len(out) / RATE


def test_told_to_be_silent_before_its_time_it_leaves_no_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = desk.play(desk.file("a.wav", wav(1)), until=0.0)
    assert (result.frames_played, result.finished, result.started_at) == (0, False, None)
    assert list((tmp_path / "played").iterdir()) == []


def test_while_it_plays_the_file_is_whole_and_as_long_as_what_was_heard(tmp_path: Path) -> None:
    """So a killed process leaves a valid, shorter recording, which is named at the next start."""
    desk = Desk(tmp_path)
    path = desk.file("a.wav", wav(3))
    seen: list[tuple[float, float]] = []

    def look(heard: float) -> bool:
        for growing in (tmp_path / "played").glob("*.playing.wav"):
            with wave.open(str(growing)) as file:
                seen.append((heard, file.getnframes() / RATE))
            (tmp_path / "copy.wav").write_bytes(growing.read_bytes())
        return False

    desk.player.play(Job("a", (path,), NOON), look)
    assert len(seen) >= 20
    assert all(abs(heard - length) < 0.11 for heard, length in seen)
    (tmp_path / "copy.wav").rename(tmp_path / "played" / "x.playing.wav")
    desk.player.open()
    assert (tmp_path / "played" / "x.wav").is_file()


def test_the_volume_is_a_plain_factor(tmp_path: Path) -> None:
    half = StationSettings(server=SETTINGS.server, station="thon-1", volume=50)
    desk = Desk(tmp_path, half)
    path = desk.file("a.wav", wav(0.5))
    out = samples(Path(desk.play(path).recording))
    assert np.max(np.abs(out - samples(path) / 2)) <= 0.5


def test_a_clock_set_back_while_it_waits_does_not_hold_up_the_sound(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    path = desk.file("a.wav", wav(0.5))
    began = desk.clock.monotonic()

    def set_back(_: float) -> bool:
        if desk.clock.now() > NOON - timedelta(hours=1):
            desk.clock.set(NOON - timedelta(days=1))
        return False

    result = desk.player.play(Job("a", (path,), NOON + timedelta(seconds=1)), set_back)
    assert result.finished
    assert desk.clock.monotonic() - began < 2.5


def test_a_file_that_vanished_is_a_cause_and_no_crash(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = desk.play(tmp_path / "gone.wav")
    assert not result.finished
    assert result.cause is not None
    assert result.cause.vi.startswith(causes.player_failed("").vi)
