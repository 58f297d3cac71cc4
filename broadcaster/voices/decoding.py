"""Sound that came over the network, decoded in memory and nowhere else."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from broadcaster.voices.port import Pcm, TemporaryFault

_LONGEST_S = 300


def decode(content: bytes, kinds: tuple[str, ...] = ("MP3", "WAV")) -> Pcm:
    """Mono PCM of a whole file of one of `kinds`. Raises TemporaryFault for anything else."""
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            if file.format not in kinds:
                raise _no_sound()
            samples = file.read(_LONGEST_S * file.samplerate, dtype="int16", always_2d=True)
            rate = int(file.samplerate)
    except soundfile.SoundFileError as fault:
        raise _no_sound() from fault
    if not len(samples):
        raise _no_sound()
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    return Pcm(np.asarray(mono, "<i2").tobytes(), rate)


def _no_sound() -> TemporaryFault:
    return TemporaryFault(
        "Nhận được dữ liệu không phải âm thanh đọc được.", "What came is no sound that can be read."
    )
