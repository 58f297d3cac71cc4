"""Listen to a recording once, from end to end, and note what tells good from bad."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from broadcaster.studio import reading
from broadcaster.studio.filters import Flat, Framer
from broadcaster.studio.meter import Meter
from broadcaster.studio.model import Measurement

_FULL = 0.985  # of the range: lossy coding blurs the flat tops of clipped sound
_RUN = 3  # samples at the top in a row
_HUM_DB = -60.0
_HUM_OVER_DB = 10.0  # above what lies beside it in the spectrum
_MAINS = (50, 100, 150)  # Hz
_HEARD_BELOW_PEAK = 10 ** (-40 / 20)


@dataclass(frozen=True, slots=True)
class Hearing:
    measured: Measurement
    clipped_share: float  # of all samples
    hum: bool
    speech_db: float  # RMS of the louder half of the sound
    noise_db: float  # RMS of its pauses
    first_s: float  # where the first and the last sound are
    last_s: float
    longest_gap_s: float


class _Notes:
    def __init__(self, rate: int) -> None:
        self._hops, self._seconds = Framer(rate // 100), Framer(rate)
        self.levels: list[Flat] = []
        self.spectra: list[Flat] = []
        self.clipped, self.samples = 0, 0

    def take(self, mono: Flat) -> None:
        self.samples += len(mono)
        self.clipped += _in_runs(np.abs(mono) > _FULL)
        hops = self._hops.feed(mono[None, :])[0]
        self.levels.append(np.sqrt(np.einsum("hs,hs->h", hops, hops) / hops.shape[1]))
        seconds = self._seconds.feed(mono[None, :])[0]
        window = np.hanning(seconds.shape[1]).astype(np.float32)
        spectrum = np.fft.rfft(seconds * window)[:, :200] / (seconds.shape[1] / 4)
        self.spectra.append(np.square(np.abs(spectrum)).astype(np.float32) / 2)


def hear(path: Path) -> Hearing:
    """Raises InputError when the file is no sound."""
    with reading.opened(path) as file:
        meter, notes = Meter(file.samplerate, file.channels), _Notes(file.samplerate)
        for block in reading.blocks(file):
            meter.feed(block)
            notes.take(block.mean(axis=0))
    levels = np.concatenate([*notes.levels, np.zeros(1, np.float32)])
    order = np.sort(levels[:-1]) if len(levels) > 1 else levels
    sounding = np.flatnonzero(levels > max(order[-1] * _HEARD_BELOW_PEAK, 1e-4))
    edges = sounding if sounding.size else np.zeros(1, np.intp)
    return Hearing(
        measured=meter.result(),
        clipped_share=notes.clipped / max(1, notes.samples),
        hum=_hums(np.concatenate([np.zeros((0, 200), np.float32), *notes.spectra])),
        speech_db=_rms_db(order[len(order) // 2 :]),
        noise_db=_rms_db(order[: max(1, len(order) // 10)]),
        first_s=float(edges[0]) / 100,
        last_s=float(edges[-1] + 1) / 100,
        longest_gap_s=float(np.diff(edges).max(initial=1) - 1) / 100,
    )


def _in_runs(full: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """How many of the true values stand in runs of at least `_RUN`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]])))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= _RUN].sum())


def _hums(spectra: Flat) -> bool:
    """Whether the quietest fifth of the seconds has the mains in it: voices pause, hum does not."""
    if not len(spectra):
        return False
    quiet = np.argsort(spectra.sum(axis=1), kind="stable")[: max(1, len(spectra) // 5)]
    mean = spectra[quiet].mean(axis=0)
    mains = sum(mean[hertz - 1 : hertz + 2].sum() for hertz in _MAINS)
    beside = sum(mean[h - 8 : h - 4].mean() + mean[h + 5 : h + 9].mean() for h in _MAINS) * 1.5
    return _db(mains) > _HUM_DB and _db(mains) - _db(beside) > _HUM_OVER_DB


def _rms_db(levels: Flat) -> float:
    return _db(float(np.mean(np.square(levels))))


def _db(power: float) -> float:
    return float(10 * np.log10(max(power, 1e-12)))
