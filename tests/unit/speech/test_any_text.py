"""What holds for any text whatever: no crash, nothing unspeakable left, everything traced."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcaster import speech
from broadcaster.speech.lexicon import shipped

_CASES = Path(__file__).parents[2] / "data" / "speech" / "tune.tsv"
_WRITTEN = [
    row.split("\t")[1]
    for row in _CASES.read_text(encoding="utf-8").splitlines()
    if not row.startswith("#") and row.count("\t") >= 2
]
# Pieces of notices, and whatever Unicode has: together they find more than either alone.
_PIECES = st.sampled_from([piece for line in _WRITTEN for piece in line.split()])
_ODD = st.text(st.characters(codec=None), max_size=12)
_NOTICES = st.lists(st.one_of(_PIECES, _PIECES, _ODD), max_size=25).map(" ".join)
_TIGHT = st.lists(
    st.one_of(_PIECES, st.sampled_from(list("0123456789.,/-:()hđ%°'\n\r\t")), _ODD), max_size=20
).map("".join)
# Words of the dictionaries in any case, grown together with a figure or a mark.
_KNOWN = sorted({entry.written for table in shipped().entries.values() for entry in table})
_CASED = st.builds(
    lambda word, case: case(word),
    st.sampled_from(_KNOWN),
    st.sampled_from([str, str.lower, str.upper, str.capitalize]),
)
_GLUED = st.builds(
    str.format,
    st.sampled_from(["0{}", "12{}", "2.5{}", "{}7", "0{}7", "A5{}", "-{}", "/{}", "x_{}", "5-{}"]),
    _CASED,
)
_ANY = st.one_of(_NOTICES, _TIGHT, st.text(max_size=200))


def _is_speakable(c: str) -> bool:
    return c in " \n,." or unicodedata.category(c)[0] == "L"


@given(_ANY)
@settings(max_examples=400, deadline=None)
def test_only_letters_and_two_marks_are_left(text: str) -> None:
    left = {c for c in speech.to_spoken(text) if not _is_speakable(c)}
    assert not left


@given(_ANY)
@settings(max_examples=300, deadline=None)
def test_one_line_in_is_one_line_out(text: str) -> None:
    lines = re.split(r"\r\n|\r|\n", text)
    assert len(speech.to_spoken(text).split("\n")) == len(lines)


@given(_ANY)
@example("£V")
@settings(max_examples=300, deadline=None)
def test_what_is_spoken_already_stays_as_it_is(text: str) -> None:
    spoken = speech.to_spoken(text)
    assert speech.to_spoken(spoken) == spoken


@given(_GLUED)
@example("0Gmt")
@settings(max_examples=300, deadline=None)
def test_what_is_spoken_of_a_glued_word_stays_as_it_is(text: str) -> None:
    spoken = speech.to_spoken(text)
    assert speech.to_spoken(spoken) == spoken


@given(_ANY)
@settings(max_examples=300, deadline=None)
def test_every_spoken_word_points_into_the_text(text: str) -> None:
    reading = speech.read(text)
    assert [word.text + word.pause for word in reading.trace] == reading.spoken.split()
    for word in reading.trace:
        assert 0 <= word.start < word.end <= len(text)
        assert word.rule


@given(_ANY)
@settings(max_examples=300, deadline=None)
def test_no_letter_or_figure_is_lost(text: str) -> None:
    """Whatever carries meaning is spoken or flagged."""
    reading = speech.read(text)
    spans = [(w.start, w.end) for w in reading.trace] + [flag.span for flag in reading.flags]
    seen = bytearray(len(text))
    for start, end in spans:
        seen[start:end] = b"\1" * (end - start)
    missed = [c for c, hit in zip(text, seen, strict=True) if c.isalnum() and not hit]
    assert not missed


@given(_ANY)
@settings(max_examples=100, deadline=None)
def test_sentences_hold_the_same_words(text: str) -> None:
    reading = speech.read(text)
    words = [word for sentence in reading.sentences() for word in sentence.text.split()]
    assert [w.strip(",.") for w in words] == [w.text for w in reading.trace]


@given(st.sampled_from(_WRITTEN))
@settings(max_examples=100, deadline=None)
def test_composed_or_decomposed_letters_read_the_same(text: str) -> None:
    assert speech.to_spoken(unicodedata.normalize("NFD", text)) == speech.to_spoken(text)
