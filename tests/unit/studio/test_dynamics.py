"""The plan of the gain: on target, under the ceiling, parts alike."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.studio.dynamics import HOPS_A_SECOND, Analysis, Curve, plan
from broadcaster.studio.loudness import integrated


def syllables(level: float, seconds: int = 8) -> Curve:
    """Energies of something like speech: five swells a second over a quiet ground."""
    t = np.arange(seconds * HOPS_A_SECOND) / HOPS_A_SECOND
    return np.asarray(level * (0.01 + np.sin(np.pi * 5 * t) ** 2), np.float32)


def analysis(*energies: Curve, crest: float = 2.5) -> Analysis:
    stops = np.cumsum([0, *map(len, energies)])
    joined = np.concatenate(energies)
    parts = tuple((int(a), int(b)) for a, b in pairwise(stops))
    return Analysis(np.asarray(np.sqrt(joined) * crest, np.float32), joined, parts)


def loudness(energies: Curve, edges: Curve) -> float:
    gained = energies * ((edges[1:] + edges[:-1]) / 2) ** 2
    return integrated(gained.reshape(-1, HOPS_A_SECOND // 10).mean(axis=1).astype(np.float64))


@pytest.mark.parametrize("target", [-23, -16, -14])
@pytest.mark.parametrize("level", [1e-5, 1e-3, 1e-1])
def test_the_target_is_met_from_any_level(level: float, target: float) -> None:
    made = analysis(syllables(level))
    edges = plan(made, target, -2.6)
    assert loudness(made.energies, edges) == pytest.approx(target, abs=0.3)


@given(st.integers(0, 2**32 - 1), st.floats(-9, -1))
def test_no_sample_of_any_hop_passes_the_ceiling(seed: int, ceiling: float) -> None:
    random = np.random.default_rng(seed)
    energies = random.uniform(1e-6, 0.1, 2000).astype(np.float32)
    peaks = np.sqrt(energies) * random.uniform(1, 9, 2000).astype(np.float32)
    edges = plan(Analysis(peaks, energies, ((0, 2000),)), -12, ceiling)
    highest = peaks * np.maximum(edges[1:], edges[:-1])
    assert highest.max() <= 10 ** (ceiling / 20) * 1.0001


def test_a_quiet_part_and_a_loud_part_come_out_alike() -> None:
    quiet, loud = syllables(1e-5), syllables(1e-2)
    edges = plan(analysis(quiet, loud), -16, -2.6)
    half = len(quiet)
    first, second = loudness(quiet, edges[: half + 1]), loudness(loud, edges[half:])
    assert first == pytest.approx(second, abs=0.5)


def test_the_gain_never_falls_or_rises_with_a_click() -> None:
    made = analysis(syllables(1e-3))
    made.peaks[1000] = 1.0
    decibels = 20 * np.log10(plan(made, -16, -2.6))
    assert np.abs(np.diff(decibels)).max() < 6.1


def test_silence_stays_silence() -> None:
    nothing = np.zeros(HOPS_A_SECOND, np.float32)
    assert np.isfinite(plan(Analysis(nothing, nothing, ((0, HOPS_A_SECOND),)), -16, -2)).all()
