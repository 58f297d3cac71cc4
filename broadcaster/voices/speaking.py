"""Speak a whole announcement with one voice, out of the cache where that holds a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from broadcaster.voices.port import Spoken
from broadcaster.voices.registry import Settings

Progress = Callable[[int, int], None]


def speak_all(
    sentences: Sequence[str],
    order: Sequence[str],
    cache: Path,
    *,
    progress: Progress | None = None,
    settings: Settings | None = None,
    speed: float = 1.0,
    deadline_s: float = 30.0,
) -> Spoken:
    """Speak `sentences` with the first voice of `order` that manages all of them.

    `progress(done, total)` counts sentences; `deadline_s` is for one sentence. Raises TextRejected
    for text that no voice can speak and VoiceUnavailable when every voice has failed.
    """
    raise NotImplementedError
