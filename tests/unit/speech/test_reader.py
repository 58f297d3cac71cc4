"""What a reading promises: the figures of the test data, its trace, flags and length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import FrameType

import pytest

from broadcaster import speech

_DATA = Path(__file__).parents[2] / "data" / "speech"
_SCORE = Path(__file__).parents[3] / "scripts" / "score_speech.py"


@pytest.mark.parametrize(("table", "least"), [("tune", 98.0), ("held", 92.0)])
def test_the_share_of_lines_read_right_does_not_fall(table: str, least: float) -> None:
    done = subprocess.run(
        [sys.executable, _SCORE, _DATA / f"{table}.tsv"], capture_output=True, text=True, check=True
    )
    right = float(done.stdout.split(": ")[1].split("%")[0])
    assert right >= least, done.stdout


def test_a_number_becomes_words() -> None:
    assert speech.to_spoken("Có 24 hộ") == "Có hai mươi tư hộ"


def test_every_line_stays_a_line_whatever_ends_it() -> None:
    assert speech.to_spoken("Một\r\nhai\n\nba\rbốn") == "Một\nhai\n\nba\nbốn"


def test_each_word_names_its_source_and_what_made_it() -> None:
    reading = speech.read("UBND xã họp lúc 7h30")
    made = {word.text: (word.start, word.end, word.rule.split(":")[0]) for word in reading.trace}
    assert made["Ủy"] == (0, 4, "abbreviations.tsv")
    assert made["họp"] == (8, 11, "prose.plain")
    assert made["giờ"] == (16, 20, "time.clock")


def test_the_span_is_that_of_the_text_as_given_also_when_it_is_decomposed() -> None:
    text = "Xa\u0303 co\u0301 5 ho\u0323\u0302"
    words = speech.read(text).trace
    assert (words[0].text, text[words[0].start : words[0].end]) == ("Xã", "Xa\u0303")
    assert text[words[-1].start : words[-1].end].endswith("ho\u0323\u0302")


def test_an_unknown_abbreviation_blocks_until_a_person_decides() -> None:
    reading = speech.read("Họp BXQZ tại thôn")
    assert [(flag.kind, flag.written, flag.blocking) for flag in reading.flags] == [
        ("unknown_abbreviation", "BXQZ", True)
    ]
    assert reading.blocked


def test_known_text_has_no_flags() -> None:
    assert speech.read("UBND xã họp lúc 7h30 ngày 5/9/2026 tại NVH thôn.").flags == ()


def test_a_lone_surrogate_is_reported_and_the_rest_is_read() -> None:
    reading = speech.read("Có \udc80 5 hộ")
    assert reading.spoken == "Có năm hộ"
    assert [flag.kind for flag in reading.flags] == ["unreadable"]


def test_words_of_another_script_are_reported() -> None:
    assert [flag.kind for flag in speech.read("Xin chào 世界").flags] == ["unreadable"]


def test_a_voice_gets_its_own_respelling() -> None:
    assert speech.to_spoken("Xem Fanpage") == "Xem Fanpage"
    assert speech.read("Xem Fanpage", voice="offline").spoken == "Xem phan pây"


def test_a_paragraph_has_a_longer_silence_than_a_sentence() -> None:
    sentences = speech.read("Mời họp. Lúc 7h.\n\nTrân trọng").sentences()
    assert [s.text for s in sentences] == ["Mời họp.", "Lúc bảy giờ.", "Trân trọng."]
    assert sentences[0].pause_ms < sentences[1].pause_ms


def test_longer_text_takes_longer() -> None:
    short, long = speech.read("Mời họp"), speech.read("Mời họp lúc 7h30 tại NVH thôn")
    assert (short.syllables, long.syllables) == (2, 13)
    assert short.seconds < long.seconds


def test_the_work_for_one_huge_line_grows_evenly() -> None:
    """Four times the text takes four times the calls, not sixteen; how long, the bench tells."""
    line = "Ngày 5/9/2026, UBND xã họp lúc 7h30; giá 25.000đ/kg; gọi 0912.345.678. "
    speech.to_spoken(line)

    def calls(times: int) -> int:
        count = 0

        def note(_frame: FrameType, _event: str, _arg: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(note)
        try:
            speech.to_spoken(line * times)
        finally:
            sys.setprofile(None)
        return count

    assert calls(100) < 5 * calls(25)


def test_importing_the_package_loads_no_tables() -> None:
    code = (
        "import sys, broadcaster.speech; "
        "print([m for m in sys.modules if m.startswith('broadcaster.speech.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
