"""First pass over a programme: filter it into a file aside, and learn what planning needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np

from broadcaster.studio.dynamics import HOPS_A_SECOND, Analysis, Curve
from broadcaster.studio.filters import (
    Convolver,
    Framer,
    Response,
    Samples,
    band,
    frequencies,
    k_weighting,
)

Parts = Iterator[tuple[int, Samples]]  # number of the part, sound of shape (1, n)


class Spool:
    """Sound that waits on disk between the passes, so that an hour of it needs no memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self.samples = 0

    def write(self, samples: Samples) -> None:
        self._file.write(samples.tobytes())
        self.samples += samples.size

    def blocks(self, size: int) -> Iterator[Samples]:
        """All that was written, in flat blocks of `size` samples."""
        self._file.seek(0)
        while content := self._file.read(size * 4):
            yield np.frombuffer(content, np.float32)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def analyse(
    stream: Parts,
    rate: int,
    limits: tuple[float, float],
    spool: Spool,
    at: Callable[[float], None],
) -> Analysis:
    """Band-limit `stream` into `spool`; `at(seconds)` tells how far it is."""
    notes = _Notes(rate, limits, spool)
    starts: list[int] = []
    taken, last = 0, None
    for number, samples in stream:
        if number != last:
            starts.append(taken)
            last = number
        notes.take(notes.convolver.feed(samples))
        taken += samples.shape[1]
        at(taken / rate)
    notes.take(notes.convolver.flush())
    return notes.close([start * HOPS_A_SECOND // rate for start in starts])


class _Notes:
    """Peak and energy of each hop, noted while the sound goes to the spool."""

    def __init__(self, rate: int, limits: tuple[float, float], spool: Spool) -> None:
        shape, delay = band(*limits, rate)
        # Where the filter lets nothing through, half a sample is an exact shift.
        half: Response = np.exp(1j * np.pi * frequencies(rate) / rate).astype(np.complex64)
        responses = [shape, shape * half, shape * k_weighting(rate, max(rate, 48000))]
        self.convolver = Convolver(responses, rate, 1, delay)
        self._framers = [Framer(rate // HOPS_A_SECOND) for _ in responses]
        self._spool = spool
        self._peaks: list[Curve] = []
        self._energies: list[Curve] = []

    def take(self, outs: list[Samples]) -> None:
        self._note([f.feed(out) for f, out in zip(self._framers, outs, strict=True)])

    def close(self, starts: list[int]) -> Analysis:
        self._note([framer.flush() for framer in self._framers])
        peaks, energies = np.concatenate(self._peaks), np.concatenate(self._energies)
        stops = [*starts[1:], len(peaks)]
        return Analysis(peaks, energies, tuple(zip(starts, stops, strict=True)))

    def _note(self, frames: list[Samples]) -> None:
        on, between, weighted = (frame[0] for frame in frames)
        self._spool.write(on)
        self._peaks.append(np.maximum(_highest(on), _highest(between)))
        self._energies.append(np.einsum("fs,fs->f", weighted, weighted) / weighted.shape[1])


def _highest(frames: Samples) -> Curve:
    return np.asarray(np.maximum(frames.max(axis=1), -frames.min(axis=1)), np.float32)
