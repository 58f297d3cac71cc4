"""Speak one sentence with libespeak-ng: text on stdin, raw sound on stdout, then end.

Runs as a program of its own, `python -I -S espeak_worker.py LIBRARY DATA VARIANT WPM AMPLITUDE`:
eSpeak NG (GPL-3.0-or-later) aborts a process that calls it from several threads, and standard
library alone keeps a start at some 30 ms. Answer: sample rate and sample count as two
little-endian 32-bit numbers, then 16-bit mono samples.
"""

import ctypes
import os
import struct
import sys

_RETRIEVAL, _UTF8, _NO_EXIT = 1, 1, 0x8000
_RATE, _VOLUME = 1, 2
_MOST_BYTES = 20 * 1024 * 1024  # over 7 minutes: no sentence is that long
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def speak(library: str, data: str, variant: str, text: bytes, *, wpm: int, amplitude: int) -> bytes:
    espeak = ctypes.CDLL(library)
    parts: list[bytes] = []
    size = 0

    def collect(samples: int | None, count: int, _events: int | None) -> int:
        nonlocal size
        if samples and count > 0:
            parts.append(ctypes.string_at(samples, count * 2))
            size += count * 2
        return int(size > _MOST_BYTES)  # 1 tells the engine to stop

    callback = _Callback(collect)
    rate = espeak.espeak_Initialize(_RETRIEVAL, 0, os.fsencode(data), _NO_EXIT)
    if rate <= 0:
        raise SystemExit("espeak_Initialize failed")
    espeak.espeak_SetSynthCallback(callback)
    # Its breath noise is seeded with the time of day, so equal text would give unequal bytes.
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(1))
    if espeak.espeak_SetVoiceByName(variant.encode()) != 0:
        raise SystemExit(f"no voice {variant}")
    espeak.espeak_SetParameter(_RATE, wpm, 0)
    espeak.espeak_SetParameter(_VOLUME, amplitude, 0)
    line = ctypes.create_string_buffer(text)
    # Without the flag for an end pause: the pauses are the studio's.
    if espeak.espeak_Synth(line, ctypes.sizeof(line), 0, 1, 0, _UTF8, None, None) != 0:
        raise SystemExit("espeak_Synth failed")
    espeak.espeak_Synchronize()
    if size > _MOST_BYTES:
        raise SystemExit("too long")
    sound = b"".join(parts)
    return struct.pack("<II", rate, len(sound) // 2) + sound


def main() -> None:
    library, data, variant, wpm, amplitude = sys.argv[1:]
    text = sys.stdin.buffer.read()
    sound = speak(library, data, variant, text, wpm=int(wpm), amplitude=int(amplitude))
    sys.stdout.buffer.write(sound)


if __name__ == "__main__":
    main()
