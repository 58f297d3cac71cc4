"""The meter agrees with the published test signals and with an independent meter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
import soundfile

from broadcaster.studio import measure
from broadcaster.studio.meter import Meter
from broadcaster.studio.model import Measurement
from broadcaster.voices.espeak import Espeak

Sound = npt.NDArray[np.float64]
RATE = 48000


def sine(seconds: float, dbfs: float, hertz: float = 1000, rate: int = RATE) -> Sound:
    t = np.arange(round(seconds * rate)) / rate
    return np.asarray(10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * t))


def steps(*parts: tuple[float, float]) -> Sound:
    return np.concatenate([sine(seconds, level) for seconds, level in parts])


def metered(channels: list[Sound], rate: int = RATE, block: int = 70_001) -> Measurement:
    sound = np.stack(channels).astype(np.float32)
    meter = Meter(rate, len(channels))
    for start in range(0, sound.shape[1], block):
        meter.feed(sound[:, start : start + block])
    return meter.result()


# EBU Tech 3341, table 1: minimum requirements test signals 1 to 5, stereo.
@pytest.mark.parametrize(
    ("signal", "lufs"),
    [
        (steps((20, -23)), -23),
        (steps((20, -33)), -33),
        (steps((10, -36), (60, -23), (10, -36)), -23),
        (steps((10, -72), (10, -36), (60, -23), (10, -36), (10, -72)), -23),
        (steps((20, -26), (20.1, -20), (20, -26)), -23),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_integrated_loudness_of_the_published_signals(signal: Sound, lufs: float) -> None:
    assert metered([signal, signal]).integrated_lufs == pytest.approx(lufs, abs=0.1)


def test_surround_channels_weigh_more_and_the_effects_channel_nothing() -> None:
    """EBU Tech 3341, signal 6: five channels, here with a loud effects channel beside them."""
    front, centre, back = sine(20, -28), sine(20, -24), sine(20, -30)
    effects = sine(20, -3, hertz=60)
    measured = metered([front, front, centre, effects, back, back])
    assert measured.integrated_lufs == pytest.approx(-23, abs=0.1)


# EBU Tech 3341, signals 15 to 18: sines at a quarter to a tenth of the rate, faded in and out.
@pytest.mark.parametrize(("part", "degrees"), [(4, 0), (4, 45), (6, 60), (8, 67.5)])
def test_true_peak_between_the_samples(part: int, degrees: float) -> None:
    n = np.arange(RATE)
    fade = np.minimum(1, np.minimum(n, n[::-1]) / 4800)
    tone = 0.5 * fade * np.sin(2 * np.pi * n / part + np.radians(degrees))
    assert -6.4 <= metered([tone]).true_peak_dbtp <= -5.8


# EBU Tech 3342: minimum requirements test signals 1 to 4.
@pytest.mark.parametrize(
    ("signal", "lu"),
    [
        (steps((20, -20), (20, -30)), 10),
        (steps((20, -20), (20, -15)), 5),
        (steps((20, -40), (20, -20)), 20),
        (steps((20, -50), (20, -35), (20, -20), (20, -35), (20, -50)), 15),
    ],
    ids=["1", "2", "3", "4"],
)
def test_loudness_range_of_the_published_signals(signal: Sound, lu: float) -> None:
    assert metered([signal, signal]).loudness_range_lu == pytest.approx(lu, abs=1)


@pytest.mark.parametrize("rate", [22050, 24000, 44100, 48000, 96000])
def test_speech_is_as_loud_as_an_independent_meter_says(rate: int, tmp_path: Path) -> None:
    pcm = Espeak({}).speak("Ủy ban nhân dân xã thông báo, hôm nay mưa to.", speed=1, deadline_s=20)
    speech = np.frombuffer(pcm.data, "<i2").astype(np.float64) / 32768
    stretched = np.interp(
        np.arange(0, len(speech), pcm.sample_rate / rate), np.arange(len(speech)), speech
    )
    path = tmp_path / "speech.wav"
    soundfile.write(path, stretched, rate, subtype="FLOAT")
    reference = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(stretched)
    assert measure(path).integrated_lufs == pytest.approx(reference, abs=0.1)


def test_the_size_of_the_blocks_changes_nothing() -> None:
    noise = np.random.default_rng(7).standard_normal(RATE * 5) * 0.1
    small, large = (metered([noise], block=size) for size in (4801, RATE * 5))
    assert small.as_dict() == pytest.approx(large.as_dict(), abs=1e-4)


def test_the_longest_silence_is_found_at_either_end_too() -> None:
    def gap(*parts: tuple[float, float]) -> float:
        return metered([steps(*parts)]).longest_silence_s

    assert gap((1, -20), (1.5, -90), (1, -20), (0.5, -90)) == pytest.approx(1.5, abs=0.03)
    assert gap((2, -90), (1, -20)) == pytest.approx(2, abs=0.03)
    assert gap((1, -20), (3, -90)) == pytest.approx(3, abs=0.03)


def test_silence_has_no_loudness_and_says_so_in_data() -> None:
    measured = metered([np.zeros(RATE)])
    assert measured.integrated_lufs == float("-inf")
    assert measured.as_dict()["integrated_lufs"] is None
    assert measured.as_dict()["longest_silence_s"] == 1.0
