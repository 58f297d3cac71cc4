"""Sound files that are odd, broken or missing, disks that are full, renders that are stopped."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.errors import InputError, Unavailable
from broadcaster.studio import (
    Layout,
    Profile,
    Programme,
    Segment,
    measure,
    produce,
)
from broadcaster.voices import speak_all

BARE = Layout(lead_in_ms=0, tail_ms=0)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    lines = ["Đây là Đài Truyền thanh xã.", "Ngày mai tổ chức tiêm phòng cho gia súc, gia cầm."]
    return list(speak_all(lines, ["espeak"], tmp_path_factory.mktemp("voice")).segments)


@pytest.fixture
def segments(speech: list[Path]) -> list[Segment]:
    return [Segment(path, 400) for path in speech]


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


@pytest.mark.parametrize("odd", [{"sample_rate": 44100}, {"mp3_kbps": 320}])
def test_a_form_that_no_file_can_have_is_refused(
    odd: dict[str, int], segments: list[Segment], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="Không hỗ trợ"):
        produce(segments, BARE, replace(Profile(), **odd), tmp_path)  # type: ignore[arg-type]  # odd is for the check


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
