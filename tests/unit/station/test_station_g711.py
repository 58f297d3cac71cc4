"""G.711: every sample comes back within its step, and nothing above the band is folded into it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from broadcaster.station.players.g711 import RATE, Narrowing, encode


def decode(codes: Any) -> Any:
    """By the formula of ITU-T G.711, apart from the product's own tables."""
    inverted = ~codes.astype(np.int32) & 0xFF
    exponent, mantissa = (inverted >> 4) & 7, inverted & 15
    size = ((2 * mantissa + 33) << (exponent + 2)) - 132
    return np.where(inverted & 0x80, -size, size)


def test_every_sample_comes_back_within_half_a_step() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    back = decode(encode(every))
    size = np.abs(every.astype(np.int32))
    step = 2 ** np.maximum(np.floor(np.log2(np.minimum(size, 32635) + 132)) - 4, 3)
    heard = np.minimum(size, 32635)
    assert np.all(np.abs(np.abs(back) - heard) <= step / 2 + 1)
    assert np.all(np.sign(back[size > 8]) == np.sign(every[size > 8]))


@pytest.mark.parametrize(("sample", "code"), [(0, 0xFF), (32767, 0x80), (-32768, 0x00)])
def test_the_ends_of_the_scale_are_those_of_the_standard(sample: int, code: int) -> None:
    assert encode(np.array([sample], dtype=np.int16))[0] == code


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("block", [97, 4_800])
def test_a_tone_keeps_its_pitch_and_level_whatever_the_blocks(rate: int, block: int) -> None:
    tone = 10_000 * np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    narrow = Narrowing(rate)
    out = np.concatenate([narrow(tone[i : i + block]) for i in range(0, rate, block)])
    assert abs(len(out) - RATE) <= 1
    middle = out[RATE // 4 : RATE * 3 // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * RATE / len(middle) == pytest.approx(1000, abs=3)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(10_000 / np.sqrt(2), rel=0.03)


def test_what_lies_above_the_band_is_gone() -> None:
    high = 10_000 * np.sin(2 * np.pi * 6000 * np.arange(48_000) / 48_000)
    assert np.max(np.abs(Narrowing(48_000)(high)[100:-100])) < 100
