"""Spoken lines to sentences with pauses, and how long they take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from broadcaster.speech.model import Sentence, Word

SYLLABLES_PER_SECOND = 2.75  # 165 a minute, the middle of the usual 150 to 180
_SENTENCE_MS, _LINE_MS, _PARAGRAPH_MS = 400, 600, 900
_COMMA_S = 0.25
_END = re.compile(r"(?<=\.)\s+")


def split(spoken: str) -> tuple[Sentence, ...]:
    """Sentences of a reading. An empty line makes a paragraph."""
    return tuple(_split(spoken.split("\n")))


def _split(lines: list[str]) -> Iterator[Sentence]:
    for i, line in enumerate(lines):
        parts = [part for part in _END.split(line.strip()) if part]
        follows_gap = i + 1 < len(lines) and not lines[i + 1].strip()
        for part in parts[:-1]:
            yield Sentence(part, _SENTENCE_MS)
        if parts:
            last = parts[-1].rstrip(",.") + "."
            yield Sentence(last, _PARAGRAPH_MS if follows_gap else _LINE_MS)


def seconds_of(words: Sequence[Word]) -> float:
    """Estimated length: syllables at an even pace, and the pauses between them."""
    pauses = sum(_COMMA_S if word.pause == "," else 0.0 for word in words)
    ends = sum(word.pause == "." for word in words) * _SENTENCE_MS / 1000
    return round(len(words) / SYLLABLES_PER_SECOND + pauses + ends, 1)
