"""True peak: the highest value between the samples as well as on them (ITU-R BS.1770, Annex 2)."""

from __future__ import annotations

from math import ceil

import numpy as np
import numpy.typing as npt

from broadcaster.studio.filters import Samples

_SIDE = 8  # samples to each side that an in-between value is made of
_HOP = 64
_BATCH = 256


def between(factor: int) -> npt.NDArray[np.float32]:
    """Interpolation kernels, shape (2 * _SIDE, factor - 1): one for each place between samples."""
    places = np.arange(1, factor) / factor
    distance = np.arange(1 - _SIDE, _SIDE + 1)[:, None] - places[None, :]
    window = np.kaiser(2 * _SIDE * factor + 1, 5.0)
    position = np.arange(len(window)) / factor - _SIDE
    return (np.sinc(distance) * np.interp(distance, position, window)).astype(np.float32)


class TruePeak:
    """Running true peak of a stream of shape (channels, n).

    A hop whose samples are too low to beat the peak so far, whatever lies between them,
    is passed over: exact, and most of the work saved.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._kernels = between(max(1, ceil(176_400 / rate)))
        self._most = max(1.0, float(np.abs(self._kernels).sum(axis=0, initial=0).max(initial=1)))
        self._rest: Samples = np.zeros((channels, 2 * _SIDE), np.float32)
        self.value = 0.0

    def feed(self, samples: Samples) -> None:
        joined = np.concatenate([self._rest, samples], axis=1)
        hops = (joined.shape[1] - 2 * _SIDE) // _HOP
        self._rest = joined[:, hops * _HOP :].copy()
        for channel in joined:
            self._channel(channel[: hops * _HOP + 2 * _SIDE], hops)

    def flush(self) -> None:
        self.feed(np.zeros((len(self._rest), _HOP + 2 * _SIDE), np.float32))

    def _channel(self, samples: Samples, hops: int) -> None:
        if not hops:
            return
        windows = np.lib.stride_tricks.sliding_window_view(samples, _HOP + 2 * _SIDE)[::_HOP]
        peaks = np.abs(windows).max(axis=1)
        self.value = max(self.value, float(peaks.max()))
        if not self._kernels.size:
            return
        order = np.argsort(-peaks, kind="stable")
        for start in range(0, hops, _BATCH):
            batch = order[start : start + _BATCH]
            if peaks[batch[0]] * self._most <= self.value:
                return
            self.value = max(self.value, _highest(windows[batch], self._kernels))


def _highest(windows: Samples, kernels: npt.NDArray[np.float32]) -> float:
    steps = np.lib.stride_tricks.sliding_window_view(windows, 2 * _SIDE, axis=1)
    return float(np.abs(steps @ kernels).max())
