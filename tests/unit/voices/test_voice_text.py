"""What can be spoken, how many syllables it has, and where it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.voices import TextRejected
from broadcaster.voices.text import clean, cut, syllables

WORDS = st.lists(
    st.sampled_from(["xã,", "thông", "báo.", "khuyến", "ngoằn ngoèo;", "a"]), min_size=1
)


@given(WORDS, st.integers(20, 120))
def test_pieces_are_short_enough_and_nothing_is_lost(words: list[str], limit: int) -> None:
    text = " ".join(words)
    pieces = cut(text, limit)
    assert " ".join(pieces) == text
    assert all(0 < len(piece) <= limit for piece in pieces)


def test_a_full_stop_is_a_better_place_to_cut_than_a_comma() -> None:
    assert cut("Một hai ba. Bốn, năm sáu", 20) == ["Một hai ba.", "Bốn, năm sáu"]


def test_a_comma_is_a_better_place_to_cut_than_a_space() -> None:
    assert cut("Một hai, ba bốn năm", 13) == ["Một hai,", "ba bốn năm"]


def test_a_word_without_end_is_cut_by_force() -> None:
    assert cut("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


@pytest.mark.parametrize(
    ("text", "few"),
    [("xin chào", 2), ("nguyễn khuyến", 2), ("quả, giờ.", 2), ("ngoằn ngoèo", 2), ("vi-ta-min", 3)],
)
def test_a_syllable_is_a_run_of_vowels(text: str, few: int) -> None:
    assert syllables(text) == (few, few)


def test_capitals_may_be_spelled_out() -> None:
    few, many = syllables("họp UBND")
    assert few == 2
    assert many >= 1 + 4


def test_cleaning_composes_marks_and_drops_what_engines_read_by_name() -> None:
    assert clean("  Xin\u0000 cha\u0300o 😀\u200b bà con ") == "Xin chào bà con"


@pytest.mark.parametrize("text", ["", " \n", "…!?", "😀", "\u200b"])
def test_without_a_letter_there_is_nothing_to_speak(text: str) -> None:
    with pytest.raises(TextRejected, match="Không có gì để đọc"):
        clean(text)
