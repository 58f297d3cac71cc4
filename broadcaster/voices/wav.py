"""Read and write the one WAV form of the cache: 16-bit mono, header of 44 bytes, true length."""

from __future__ import annotations

import struct

from broadcaster.voices.port import Pcm

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


def pack(pcm: Pcm) -> bytes:
    size, rate = len(pcm.data), pcm.sample_rate
    fields = (b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size)
    return _HEADER.pack(b"RIFF", 36 + size, b"WAVE", *fields) + pcm.data


def unpack(wav: bytes) -> Pcm | None:
    """The sound, or None when these are not whole bytes of `pack`."""
    if len(wav) <= _HEADER.size:
        return None
    riff, _, wave, _, _, kind, channels, rate, *_, bits, data, size = _HEADER.unpack_from(wav)
    shape = (riff, wave, kind, channels, bits, data)
    if shape != (b"RIFF", b"WAVE", 1, 1, 16, b"data") or size != len(wav) - _HEADER.size:
        return None
    return Pcm(wav[_HEADER.size :], rate)
