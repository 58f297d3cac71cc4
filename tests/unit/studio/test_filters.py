"""Filters and framing of streams."""

from __future__ import annotations

import numpy as np
import pytest

from broadcaster.studio.filters import Convolver, Framer, Samples, band

RATE = 24000


def through_band(sound: Samples, block: int) -> Samples:
    response, delay = band(250, 7000, RATE)
    filters = Convolver([response], RATE, 1, delay)
    blocks = [sound[:, n : n + block] for n in range(0, sound.shape[1], block)]
    return np.concatenate([*(filters.feed(b)[0] for b in blocks), filters.flush()[0]], axis=1)


def tone(hertz: float) -> Samples:
    t = np.arange(RATE * 2) / RATE
    return np.sin(2 * np.pi * hertz * t).astype(np.float32)[None, :]


def decibels(hertz: float) -> float:
    middle = through_band(tone(hertz), 9999)[0, RATE // 2 : -RATE // 2]
    return float(10 * np.log10(np.mean(middle**2) * 2))


@pytest.mark.parametrize("hertz", [320, 1000, 3000, 6000])
def test_speech_passes_the_band_unchanged(hertz: float) -> None:
    assert decibels(hertz) == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize(("hertz", "most"), [(50, -60), (125, -40), (200, -13), (9500, -15)])
def test_what_harms_a_horn_does_not_pass(hertz: float, most: float) -> None:
    assert decibels(hertz) < most


@pytest.mark.parametrize("length", [1, 100, 24576, 24577, 100_003])
@pytest.mark.parametrize("block", [777, 50_000])
def test_as_many_samples_come_out_as_go_in(length: int, block: int) -> None:
    assert through_band(np.ones((1, length), np.float32), block).shape == (1, length)


def test_nothing_is_moved_in_time() -> None:
    click = np.zeros((1, 40_000), np.float32)
    click[0, 30_000] = 1
    assert int(np.abs(through_band(click, 999)).argmax()) == 30_000


def test_frames_are_whole_and_the_last_is_filled_up() -> None:
    framer = Framer(4)
    first = framer.feed(np.arange(6, dtype=np.float32)[None, :])
    rest = framer.flush()
    assert first.tolist() == [[[0, 1, 2, 3]]]
    assert rest.tolist() == [[[4, 5, 0, 0]]]
    assert framer.flush().shape == (1, 0, 4)
