"""Filters for long sound: streamed block by block, done with FFTs because numpy has no others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]  # shape (channels, n), in -1..1
Flat = npt.NDArray[np.float32]  # shape (n,)
Response = npt.NDArray[np.complex64]

_RING_S = 0.1707  # how long any of the filters rings
_HALF_TAPS_S = 0.0427


def fft_size(rate: int) -> int:
    """Points of the transforms: some five times as long as the filters ring."""
    return 32768 if rate <= 48000 else 1 << (4 * round(_RING_S * rate)).bit_length()


def frequencies(rate: int) -> npt.NDArray[np.float64]:
    """Hz of each point of a response."""
    return np.asarray(np.fft.rfftfreq(fft_size(rate), 1 / rate), np.float64)


class Convolver:
    """Several filters over one stream of shape (channels, n): overlap-save, no net delay.

    `delay` is the delay that is built into the responses, in samples, and is taken out here.
    """

    def __init__(self, responses: list[Response], rate: int, channels: int, delay: int = 0) -> None:
        self._responses = responses
        self._fft, self._keep = fft_size(rate), round(_RING_S * rate)
        self._pending: Samples = np.zeros((channels, self._keep), np.float32)
        self._skip, self._delay = delay, delay

    def feed(self, samples: Samples) -> list[Samples]:
        """What is ready: one array for each response, all of one length."""
        step = self._fft - self._keep
        self._pending = np.concatenate([self._pending, samples], axis=1)
        blocks = max(0, (self._pending.shape[1] - self._keep) // step)
        outs = [[self._pending[:, :0]] for _ in self._responses]
        for start in range(0, blocks * step, step):
            spectrum = np.fft.rfft(self._pending[:, start : start + self._fft])
            for out, response in zip(outs, self._responses, strict=True):
                pulse = np.fft.irfft(spectrum * response, self._fft)[:, self._keep :]
                out.append(pulse.astype(np.float32, copy=False))
        self._pending = self._pending[:, blocks * step :]
        joined = [np.concatenate(out, axis=1) for out in outs]
        skip = min(self._skip, joined[0].shape[1])
        self._skip -= skip
        return [out[:, skip:] for out in joined]

    def flush(self) -> list[Samples]:
        """What is left, so that as many samples have come out as went in."""
        channels, pending = self._pending.shape
        left = pending - self._keep + self._delay - self._skip
        outs = self.feed(np.zeros((channels, self._fft + self._delay), np.float32))
        return [out[:, :left] for out in outs]


def band(low: float, high: float, rate: int) -> tuple[Response, int]:
    """A zero-phase band pass (Butterworth magnitude of order 8 at each end) and its delay."""
    hertz, half = frequencies(rate), round(_HALF_TAPS_S * rate)
    with np.errstate(divide="ignore"):
        lower = 1 / np.sqrt(1 + (low / hertz) ** 16)
    upper = 1 / np.sqrt(1 + (hertz / high) ** 16)
    pulse = np.roll(np.fft.irfft(lower * upper), half)[: 2 * half + 1]
    taps = pulse * np.hanning(2 * half + 3)[1:-1] ** 0.25
    return np.asarray(np.fft.rfft(taps, fft_size(rate)), np.complex64), half


def k_weighting(rate: int, design_rate: int | None = None) -> Response:
    """ITU-R BS.1770: a shelf for the head and a high pass, for any sample rate.

    The standard prints coefficients for 48 kHz only; these are its analogue prototypes. With
    `design_rate` sound of `rate` is weighted as a meter at that higher rate would do it.
    """
    design = design_rate or rate
    z = np.exp(-2j * np.pi * frequencies(rate) / design)  # z to the power of -1
    shelf = _shelf(1681.974450955533, 3.999843853973347, 0.7071752369554196, design)
    high_pass = _high_pass(38.13547087602444, 0.5003270373238773, design)
    response = np.ones_like(z)
    for (b0, b1, b2), (a1, a2) in (shelf, high_pass):
        response *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    return np.asarray(response, np.complex64)


Biquad = tuple[tuple[float, float, float], tuple[float, float]]


def _shelf(hertz: float, gain_db: float, q: float, rate: int) -> Biquad:
    k = float(np.tan(np.pi * hertz / rate))
    high = 10 ** (gain_db / 20)
    mid = high**0.4996667741545416
    norm = 1 + k / q + k * k
    b = ((high + mid * k / q + k * k), 2 * (k * k - high), (high - mid * k / q + k * k))
    return (b[0] / norm, b[1] / norm, b[2] / norm), _poles(k, q)


def _high_pass(hertz: float, q: float, rate: int) -> Biquad:
    return (1.0, -2.0, 1.0), _poles(float(np.tan(np.pi * hertz / rate)), q)


def _poles(k: float, q: float) -> tuple[float, float]:
    norm = 1 + k / q + k * k
    return 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm


class Framer:
    """Cuts a stream of shape (channels, n) into whole frames of `size` samples."""

    def __init__(self, size: int, channels: int = 1) -> None:
        self._size = size
        self._rest: Samples = np.zeros((channels, 0), np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Whole frames, shape (channels, frames, size)."""
        joined = np.concatenate([self._rest, samples], axis=1)
        whole = joined.shape[1] // self._size * self._size
        self._rest = joined[:, whole:].copy()
        return joined[:, :whole].reshape(joined.shape[0], -1, self._size)

    def flush(self) -> Samples:
        """The last frame, filled up with silence; no frame when nothing is left."""
        channels, left = self._rest.shape
        missing = -left % self._size
        return self.feed(np.zeros((channels, missing), np.float32))
