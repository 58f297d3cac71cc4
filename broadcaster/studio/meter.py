"""A loudness meter for a stream of sound of any length."""

from __future__ import annotations

from math import log10

import numpy as np
import numpy.typing as npt

from broadcaster.studio import loudness
from broadcaster.studio.filters import Convolver, Framer, Samples, k_weighting
from broadcaster.studio.model import Measurement
from broadcaster.studio.peaks import TruePeak

_SILENCE_DB = -50.0  # RMS of 10 ms below this is silence
# By the standard: surround channels count more, the effects channel not at all.
_WEIGHTS = {5: (1, 1, 1, 1.41, 1.41), 6: (1, 1, 1, 0, 1.41, 1.41)}


class Meter:
    """Feed blocks of shape (channels, n) in -1..1, then read `result`, once.

    `design_rate` is the rate of the file when only part of its samples is fed.
    """

    def __init__(self, rate: int, channels: int, design_rate: int | None = None) -> None:
        self._rate, self._count = rate, 0
        self._k = Convolver([k_weighting(rate, design_rate)], rate, channels)
        self._frames = Framer(round(rate / 10), channels)
        self._hops = Framer(round(rate / 100), channels)
        self._peak = TruePeak(rate, channels)
        self._weights = np.array(_WEIGHTS.get(channels, (1,) * channels))
        self._energies: list[npt.NDArray[np.float64]] = []
        self._heard: list[npt.NDArray[np.bool_]] = []

    def feed(self, samples: Samples) -> None:
        self._count += samples.shape[1]
        self._peak.feed(samples)
        self._note_heard(self._hops.feed(samples))
        self._note_energy(self._frames.feed(self._k.feed(samples)[0]))

    def result(self) -> Measurement:
        self._peak.flush()
        self._note_heard(self._hops.flush())
        self._note_energy(self._frames.feed(self._k.flush()[0]))
        energies = np.concatenate(self._energies)
        peak = 20 * log10(self._peak.value) if self._peak.value else loudness.SILENT
        return Measurement(
            integrated_lufs=loudness.integrated(energies),
            true_peak_dbtp=peak,
            loudness_range_lu=loudness.range_lu(energies),
            duration_s=self._count / self._rate,
            longest_silence_s=_longest_gap(np.concatenate(self._heard)) / 100,
        )

    def _note_energy(self, frames: Samples) -> None:
        square = np.einsum("cfs,cfs->cf", frames, frames) / frames.shape[2]
        self._energies.append(self._weights @ square.astype(np.float64))

    def _note_heard(self, hops: Samples) -> None:
        square = np.einsum("chs,chs->ch", hops, hops) / hops.shape[2]
        self._heard.append(np.asarray(square.max(axis=0) > 10 ** (_SILENCE_DB / 10)))


def _longest_gap(heard: npt.NDArray[np.bool_]) -> int:
    """The longest run of False."""
    edges = np.flatnonzero(np.concatenate([[True], heard, [True]]))
    return int(np.diff(edges).max()) - 1
