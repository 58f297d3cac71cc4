"""The cues of one item as one unbroken run of samples, read a little at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Shape (frames, channels)."""


class Tape:
    """All files have one sample rate (see Vault); mono beside stereo is widened."""

    def __init__(self, paths: Sequence[Path]) -> None:
        known = {path: soundfile.info(path) for path in set(paths)}  # the same file many times over
        infos = [known[path] for path in paths]
        self._paths = tuple(paths)
        self.rate = int(infos[0].samplerate)
        self.channels = max(int(info.channels) for info in infos)
        self.frames = sum(int(info.frames) for info in infos)

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Blocks of `frames` frames; only the last of each file may be shorter."""
        for path in self._paths:
            with soundfile.SoundFile(path) as file:
                while len(block := file.read(frames, dtype="int16", always_2d=True)):
                    yield self._widened(block)

    def _widened(self, block: Samples) -> Samples:
        missing = self.channels - block.shape[1]
        return np.repeat(block, 2, axis=1) if missing else block
