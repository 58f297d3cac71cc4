"""Real MP3 for tests that need a sound that can be decoded."""

from __future__ import annotations

import struct
from functools import cache

import lameenc


@cache
def mp3(seconds: float) -> bytes:
    """A tone."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(16_000)
    encoder.set_channels(1)
    encoder.set_bit_rate(32)
    wave = [(n * 50) % 8000 for n in range(round(16_000 * seconds))]
    return bytes(encoder.encode(struct.pack(f"<{len(wave)}h", *wave)) + encoder.flush())
