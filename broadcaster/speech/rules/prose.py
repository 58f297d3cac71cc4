"""What no stage has claimed: plain words pass, marks become pauses, the rest is spelled out."""

from __future__ import annotations

from collections.abc import Sequence

from broadcaster.speech.draft import Hit, Rule
from broadcaster.speech.numbers import whole


def _word(hit: Hit) -> str:
    word = hit[0]
    return word.lower() if word.isupper() and len(word) > 1 else word


def rules() -> Sequence[Rule]:
    return (
        Rule("prose.number", r"\d+", lambda hit: whole(hit[0])),
        Rule("prose.word", r"[^\W\d_]+", _word, figures=False),
        Rule("prose.end", r"[.!?…]+", lambda _: ".", figures=False),
        Rule("prose.pause", r"[,;:()–—-]+", lambda _: ",", figures=False),
    )
