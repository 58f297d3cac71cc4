"""What a reading promises whatever the text."""

from __future__ import annotations

from broadcaster import speech


def test_a_number_becomes_words() -> None:
    assert speech.to_spoken("Có 24 hộ") == "Có hai mươi tư hộ"


def test_every_line_stays_a_line() -> None:
    assert speech.to_spoken("Một\r\nhai\n\nba") == "Một\nhai\n\nba"
