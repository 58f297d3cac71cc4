"""Accept only sound that can be this sentence: right length for its syllables, and not silent.

The figures were measured on Vietnamese announcements: 2.5 to 8 syllables a second for every
engine seen; a captive portal, a wrong language or a cut body falls outside.
"""

from __future__ import annotations

import numpy as np

from broadcaster.voices import text
from broadcaster.voices.port import Pcm, TemporaryFault

_SLOWEST, _FASTEST = 2.5, 8.0  # syllables a second
_QUIET_DB = -50.0  # below this, a hop of 10 ms is silence
_LONGEST_PAUSE_S = 2.0


def check_heard(pcm: Pcm) -> None:
    """Raises TemporaryFault when there is nothing to hear."""
    if not _heard_hops(pcm).size:
        raise _unusable("chỉ có im lặng", "it is silent")


def check(pcm: Pcm, sentence: str, speed: float) -> None:
    """Raises TemporaryFault with what is wrong."""
    check_heard(pcm)
    heard = _heard_hops(pcm)
    length = float(heard[-1] - heard[0] + 1) / 100
    few, many = text.syllables(sentence)
    # Slack: engines draw out a lone word, and one sharp syllable can last 50 ms only.
    if not few / _FASTEST - 0.15 <= length * speed <= many / _SLOWEST + 1.0:
        raise _unusable(
            f"dài {length:.1f} giây cho {few} âm tiết", f"{length:.1f} s for {few} syllables"
        )
    if heard.size > 1 and np.diff(heard).max() > _LONGEST_PAUSE_S * 100:
        raise _unusable("có khoảng lặng quá 2 giây", "it has a silence of over 2 s")


def _unusable(vi: str, en: str) -> TemporaryFault:
    return TemporaryFault(f"Âm thanh nhận được không dùng được: {vi}.", f"Unusable sound: {en}.")


def _heard_hops(pcm: Pcm) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Numbers of the 10 ms hops that are not silent."""
    samples = np.frombuffer(pcm.data, "<i2").astype(np.float32) / 32768
    hop = pcm.sample_rate // 100
    whole = samples[: len(samples) // hop * hop].reshape(-1, hop)
    level = np.sqrt(np.mean(np.square(whole), axis=1))
    return np.flatnonzero(level > 10 ** (_QUIET_DB / 20))
