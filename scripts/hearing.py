"""Finding known sounds in a recording of the software sound card: for tests and measurements."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from typing import Any

import null_sink
import numpy as np

RATE = null_sink.RATE
SILENCE = 30 / 32768


def chirp(seconds: float, rate: int = 24_000, seed: int = 1) -> bytes:
    """A WAV file of a sweep that no other `seed` resembles."""
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * (400 * t + (600 + 150 * (seed % 7)) * t**2 / max(seconds, 0.1))
    return wav_of(12_000 * np.sin(phase), rate)


def noise(seconds: float, rate: int = 24_000, seed: int = 1) -> bytes:
    """A WAV file of soft noise (below a sixteenth of `rate`): to tell many sounds apart."""
    frames = round(seconds * rate)
    drawn = np.random.default_rng(seed).standard_normal(frames // 8 + 2)
    sound = np.interp(np.arange(frames) / 8, np.arange(len(drawn)), drawn)
    return wav_of(np.clip(6_000 * sound, -20_000, 20_000), rate)


def wav_of(samples: Any, rate: int) -> bytes:
    """16-bit mono."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.asarray(np.round(samples), dtype="<i2").tobytes())
    return file.getvalue()


def samples_of(sound: bytes) -> Any:
    """From -1 to 1, shape (frames,), of a mono WAV file."""
    with wave.open(io.BytesIO(sound)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return raw.astype(np.float64) / 32768


@dataclass(frozen=True)
class Found:
    """`at`: wall-clock second of the first sample; `likeness` from 0 to 1; `lag`: its index."""

    at: float
    likeness: float
    lag: int


@dataclass
class Heard:
    """A recording of the card, and the wall-clock second at which it begins."""

    samples: Any
    begins: float

    @classmethod
    def of(cls, ear: null_sink.Recorder, since: float) -> Heard:
        """What `ear` has heard from the wall-clock second `since` until now."""
        raw, begins = ear.result()
        samples = np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768
        skip = max(0, round((since - begins) * RATE))
        return cls(samples[skip:], begins + skip / RATE)

    def find(self, sound: bytes) -> Found:
        """Where the recording is most like `sound` (a mono WAV file at RATE)."""
        wanted = samples_of(sound)
        size = 1 << (len(self.samples) + len(wanted)).bit_length()
        product = np.fft.rfft(self.samples, size) * np.conj(np.fft.rfft(wanted, size))
        lag = int(np.argmax(np.fft.irfft(product, size)[: len(self.samples)]))
        part = self.samples[lag : lag + len(wanted)]
        wanted = wanted[: len(part)]
        norm = float(np.linalg.norm(part) * np.linalg.norm(wanted)) or 1.0
        return Found(self.begins + lag / RATE, float(part @ wanted) / norm, lag)

    def between(self, start: float, end: float) -> Heard:
        """The part between two wall-clock seconds."""
        first = max(0, round((start - self.begins) * RATE))
        last = max(0, round((end - self.begins) * RATE))
        return Heard(self.samples[first:last], self.begins + first / RATE)

    def loudest(self, start: int, end: int) -> float:
        return float(np.max(np.abs(self.samples[max(start, 0) : end]), initial=0.0))

    def last_sound(self) -> float:
        """Wall-clock second of the last sample that is not silence."""
        index = int(np.nonzero(np.abs(self.samples) > SILENCE)[0][-1])
        return self.begins + index / RATE
