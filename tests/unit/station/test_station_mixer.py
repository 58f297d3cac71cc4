"""Samples on the card's time line: placed exactly, cut softly, counted truthfully."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.station.players.mixer import FADE, Block, Voice

RATE = 1000


def ramp(frames: int) -> Block:
    """Every sample differs from its neighbours and from silence."""
    return np.arange(1, frames + 1, dtype=np.float32)[:, None]


def drive(voice: Voice, buffers: list[int], begin: float = 0.0) -> Block:
    """What a card would have heard that asks for `buffers` frames at a time."""
    heard = []
    at = begin
    for frames in buffers:
        out = np.full((frames, 1), 7, dtype=np.float32)
        voice.fill(out, at)
        heard.append(out)
        at += frames / RATE
    return np.concatenate(heard)


@given(
    begins=st.integers(0, 300),
    length=st.integers(1, 200),
    cut=st.integers(1, 60),
    buffers=st.lists(st.integers(1, 90), min_size=12, max_size=30),
)
def test_the_sound_lies_at_its_time_whatever_the_buffers(
    begins: int, length: int, cut: int, buffers: list[int]
) -> None:
    sound = ramp(length)
    voice = Voice(begins / RATE, RATE)
    for start in range(0, length, cut):
        voice.put(sound[start : start + cut])
    voice.complete()
    heard = drive(voice, buffers)
    expected = np.zeros((max(sum(buffers), begins + length), 1), dtype=np.float32)
    expected[begins : begins + length] = sound
    assert np.array_equal(heard, expected[: sum(buffers)])
    assert voice.heard_frames == max(0, min(length, sum(buffers) - begins))
    assert voice.done == (sum(buffers) >= begins + length)
    assert voice.underruns == 0


def test_it_tells_when_the_first_and_the_last_sample_are_heard() -> None:
    voice = Voice(5.050, RATE)
    voice.put(ramp(100))
    voice.complete()
    drive(voice, [40] * 6, begin=5.0)
    assert voice.first_heard == pytest.approx(5.050)
    assert voice.end_heard == pytest.approx(5.150)


def test_a_late_start_begins_at_once_and_leaves_nothing_out() -> None:
    voice = Voice(1.0, RATE)
    voice.put(ramp(50))
    voice.complete()
    heard = drive(voice, [60], begin=3.0)
    assert np.array_equal(heard[:50], ramp(50))
    assert voice.first_heard == 3.0


@pytest.mark.parametrize("blocks", [[100, 100], [7] * 20])
def test_cut_short_it_is_silent_within_its_fade_and_without_a_crack(blocks: list[int]) -> None:
    voice = Voice(0.0, RATE)
    voice.put(np.ones((500, 1), dtype=np.float32))
    voice.complete()
    drive(voice, [100])
    voice.fade()
    tail = drive(voice, blocks, begin=0.1)[:, 0]
    fading = round(FADE * RATE)
    assert np.all(np.diff(tail[:fading]) < 0)
    assert np.max(-np.diff(np.concatenate([[1.0], tail]))) < 2.5 / fading
    assert not tail[fading:].any()
    assert voice.done
    assert voice.heard_frames == 100 + fading


def test_cut_short_before_its_time_it_never_sounds() -> None:
    voice = Voice(10.0, RATE)
    voice.put(ramp(50))
    voice.fade()
    assert not drive(voice, [100]).any()
    assert voice.done
    assert voice.heard_frames == 0
    assert voice.first_heard is None


def test_a_disk_too_slow_is_an_underrun_and_nothing_is_lost() -> None:
    voice = Voice(0.0, RATE)
    voice.put(ramp(30))
    first = drive(voice, [50])
    assert voice.underruns == 1
    assert not voice.done
    voice.put(ramp(30))
    voice.complete()
    second = drive(voice, [50], begin=0.05)
    assert np.array_equal(first[:30], ramp(30))
    assert np.array_equal(second[:30], ramp(30))
    assert voice.heard_frames == 60
