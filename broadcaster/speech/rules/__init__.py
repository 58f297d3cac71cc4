"""The stages of a reading in their order: what an earlier one claims, a later one leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from broadcaster.speech.draft import Rule
from broadcaster.speech.lexicon import Lexicon
from broadcaster.speech.rules import (
    dates,
    documents,
    headings,
    months,
    prose,
    protect,
    quantities,
    times,
    units,
    words,
)


@lru_cache(maxsize=16)
def stages(lexicon: Lexicon, voice: str) -> Sequence[Rule]:
    """All rules for these dictionaries and this voice, compiled once."""
    return (
        *headings.RULES,
        *words.slashed(lexicon),
        *protect.rules(lexicon),
        *documents.rules(lexicon),
        *times.RULES,
        *dates.RULES,
        *months.RULES,
        *quantities.EARLY,
        *units.rules(lexicon),
        *quantities.LATE,
        *words.rules(lexicon, voice),
    )


LAST_STAGE: Sequence[Rule] = prose.RULES  # for the stretches that no stage has claimed
