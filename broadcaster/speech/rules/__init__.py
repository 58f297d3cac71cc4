"""The stages of a reading in their order: what an earlier one claims, a later one leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from broadcaster.speech.draft import Rule
from broadcaster.speech.lexicon import Lexicon
from broadcaster.speech.rules import prose


@lru_cache(maxsize=16)
def stages(_lexicon: Lexicon, _voice: str) -> Sequence[Rule]:
    """All rules for these dictionaries and this voice, compiled once."""
    return (*prose.rules(),)
