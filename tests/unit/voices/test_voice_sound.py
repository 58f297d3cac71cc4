"""The gate for sound that comes from outside, the cache's file form, and the breaker."""

from __future__ import annotations

import io
import math
import struct
from pathlib import Path

import pytest
import soundfile

from broadcaster.voices import Pcm, TemporaryFault, plausible, wav
from broadcaster.voices.breaker import Breaker
from broadcaster.voices.decoding import decode

RATE = 8000


def tone(seconds: float, level: float = 0.3) -> Pcm:
    count = round(seconds * RATE)
    wave = (level * 32767 * math.sin(n * 0.5) for n in range(count))
    return Pcm(struct.pack(f"<{count}h", *map(round, wave)), RATE)


def joined(*parts: Pcm) -> Pcm:
    return Pcm(b"".join(part.data for part in parts), RATE)


FOUR = "một hai ba bốn"


def test_sound_of_the_right_length_passes() -> None:
    plausible.check(tone(1.2), FOUR, 1.0)


def test_silence_around_the_words_does_not_count() -> None:
    plausible.check(joined(tone(3, 0), tone(1.2), tone(3, 0)), FOUR, 1.0)


@pytest.mark.parametrize("seconds", [0.2, 4.0])
def test_sound_too_short_or_too_long_for_its_syllables_is_refused(seconds: float) -> None:
    with pytest.raises(TemporaryFault, match="4 âm tiết"):
        plausible.check(tone(seconds), FOUR, 1.0)


@pytest.mark.parametrize("pcm", [tone(1.2, 0.001), Pcm(b"", RATE)], ids=["faint", "empty"])
def test_silence_is_refused(pcm: Pcm) -> None:
    with pytest.raises(TemporaryFault, match="im lặng"):
        plausible.check(pcm, FOUR, 1.0)


def test_a_hole_in_the_middle_is_refused() -> None:
    with pytest.raises(TemporaryFault, match="khoảng lặng"):
        plausible.check(joined(tone(1), tone(2.5, 0), tone(1)), FOUR * 3, 1.0)


def test_the_form_of_the_cache_is_a_wav_that_others_read() -> None:
    pcm = tone(0.5)
    packed = wav.pack(pcm)
    samples, rate = soundfile.read(io.BytesIO(packed), dtype="int16")
    assert (samples.tobytes(), rate) == (pcm.data, RATE)
    assert wav.unpack(packed) == pcm


@pytest.mark.parametrize("length", [0, 20, 44, 1000])
def test_a_cut_file_is_told_from_a_whole_one(length: int) -> None:
    assert wav.unpack(wav.pack(tone(0.5))[:length]) is None


def test_a_kind_of_sound_that_was_not_asked_for_is_refused() -> None:
    packed = wav.pack(tone(0.5))
    assert decode(packed) == tone(0.5)
    with pytest.raises(TemporaryFault):
        decode(packed, ("MP3",))


def test_stereo_is_made_mono() -> None:
    both = io.BytesIO()
    soundfile.write(both, [[0.25, 0.75]] * 100, RATE, format="WAV")
    samples = struct.unpack("<100h", decode(both.getvalue()).data)
    assert set(samples) == {16384}


def test_a_rest_is_remembered_by_the_next_process_and_ends(tmp_path: Path) -> None:
    now = 1000.0
    breaker = Breaker(tmp_path / "deep" / "rest.json", lambda: now)
    assert breaker.rest_s() == 0
    breaker.trip(600)
    now = 1100.0
    assert Breaker(tmp_path / "deep" / "rest.json", lambda: now).rest_s() == 500
    now = 1601.0
    assert breaker.rest_s() == 0


def test_a_clock_set_back_by_a_year_does_not_silence_the_voice(tmp_path: Path) -> None:
    now = 40_000_000.0
    breaker = Breaker(tmp_path / "rest.json", lambda: now)
    breaker.trip(600)
    now = 1000.0
    assert breaker.rest_s() == 0


def test_a_broken_note_of_a_rest_is_no_rest(tmp_path: Path) -> None:
    (tmp_path / "rest.json").write_text("{")
    assert Breaker(tmp_path / "rest.json", lambda: 0.0).rest_s() == 0
