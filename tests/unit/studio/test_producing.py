"""Whole programmes from real files: layout, level, names, bytes, and input that cannot be used."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from broadcaster.errors import InputError, Unavailable
from broadcaster.resources import folder
from broadcaster.studio import (
    PROFILES,
    Layout,
    Profile,
    Programme,
    Segment,
    flac,
    measure,
    produce,
)
from broadcaster.voices import speak_all

CHIME = folder("audio") / "chime-opening.flac"
LINES = [
    "Đây là Đài Truyền thanh xã.",
    "Ủy ban nhân dân xã thông báo, bảy giờ ba mươi phút ngày mai tổ chức tiêm phòng cho gia súc.",
    "Đề nghị bà con đưa gia súc đến nhà văn hóa thôn đúng giờ.",
]
BARE = Layout(lead_in_ms=0, tail_ms=0)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return list(speak_all(LINES, ["espeak"], tmp_path_factory.mktemp("voice")).segments)


@pytest.fixture
def segments(speech: list[Path]) -> list[Segment]:
    return [Segment(path, 400) for path in speech]


def heard(path: Path, hop: int = 480) -> npt.NDArray[np.float64]:
    """RMS of each 10 ms."""
    samples, _ = soundfile.read(path)
    whole = samples[: len(samples) // hop * hop].reshape(-1, hop)
    return np.asarray(np.sqrt((whole**2).mean(axis=1)))


def test_a_programme_is_as_loud_as_ordered_in_both_files(
    segments: list[Segment], tmp_path: Path
) -> None:
    made = produce(segments, Layout(chime=CHIME), Profile(), tmp_path)
    for path in (made.wav_path, made.mp3_path):
        measured = measure(path)
        assert measured.integrated_lufs == pytest.approx(-16, abs=0.5)
        assert measured.true_peak_dbtp <= -2
    assert made.lufs == pytest.approx(measure(made.wav_path).integrated_lufs, abs=0.02)


def test_another_profile_gives_another_level(segments: list[Segment], tmp_path: Path) -> None:
    web = Profile(band=(60, 16000), target_lufs=-19, true_peak_dbtp=-1)
    made = produce(segments, BARE, web, tmp_path)
    assert measure(made.mp3_path).integrated_lufs == pytest.approx(-19, abs=0.5)


def test_files_are_named_by_what_is_in_them(segments: list[Segment], tmp_path: Path) -> None:
    made = produce(segments, BARE, Profile(), tmp_path)
    for path, digest in ((made.wav_path, made.wav_digest), (made.mp3_path, made.mp3_digest)):
        assert path.stem == digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert {p.name for p in tmp_path.iterdir()} == {made.wav_path.name, made.mp3_path.name}


def test_the_same_input_gives_the_same_bytes(segments: list[Segment], tmp_path: Path) -> None:
    first, second = (
        produce(segments, Layout(chime=CHIME), Profile(), tmp_path / name) for name in "ab"
    )
    assert (first.wav_digest, first.mp3_digest) == (second.wav_digest, second.mp3_digest)


def test_the_wav_is_48_khz_mono_and_as_long_as_its_header_says(
    segments: list[Segment], tmp_path: Path
) -> None:
    made = produce(segments, BARE, Profile(), tmp_path)
    info = soundfile.info(made.wav_path)
    assert (info.samplerate, info.channels, info.subtype) == (48000, 1, "PCM_16")
    assert made.wav_path.stat().st_size == 44 + info.frames * 2
    assert made.duration_ms == round(info.frames / 48)


def test_pauses_lead_in_and_tail_are_as_long_as_ordered(
    segments: list[Segment], tmp_path: Path
) -> None:
    def length(layout: Layout, pause: int) -> int:
        spaced = [replace(s, pause_ms=pause) for s in segments]
        return produce(spaced, layout, Profile(), tmp_path).duration_ms

    plain = length(BARE, 0)
    assert length(BARE, 500) - plain == pytest.approx(1500, abs=5)
    assert length(replace(BARE, lead_in_ms=700, tail_ms=300), 0) - plain == pytest.approx(
        1000, abs=5
    )


def test_the_lead_in_is_silent_and_then_the_chime_sounds(
    segments: list[Segment], tmp_path: Path
) -> None:
    made = produce(segments, Layout(lead_in_ms=1000, chime=CHIME), Profile(), tmp_path)
    level = heard(made.wav_path)
    assert level[:95].max() < 0.001
    assert level[105:150].max() > 0.05


def test_a_notice_is_read_twice_with_its_pause_between(
    segments: list[Segment], tmp_path: Path
) -> None:
    once = produce(segments, BARE, Profile(), tmp_path).duration_ms
    twice = produce(segments, replace(BARE, repeat=2), Profile(), tmp_path).duration_ms
    assert twice == pytest.approx(2 * once + 1500, abs=5)


def test_opening_and_closing_stand_around_the_body(speech: list[Path], tmp_path: Path) -> None:
    layout = replace(BARE, opening=(Segment(speech[0], 1000),), closing=(Segment(speech[2], 0),))
    around = produce([Segment(speech[1], 1000)], layout, Profile(), tmp_path)
    straight = [Segment(speech[0], 1000), Segment(speech[1], 1000), Segment(speech[2], 0)]
    assert around.duration_ms == produce(straight, BARE, Profile(), tmp_path).duration_ms


def test_a_bed_fills_the_pauses_and_goes_on_longer_than_its_file(
    segments: list[Segment], tmp_path: Path
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    soundfile.write(tmp_path / "bed.wav", tone, RATE)
    spaced = [replace(s, pause_ms=1500) for s in segments]
    layout = replace(BARE, bed=tmp_path / "bed.wav", bed_db=-12)
    assert produce(spaced, BARE, Profile(), tmp_path).longest_silence_s > 1.3
    assert produce(spaced, layout, Profile(), tmp_path).longest_silence_s < 0.1


def test_a_faint_part_is_raised_to_the_level_of_the_rest(
    speech: list[Path], tmp_path: Path
) -> None:
    samples, rate = soundfile.read(speech[0])
    soundfile.write(tmp_path / "faint.wav", samples * 0.05, rate)
    layout = replace(BARE, opening=(Segment(tmp_path / "faint.wav", 1000),))
    made = produce([Segment(speech[0], 0)], layout, Profile(), tmp_path)
    level = heard(made.wav_path)
    half = len(level) // 2
    assert level[:half].max() == pytest.approx(level[half:].max(), rel=0.15)


RATE = 44100


@pytest.mark.parametrize(
    ("channels", "rate", "subtype"),
    [(1, 8000, "PCM_U8"), (2, 44100, "PCM_24"), (1, 96000, "FLOAT"), (6, 48000, "PCM_16")],
    ids=["8 bit", "stereo", "96 kHz", "5.1"],
)
def test_sound_of_any_usual_form_is_taken(
    channels: int, rate: int, subtype: str, tmp_path: Path
) -> None:
    t = np.arange(rate * 3) / rate
    tone = 0.2 * np.sin(2 * np.pi * 500 * t) * (np.sin(2 * np.pi * 2 * t) > -0.5)
    soundfile.write(tmp_path / "in.wav", np.stack([tone] * channels, 1), rate, subtype=subtype)
    made = produce([Segment(tmp_path / "in.wav")], BARE, Profile(), tmp_path)
    assert made.duration_ms == pytest.approx(3000, abs=5)
    assert made.lufs == pytest.approx(-16, abs=0.5)


def test_a_header_that_lies_about_the_length_costs_no_sound(
    speech: list[Path], tmp_path: Path
) -> None:
    """Programs that write to a pipe leave a length of two gigabytes in the header."""
    content = bytearray(speech[0].read_bytes())
    content[4:8] = content[40:44] = (0x7FFFFFFF).to_bytes(4, "little")
    (tmp_path / "lying.wav").write_bytes(content)
    assert measure(tmp_path / "lying.wav") == measure(speech[0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.mp3", "Kính gửi bà con.".encode() * 50),
        ("empty.wav", b""),
        ("head.wav", b"RIFF\x24\0\0\0WAVE"),
        ("silent.wav", None),
    ],
)
def test_a_file_without_sound_is_refused_by_name_and_nothing_is_written(
    name: str, content: bytes | None, tmp_path: Path
) -> None:
    if content is None:
        soundfile.write(tmp_path / name, np.zeros(48000), 48000)
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        produce([Segment(tmp_path / name)], BARE, Profile(), tmp_path / "out")
    assert name in str(caught.value) or "im lặng" in str(caught.value)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_missing_file_and_no_segment_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Không có tệp"):
        produce([Segment(tmp_path / "gone.wav")], BARE, Profile(), tmp_path)
    with pytest.raises(InputError, match="không có câu nào"):
        produce([], BARE, Profile(), tmp_path)


def test_a_band_beyond_the_sample_rate_is_refused(segments: list[Segment], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Dải tần"):
        produce(segments, BARE, Profile(band=(250, 30000)), tmp_path)


def test_a_folder_that_cannot_be_made_is_reported(segments: list[Segment], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="Không ghi được chương trình"):
        produce(segments, BARE, Profile(), tmp_path / "file" / "out")


FULL_DISK = """
import resource, sys, signal
from pathlib import Path
from broadcaster.errors import Unavailable
from broadcaster.studio import Layout, Profile, Segment, produce
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    produce([Segment(Path(sys.argv[1]))], Layout(), Profile(), Path(sys.argv[2]))
except Unavailable as fault:
    print(fault.text.en)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes")
