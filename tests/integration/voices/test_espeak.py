"""The voice that is always there, as the real process that it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from broadcaster.errors import Unavailable
from broadcaster.voices import (
    TemporaryFault,
    TextRejected,
    VoiceUnavailable,
    installed,
    speak_all,
    wav,
)
from broadcaster.voices.espeak import Espeak

SENTENCE = "Ủy ban nhân dân xã thông báo lịch tiêm phòng."


def test_the_same_text_gives_the_same_bytes_in_another_second() -> None:
    """The engine seeds its noise with the time of day unless it is told otherwise."""
    first = Espeak({}).speak(SENTENCE, speed=1, deadline_s=20)
    second_of_first = int(time.time())
    while int(time.time()) == second_of_first:
        time.sleep(0.01)
    assert Espeak({}).speak(SENTENCE, speed=1, deadline_s=20) == first


def test_sound_is_as_long_as_its_syllables_and_does_not_clip() -> None:
    pcm = Espeak({}).speak(SENTENCE, speed=1, deadline_s=20)
    samples = memoryview(pcm.data).cast("h")
    assert 10 / 5 < pcm.duration_s < 10 / 2.5
    assert max(map(abs, samples)) < 32000


def test_a_faster_pace_is_shorter() -> None:
    usual, fast = (Espeak({}).speak(SENTENCE, speed=s, deadline_s=20) for s in (1.0, 1.3))
    assert fast.duration_s < usual.duration_s * 0.9


def test_an_unknown_voice_name_is_a_fault_with_its_reason() -> None:
    with pytest.raises(TemporaryFault, match="no voice xx"):
        Espeak({"variant": "xx"}).speak(SENTENCE, speed=1, deadline_s=20)


def test_a_voice_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TemporaryFault, match="không trả lời"):
        Espeak({}).speak(SENTENCE, speed=1, deadline_s=0.001)


def test_a_sentence_without_end_is_refused() -> None:
    with pytest.raises(TextRejected, match="ngắt"):
        Espeak({}).speak("a " * 2000, speed=1, deadline_s=20)


def test_a_whole_announcement_becomes_one_file_a_sentence(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    done = speak_all(
        [SENTENCE, "Xin chào.", SENTENCE],
        ["espeak"],
        tmp_path,
        progress=lambda a, b: seen.append((a, b)),
    )
    assert done.calls == 2
    assert done.segments[0] == done.segments[2]
    assert seen[0] == (0, 3)
    assert seen[-1] == (3, 3)
    assert all(wav.unpack(path.read_bytes()) for path in done.segments)


def test_one_changed_sentence_of_a_hundred_costs_one_call(tmp_path: Path) -> None:
    words = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"]
    lines = [f"Câu {first} {second}." for first in words for second in words]
    assert speak_all(lines, ["espeak"], tmp_path).calls == 100
    lines[50] = "Câu này đã được sửa."
    assert speak_all(lines, ["espeak"], tmp_path).calls == 1


def test_a_damaged_file_of_the_cache_is_spoken_again(tmp_path: Path) -> None:
    first = speak_all([SENTENCE], ["espeak"], tmp_path).segments[0]
    whole = first.read_bytes()
    first.write_bytes(whole[:5000])
    assert speak_all([SENTENCE], ["espeak"], tmp_path).calls == 1
    assert first.read_bytes() == whole


@pytest.mark.parametrize("lines", [[], [""], ["😀 🎉"], ["Xin chào.", "..."]])
def test_what_cannot_be_spoken_is_refused_before_any_voice(
    lines: list[str], tmp_path: Path
) -> None:
    with pytest.raises(TextRejected):
        speak_all(lines, ["espeak"], tmp_path)


def test_emoji_between_words_are_not_read_aloud(tmp_path: Path) -> None:
    plain, merry = (
        speak_all([line], ["espeak"], tmp_path).segments[0]
        for line in ("Xin chào bà con.", "Xin 😀 chào bà con.")
    )
    assert plain == merry


def test_a_text_beyond_an_hour_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(TextRejected, match="chia thành nhiều tin"):
        speak_all(["Xin chào bà con. " * 100] * 60, ["espeak"], tmp_path)


def test_without_any_voice_the_error_names_the_fix(tmp_path: Path) -> None:
    with pytest.raises(VoiceUnavailable, match="cài giọng ngoại tuyến"):
        speak_all([SENTENCE], [], tmp_path)
    broken = {"espeak": {"variant": "xx"}}
    with pytest.raises(VoiceUnavailable, match="no voice xx"):
        speak_all([SENTENCE], ["espeak"], tmp_path, settings=broken)


def test_a_cache_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="Không ghi được"):
        speak_all([SENTENCE], ["espeak"], tmp_path / "file" / "cache")


def test_the_list_of_voices_has_the_built_in_ones_through_the_same_door() -> None:
    listed = {info.name: info for info in installed()}
    assert {"espeak", "gtts", "piper", "vendor"} <= set(listed)
    assert listed["espeak"].availability.ok
    assert not listed["espeak"].needs_network
