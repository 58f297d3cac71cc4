"""Make the chimes and tones in audio/: bells and tones added up from sines, the same every time.

Run it again after changing a note; nothing in audio/ comes from anywhere else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

ROOT = Path(__file__).resolve().parent.parent
RATE = 48000
Sound = npt.NDArray[np.float64]

# Partials of a struck bell: (multiple of the pitch, strength, seconds until it is a third as loud).
BELL = ((0.5, 0.25, 1.3), (1.0, 1.0, 1.0), (2.0, 0.55, 0.7), (2.76, 0.22, 0.4), (5.4, 0.06, 0.18))
C5, D5, E5, G5, A5, C6 = 523.25, 587.33, 659.26, 783.99, 880.0, 1046.5


def times(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE)) / RATE


def bell(pitch: float, seconds: float) -> Sound:
    t = times(seconds)
    partials = (
        strength * np.exp(-t / fade) * np.sin(2 * np.pi * pitch * multiple * t)
        for multiple, strength, fade in BELL
    )
    return np.asarray(sum(partials)) * np.minimum(t / 0.004, 1)


def melody(notes: tuple[tuple[float, float], ...], seconds: float) -> Sound:
    """Bells at (start in seconds, pitch), dying away at the end."""
    sound = np.zeros(round(seconds * RATE))
    for start, pitch in notes:
        at = round(start * RATE)
        sound[at:] += bell(pitch, seconds)[: len(sound) - at]
    return faded(sound, 0.6)


def opening() -> Sound:
    return melody(((0.0, G5), (0.42, C6), (0.84, A5), (1.26, E5), (1.68, G5)), 3.8)


def closing() -> Sound:
    return melody(((0.0, G5), (0.4, E5), (0.8, C5)), 2.6)


def attention() -> Sound:
    """Two tones in turn, four times: told from music at once, without the fright of a siren."""
    one, two = (np.sin(2 * np.pi * pitch * times(0.35)) for pitch in (A5, D5))
    pair = np.concatenate([faded(one, 0.02), faded(two, 0.02)])
    return np.concatenate([*[pair] * 4, np.zeros(RATE // 5)])


def test_tone() -> Sound:
    """1 kHz at -18 dBFS for setting levels."""
    return faded(10 ** (-18 / 20) * np.sin(2 * np.pi * 1000 * times(5)), 0.02)


def faded(sound: Sound, seconds: float) -> Sound:
    """With a short start and an end of `seconds`."""
    start, end = round(0.004 * RATE), round(seconds * RATE)
    shape = np.ones(len(sound))
    shape[:start] = np.linspace(0, 1, start)
    shape[-end:] *= np.cos(np.linspace(0, np.pi / 2, end)) ** 2
    return sound * shape


def at_peak(sound: Sound, decibels: float) -> Sound:
    return np.asarray(sound / np.abs(sound).max() * 10 ** (decibels / 20))


MADE: dict[str, Callable[[], Sound]] = {
    "chime-opening.flac": lambda: at_peak(opening(), -6),
    "chime-closing.flac": lambda: at_peak(closing(), -6),
    "tone-attention.flac": lambda: at_peak(attention(), -9),
    "tone-test-1khz.flac": test_tone,
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in MADE.items():
        soundfile.write(folder / name, make(), RATE, subtype="PCM_16")
        print(f"{name}: {(folder / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "audio")
