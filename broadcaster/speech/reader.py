"""The whole way: clean, let every stage claim what it knows, then lay out words and pauses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadcaster.errors import Text
from broadcaster.speech import clean, rules
from broadcaster.speech.draft import Claim, Draft
from broadcaster.speech.lexicon import Lexicon
from broadcaster.speech.model import Flag, Reading, Span, Word
from broadcaster.speech.rules.prose import PLAIN
from broadcaster.speech.sentences import seconds_of

_PIECE = re.compile(r"[,.]|[^\s,.]+")
_LETTERS = re.compile(r"\S+")
_BARE_LETTER = re.compile(r"[A-Za-zĐđ]")
_STRENGTH = {"": 0, ",": 1, ".": 2}


def read(text: str, lexicon: Lexicon, voice: str) -> Reading:
    """See `broadcaster.speech.read`."""
    stages, last = rules.stages(lexicon, voice), rules.LAST_STAGE
    lines: list[str] = []
    trace: list[Word] = []
    flags: list[Flag] = []
    for line in clean.lines(text):
        draft = Draft(line, lexicon, text)
        for rule in stages:
            rule.apply(draft)
        for rule in last:
            rule.apply_in_gaps(draft)
        words = list(_words(draft))
        trace += words
        lines.append(" ".join(word.text + word.pause for word in words))
        flags += _flags(draft)
    spoken = "\n".join(lines)
    return Reading(spoken, tuple(trace), tuple(flags), len(trace), seconds_of(trace))


def _words(draft: Draft) -> Iterator[Word]:
    """Words of the claims in order; a mark belongs to the word before it, the strongest stays.

    After a bare letter a full stop would look like an abbreviation, so it becomes a comma.
    """
    made: list[Word] = []
    for claim in sorted(draft.claims, key=lambda c: c.start):
        if claim.rule == PLAIN:
            made += _as_written(draft, claim)
            continue
        span = draft.line.source(claim.start, claim.end)
        for piece in _PIECE.findall(claim.spoken):
            if piece not in _STRENGTH:
                made.append(Word(piece, *span, claim.rule))
            elif made and _STRENGTH[piece] > _STRENGTH[made[-1].pause]:
                last = made.pop()
                mark = "," if _BARE_LETTER.fullmatch(last.text) else piece
                made.append(Word(last.text, last.start, last.end, last.rule, mark))
    return iter(made)


def _as_written(draft: Draft, claim: Claim) -> Iterator[Word]:
    """Prose points at itself word by word."""
    for found in _LETTERS.finditer(draft.text, claim.start, claim.end):
        span = draft.line.source(found.start(), found.end())
        yield Word(found[0], *span, claim.rule)


def _flags(draft: Draft) -> Iterator[Flag]:
    for claim in draft.claims:
        if claim.doubt:
            span = draft.line.source(claim.start, claim.end)
            yield _flag(draft, claim, span)
    for span in draft.line.lost:
        yield Flag(
            "unreadable",
            span,
            "\ufffd",
            "",
            Text(
                "Có ký tự không đọc được ở đây; hãy gõ lại chỗ này.",
                "An unreadable character; type this place again.",
            ),
            True,
        )


def _flag(draft: Draft, claim: Claim, span: Span) -> Flag:
    assert claim.doubt is not None  # noqa: S101 - the caller looked
    doubt = claim.doubt
    written = draft.text[claim.start : claim.end]
    return Flag(doubt.kind, span, written, claim.spoken, doubt.message, doubt.blocking)
