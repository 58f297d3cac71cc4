"""G.711 µ-law at 8,000 samples a second (ITU-T G.711): the sound of telephones and paging horns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
BAND = 3_400
"""Hz: what a telephone line carries, and what 8,000 samples a second can."""

_BIAS = 132
_CLIP = 32_635

Bytes = NDArray[np.uint8]


def encode(samples: NDArray[np.int16]) -> Bytes:
    """One byte for each sample: sign, three bits of exponent, four of mantissa, all inverted."""
    wide = samples.astype(np.int32)
    sign = np.where(wide < 0, 0x80, 0)
    size = np.minimum(np.abs(wide), _CLIP) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    return np.asarray(~(sign | (exponent << 4) | mantissa) & 0xFF, dtype=np.uint8)


class Narrowing:
    """Sound of any rate, block by block, to RATE: nothing above BAND is folded back into it."""

    def __init__(self, rate: int) -> None:
        self._step = rate / RATE
        taps = 8 * round(rate / 1000) + 1
        n = np.arange(taps) - taps // 2
        cut = min(0.5, BAND / rate)
        kernel = 2 * cut * np.sinc(2 * cut * n) * np.hamming(taps)
        self._kernel = kernel / kernel.sum()
        self._tail = np.zeros(taps - 1)
        self._next = 0.0  # where the next sample lies in the coming block
        self._last = 0.0

    def __call__(self, mono: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shape (frames,) both ways; delayed by half the length of the filter (4 ms)."""
        whole = np.concatenate([self._tail, mono])
        self._tail = whole[len(mono) :]
        soft = np.convolve(whole, self._kernel, mode="valid")
        places = np.arange(self._next, len(soft), self._step)
        # A place may lie between the last sample of the block before and the first of this one.
        known = np.concatenate([[self._last], soft])
        out = np.interp(places, np.arange(-1, len(soft)), known)
        if len(soft):
            self._last = float(soft[-1])
        self._next = (places[-1] + self._step if len(places) else self._next) - len(soft)
        return np.asarray(out)
