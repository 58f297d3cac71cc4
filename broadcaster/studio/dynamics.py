"""Plan the gain of a whole programme from what is known of each 2 ms of it, before touching it.

Planning on hops instead of samples makes look-ahead free, meets the loudness target at the first
try, and lets an hour of sound be changed in one pass over a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from broadcaster.studio import loudness

Curve = npt.NDArray[np.float32]

HOPS_A_SECOND = 500
_REFERENCE = -23.0  # LUFS to which each part is brought first, so that the compressor fits all
_THRESHOLD_DB, _RATIO = -24.0, 3.0
_MAKE_UP = (-20.0, 40.0)  # dB
_DETECT_HOPS = 10  # 20 ms: follows syllables, not the pitch of a voice
_COMPRESSOR_RELEASE = 80.0  # dB a second
_LIMITER_ATTACK, _LIMITER_RELEASE = 1500.0, 60.0  # dB a second: 4 ms of look-ahead for 6 dB


@dataclass(frozen=True, slots=True)
class Analysis:
    """A programme before levelling, for each hop of 1 / HOPS_A_SECOND s."""

    peaks: Curve  # highest value
    energies: Curve  # K-weighted mean square
    parts: tuple[tuple[int, int], ...]  # first hop and hop after the last, for each part


def plan(analysis: Analysis, target_lufs: float, ceiling_db: float) -> Curve:
    """Gain factors at the edges of the hops (one more than hops), to be joined by straight lines.

    With them the sound has `target_lufs`, as far as a peak limit of `ceiling_db` lets it.
    """
    shaped = _level_parts(analysis)
    shaped += _compress(analysis.energies, shaped)
    peaks_db = _db(analysis.peaks, 20) + shaped
    low, high = _MAKE_UP
    for _ in range(14):
        make_up = (low + high) / 2
        gain = shaped + make_up + _limit(peaks_db + make_up, ceiling_db)
        if _loudness(analysis.energies, gain) < target_lufs:
            low = make_up
        else:
            high = make_up
    return _edges(gain)


def _level_parts(analysis: Analysis) -> Curve:
    """dB for each hop that bring every part (chime, opening, body, …) to one loudness."""
    gain = np.zeros(len(analysis.peaks), np.float32)
    for start, stop in analysis.parts:
        own = loudness.integrated(_tenths(analysis.energies[start:stop]))
        if own != loudness.SILENT:
            gain[start:stop] = np.clip(_REFERENCE - own, -30, 30)
    return gain


def _compress(energies: Curve, gain_db: Curve) -> Curve:
    kernel = np.full(_DETECT_HOPS, 1 / _DETECT_HOPS, np.float32)
    level = _db(np.convolve(energies, kernel, "same"), 10) + gain_db
    over = np.maximum(level - _THRESHOLD_DB, 0) * (1 - 1 / _RATIO)
    return -_fall(over, _COMPRESSOR_RELEASE)


def _limit(peaks_db: Curve, ceiling_db: float) -> Curve:
    """dB for each hop: never above what its peak allows; falls early, recovers slowly."""
    over = np.maximum(peaks_db - ceiling_db, 0)
    early = _fall(over[::-1], _LIMITER_ATTACK)[::-1]
    return -np.maximum(early, _fall(over, _LIMITER_RELEASE))


def _fall(values: Curve, db_a_second: float) -> Curve:
    """The lowest curve over `values` that falls no faster than that."""
    slope = np.arange(len(values)) * (db_a_second / HOPS_A_SECOND)
    return np.asarray(np.maximum.accumulate(values + slope) - slope, np.float32)


def _loudness(energies: Curve, gain_db: Curve) -> float:
    return loudness.integrated(_tenths(energies * np.exp(gain_db * np.float32(np.log(10) / 10))))


def _tenths(energies: Curve) -> loudness.Energies:
    """Means over 100 ms."""
    hops = HOPS_A_SECOND // 10
    whole = len(energies) // hops * hops
    return np.asarray(energies[:whole].reshape(-1, hops).mean(axis=1), np.float64)


def _edges(gain_db: Curve) -> Curve:
    """At each edge the lower of its two hops, so that the line between stays below both."""
    padded = np.concatenate([gain_db[:1], gain_db, gain_db[-1:]])
    return np.asarray(10 ** (np.minimum(padded[:-1], padded[1:]) / 20), np.float32)


def _db(values: Curve, factor: float) -> Curve:
    return np.asarray(factor * np.log10(np.maximum(values, 1e-12)), np.float32)