def test_a_disk_that_takes_no_more_is_reported_and_leaves_nothing(
    speech: list[Path], tmp_path: Path
) -> None:
    """A limit on the size of files stands for a full disk: the same error from the same call."""
    arguments = [sys.executable, "-c", FULL_DISK, str(speech[1]), str(tmp_path / "out")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert "Check the free space" in done.stdout
    assert list((tmp_path / "out").iterdir()) == []


def test_stopping_half_way_leaves_nothing(segments: list[Segment], tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done * 2 > total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        produce(segments, BARE, Profile(), tmp_path / "out", progress=stop)
    assert list((tmp_path / "out").iterdir()) == []


def test_progress_rises_to_its_end(segments: list[Segment], tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    produce(segments, BARE, Profile(), tmp_path, progress=lambda *step: seen.append(step))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


def test_tags_are_vietnamese_and_the_sound_after_them_is_the_same(
    segments: list[Segment], tmp_path: Path
) -> None:
    plain = produce(segments, BARE, Profile(), tmp_path)
    named = produce(segments, BARE, Profile(tags={"title": "Lịch tiêm phòng"}), tmp_path)
    content = named.mp3_path.read_bytes()
    assert content.startswith(b"ID3\x03")
    assert "Lịch tiêm phòng".encode("utf-16") in content
    assert content.endswith(plain.mp3_path.read_bytes())
    assert measure(named.mp3_path) == measure(plain.mp3_path)
    assert soundfile.info(named.mp3_path).format == "MP3"


FFMPEG = shutil.which("ffmpeg")


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg, the other meter, is not installed here")
def test_ffmpeg_measures_the_same(segments: list[Segment], tmp_path: Path) -> None:
    made = produce(segments, Layout(chime=CHIME), Profile(), tmp_path)
    command = ["ffmpeg", "-hide_banner", "-i", str(made.wav_path)]
    meter = ["-af", "ebur128=peak=true", "-f", "null", "-"]
    shown = subprocess.run([*command, *meter], capture_output=True, text=True, check=True).stderr
    summary = shown[shown.rindex("Summary:") :].split()
    assert float(summary[summary.index("I:") + 1]) == pytest.approx(made.lufs, abs=0.1)
    peak = measure(made.wav_path).true_peak_dbtp
    assert float(summary[summary.index("Peak:") + 1]) == pytest.approx(peak, abs=0.2)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_of_ours_can_be_met(
    name: str, segments: list[Segment], tmp_path: Path
) -> None:
    profile = PROFILES[name]
    made = produce(segments, BARE, profile, tmp_path)
    assert made.lufs == pytest.approx(profile.target_lufs, abs=0.5)
    assert made.true_peak_dbtp <= profile.true_peak_dbtp


@pytest.mark.parametrize("odd", [{"sample_rate": 44100}, {"mp3_kbps": 320}])
def test_a_form_that_no_file_can_have_is_refused(
    odd: dict[str, int], segments: list[Segment], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="Không hỗ trợ"):
        produce(segments, BARE, replace(Profile(), **odd), tmp_path)  # type: ignore[arg-type]  # odd is for the check


def test_flac_holds_the_same_samples_in_less_space(segments: list[Segment], tmp_path: Path) -> None:
    made = produce(segments, BARE, Profile(), tmp_path)
    small = flac(made.wav_path, tmp_path)
    assert small == flac(made.wav_path, tmp_path)
    assert small.stem == hashlib.sha256(small.read_bytes()).hexdigest()
    assert small.stat().st_size < made.wav_path.stat().st_size * 0.7
    whole, same = (soundfile.read(p, dtype="int16")[0] for p in (made.wav_path, small))
    assert np.array_equal(whole, same)


KILLED = """
import os, sys
from pathlib import Path
from broadcaster.studio import Layout, Profile, Segment, produce
def die(done, total):
    if done * 2 > total:
        os._exit(9)
produce([Segment(Path(sys.argv[1]))] * 3, Layout(), Profile(), Path(sys.argv[2]), progress=die)
"""


def test_what_a_killed_process_left_is_swept_away_by_the_next(
    segments: list[Segment], tmp_path: Path
) -> None:
    arguments = [sys.executable, "-c", KILLED, str(segments[0].path), str(tmp_path)]
    assert subprocess.run(arguments, check=False).returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    made = produce(segments, BARE, Profile(), tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {made.wav_path.name, made.mp3_path.name}


def test_a_programme_in_the_making_is_not_swept_away(
    segments: list[Segment], tmp_path: Path
) -> None:
    inner: list[Programme] = []

    def another(done: int, total: int) -> None:
        if done * 2 > total and not inner:
            inner.append(produce(segments[:1], BARE, Profile(), tmp_path))

    outer = produce(segments, BARE, Profile(), tmp_path, progress=another)
    assert outer.wav_path.exists()
    assert inner[0].wav_path.exists()
