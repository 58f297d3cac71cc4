"""Whole programmes from real files: layout, level, names, bytes, and input that cannot be used."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from broadcaster.resources import folder
from broadcaster.studio import (
    PROFILES,
    Layout,
    Profile,
    Segment,
    cut,
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
RATE = 44100


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


def test_flac_holds_the_same_samples_in_less_space(segments: list[Segment], tmp_path: Path) -> None:
    made = produce(segments, BARE, Profile(), tmp_path)
    small = flac(made.wav_path, tmp_path)
    assert small == flac(made.wav_path, tmp_path)
    assert small.stem == hashlib.sha256(small.read_bytes()).hexdigest()
    assert small.stat().st_size < made.wav_path.stat().st_size * 0.7
    whole, same = (soundfile.read(p, dtype="int16")[0] for p in (made.wav_path, small))
    assert np.array_equal(whole, same)


def test_the_cues_of_a_programme_are_its_own_samples(
    segments: list[Segment], tmp_path: Path
) -> None:
    layout = Layout(chime=CHIME, opening=(segments[0],), closing=(segments[2],))
    made = produce(segments[1:2], layout, Profile(), tmp_path)
    cues = cut(made, tmp_path)
    assert [cue.kind for cue in cues] == ["lead_in", "chime", "opening", "item", "closing"]
    paths = [tmp_path / f"{cue.digest}.wav" for cue in cues]
    for cue, path in zip(cues, paths, strict=True):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == cue.digest
        assert path.stat().st_size == cue.size
    whole, _ = soundfile.read(made.wav_path, dtype="int16")
    joined = np.concatenate([soundfile.read(path, dtype="int16")[0] for path in paths])
    assert np.array_equal(joined, whole)
    assert abs(sum(cue.duration_ms for cue in cues) - made.duration_ms) <= len(cues)
    speech = soundfile.info(segments[1].path).duration
    assert cues[3].duration_ms / 1000 == pytest.approx(speech + 0.4, abs=0.02)
    for path in (paths[2], paths[3]):
        assert heard(path)[-35:-2].max() < 0.01, "the pause belongs to what was said before it"


def test_a_programme_without_chime_has_no_such_cue(segments: list[Segment], tmp_path: Path) -> None:
    made = produce(segments, BARE, Profile(), tmp_path)
    (only,) = cut(made, tmp_path)
    assert (only.kind, only.digest) == ("item", made.wav_digest)
