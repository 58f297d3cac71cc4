"""Read sound files of any kind, in blocks, with errors that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
import soxr  # type: ignore[import-untyped]  # it publishes no types

from broadcaster.errors import InputError
from broadcaster.studio.filters import Flat, Samples

_BLOCK_S = 10
_RATES = range(4000, 384_001)
_MOST_CHANNELS = 8


class SoundFile(soundfile.SoundFile):  # type: ignore[misc]  # soundfile publishes no types
    """A sound file that is only read forward.

    Its parent seeks before and after each read; in MP3 that loses the bits kept back from the
    frames before, and takes ten times as long.
    """

    def seekable(self) -> bool:
        return False


@contextmanager
def opened(path: Path) -> Iterator[SoundFile]:
    """The open file. Raises InputError for what is missing or is no sound."""
    if not path.is_file():
        raise InputError(
            f"Không có tệp âm thanh “{path}”: hãy kiểm tra đường dẫn.",
            f"There is no sound file “{path}”: check the path.",
        )
    try:
        with SoundFile(path) as file:
            _check(file, path)
            yield file
    except soundfile.LibsndfileError as fault:
        raise InputError(
            f"Không đọc được âm thanh trong “{path.name}”: tệp hỏng hoặc không phải âm thanh. "
            "Hãy dùng tệp WAV, MP3, FLAC hoặc OGG.",
            f"Cannot read sound from “{path.name}”: broken, or not a sound file. "
            "Use WAV, MP3, FLAC or OGG.",
        ) from fault


def _check(file: SoundFile, path: Path) -> None:
    if file.samplerate not in _RATES or not 0 < file.channels <= _MOST_CHANNELS:
        raise InputError(
            f"“{path.name}” ghi {file.samplerate} Hz, {file.channels} kênh: ngoài mức đọc được. "
            "Hãy xuất lại tệp ở 48000 Hz, một hoặc hai kênh.",
            f"“{path.name}” says {file.samplerate} Hz, {file.channels} channels: out of range. "
            "Export it again at 48000 Hz with one or two channels.",
        )


def blocks(file: soundfile.SoundFile) -> Iterator[Samples]:
    """The sound in blocks of 10 s, shape (channels, n)."""
    while True:
        block = file.read(_BLOCK_S * file.samplerate, dtype="float32", always_2d=True)
        if not len(block):
            return
        yield np.ascontiguousarray(block.T)


def duration_s(path: Path) -> float:
    """Length in seconds, by the header."""
    with opened(path) as file:
        return float(file.frames / file.samplerate)


def mono(path: Path, rate: int) -> Iterator[Flat]:
    """The sound as one channel at `rate`, in blocks of about 10 s."""
    with opened(path) as file:
        stream = soxr.ResampleStream(file.samplerate, rate, 1, dtype="float32")
        for block in blocks(file):
            yield stream.resample_chunk(block.mean(axis=0))
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
