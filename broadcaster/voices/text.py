"""What of a text can be spoken: cleaning, counting syllables, cutting at natural pauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from broadcaster.voices.port import TextRejected

_VOWELS = re.compile(r"[aeiouy]+")
_PAUSES = (r"(?<=[.!?;:])\s+", r"(?<=,)\s+", r"\s+")


def clean(sentence: str) -> str:
    """NFC, single spaces, no emoji and no control characters (engines read emoji by their names).

    Raises TextRejected when nothing pronounceable is left.
    """
    kept = (" " if unicodedata.category(c) in _UNSPEAKABLE else c for c in sentence)
    text = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    if not speakable(text):
        raise TextRejected(
            f"Không có gì để đọc trong “{_short(sentence)}”: cần có chữ.",
            f"There is nothing to speak in “{_short(sentence)}”: it needs words.",
        )
    return text


def speakable(text: str) -> bool:
    return any(c.isalnum() for c in text)


_UNSPEAKABLE = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def syllables(text: str) -> tuple[int, int]:
    """At least and at most how many syllables are heard.

    One for each run of vowels, but capitals and words without vowels may be spelled out.
    """
    words = [w for w in _bare(text).split() if speakable(w)]
    few = sum(max(1, len(_VOWELS.findall(w.lower()))) for w in words)
    spelled = (w for w in words if w.isupper() or not _VOWELS.search(w.lower()))
    return few, few + sum(3 * len(w) for w in spelled)


def _bare(text: str) -> str:
    """Letters without their marks."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def cut(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut at the strongest pause that makes them fit."""
    return _pack(_split(text, limit, _PAUSES), limit)


def _split(text: str, limit: int, pauses: tuple[str, ...]) -> Iterator[str]:
    if len(text) <= limit:
        yield text
    elif not pauses:
        yield from (text[i : i + limit] for i in range(0, len(text), limit))
    else:
        pieces = _pack(re.split(pauses[0], text), limit)
        for piece in pieces:
            yield from _split(piece, limit, pauses[1:])


def _pack(pieces: Iterator[str] | list[str], limit: int) -> list[str]:
    """Join neighbours while they fit, so that few calls are made."""
    packed: list[str] = []
    for piece in pieces:
        if packed and len(packed[-1]) + 1 + len(piece) <= limit:
            packed[-1] += " " + piece
        elif piece:
            packed.append(piece)
    return packed
