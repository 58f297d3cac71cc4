"""A person's recording: what is told about it, and what becomes of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from broadcaster.errors import InputError
from broadcaster.studio import measure
from broadcaster.studio.recording import Recording, take
from broadcaster.voices.espeak import Espeak

RATE = 22050
Sound = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def speech() -> Sound:
    """Speech with short pauses at -23 dBFS, a little noise in the room."""
    pcm = Espeak({}).speak(
        "Kính thưa bà con, ngày mai xã tổ chức tiêm phòng.", speed=1, deadline_s=20
    )
    voice = np.frombuffer(pcm.data, "<i2") / 32768
    pause = np.zeros(RATE * 3 // 2)
    sound = np.concatenate([voice, pause, voice, pause, voice]) * 0.5
    return np.asarray(sound + np.random.default_rng(3).standard_normal(len(sound)) * 0.0005)


def taken(sound: Sound, folder: Path, name: str = "thu.wav", rate: int = RATE) -> Recording:
    soundfile.write(folder / name, sound, rate)
    return take(folder / name, folder / "out")


def codes(done: Recording) -> list[str]:
    return [finding.code for finding in done.findings]


def hum(sound: Sound, level: float) -> Sound:
    t = np.arange(len(sound)) / RATE
    mains = np.sin(2 * np.pi * 50 * t) + 0.5 * np.sin(2 * np.pi * 150 * t)
    return np.asarray(sound + level * mains)


def test_a_good_recording_gets_no_remark_and_a_level(speech: Sound, tmp_path: Path) -> None:
    done = taken(speech, tmp_path)
    assert codes(done) == []
    assert measure(done.path).integrated_lufs == pytest.approx(-20, abs=0.3)
    assert soundfile.info(done.path).samplerate == 48000
    assert done.path.stem == done.digest


def test_silence_at_both_ends_is_trimmed_and_a_breath_of_it_stays(
    speech: Sound, tmp_path: Path
) -> None:
    silence = np.zeros(RATE * 2)
    plain = taken(speech, tmp_path)
    done = taken(np.concatenate([silence, speech, silence]), tmp_path)
    assert done.duration_s == pytest.approx(plain.duration_s, abs=0.6)
    assert done.before.duration_s == pytest.approx(plain.before.duration_s + 4, abs=0.01)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda sound: np.clip(sound * 12, -1, 1), "clipping"),
        (lambda sound: hum(sound, 0.01), "hum"),
        (lambda sound: sound * 0.02, "low"),
        (lambda s: s + np.random.default_rng(5).standard_normal(len(s)) * 0.03, "noise"),
        (lambda s: np.concatenate([s, np.zeros(RATE * 4), s]), "silence"),
    ],
    ids=["clipping", "hum", "low", "noise", "silence"],
)
def test_each_fault_is_told_by_its_name(
    fault: Callable[[Sound], Sound], code: str, speech: Sound, tmp_path: Path
) -> None:
    assert codes(taken(fault(speech), tmp_path)) == [code]


def test_a_deep_voice_is_no_hum(tmp_path: Path) -> None:
    t = np.arange(RATE * 6) / RATE
    syllables = np.maximum(0, np.sin(2 * np.pi * 0.6 * t))
    voice = syllables * sum(np.sin(2 * np.pi * 100 * k * t) / k for k in range(1, 20)) * 0.15
    assert "hum" not in codes(taken(voice, tmp_path))


@pytest.mark.parametrize("sound", [np.zeros(RATE * 3), np.ones(100) * 0.5], ids=["silent", "short"])
def test_a_recording_without_sound_is_refused(sound: Sound, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="không có tiếng"):
        taken(sound, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_recording_of_three_hours_is_refused_by_its_header(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.flac", np.zeros(3 * 3600 * 4000, np.int16), 4000)
    with pytest.raises(InputError, match="dài 180 phút, tối đa 60 phút"):
        take(tmp_path / "long.flac", tmp_path / "out")


@pytest.mark.parametrize("form", ["mp3", "ogg", "flac"])
def test_the_forms_that_phones_and_computers_write_are_taken(
    form: str, speech: Sound, tmp_path: Path
) -> None:
    done = taken(speech, tmp_path, f"thu.{form}")
    assert codes(done) == []
    assert done.duration_s == pytest.approx(len(speech) / RATE, abs=0.6)


def test_a_text_named_mp3_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "thu.mp3").write_text("Kính thưa bà con. " * 100, "utf-8")
    with pytest.raises(InputError, match="không phải âm thanh"):
        take(tmp_path / "thu.mp3", tmp_path / "out")
    with pytest.raises(InputError, match="Không có tệp"):
        take(tmp_path / "gone.m4a", tmp_path / "out")


@pytest.mark.skipif(shutil.which("ffmpeg") is not None, reason="says what happens without ffmpeg")
def test_a_phone_file_without_ffmpeg_names_both_ways_out(tmp_path: Path) -> None:
    (tmp_path / "thu.m4a").write_bytes(b"\0\0\0\x18ftypM4A " + bytes(100))
    with pytest.raises(InputError, match=r"cài ffmpeg.*WAV, MP3"):
        take(tmp_path / "thu.m4a", tmp_path / "out")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg, which is not here")
def test_a_phone_file_is_read_by_ffmpeg(speech: Sound, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "thu.wav", speech, RATE)
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "thu.wav"), str(tmp_path / "thu.m4a")]
    subprocess.run(command, check=True)
    done = take(tmp_path / "thu.m4a", tmp_path / "out")
    assert codes(done) == []
    (tmp_path / "text.m4a").write_text("Kính thưa bà con.", "utf-8")
    with pytest.raises(InputError, match="không phải âm thanh"):
        take(tmp_path / "text.m4a", tmp_path / "out")
