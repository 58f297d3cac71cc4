"""The default voice against a stand-in of its endpoint. The real one has never been called here."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import speech_server
from speech_server import SpeechServer, spoken, with_sound

from broadcaster.errors import InputError
from broadcaster.voices import (
    RateLimited,
    Spoken,
    TemporaryFault,
    VoiceFault,
    VoiceUnavailable,
    speak_all,
)
from broadcaster.voices.gtts import Gtts
from broadcaster.voices.http import Clock

SENTENCE = "Ủy ban nhân dân xã thông báo lịch tiêm phòng."
LONG = (
    "Ủy ban nhân dân xã thông báo, bảy giờ ba mươi phút ngày mười lăm tháng mười một, tại nhà văn "
    "hóa thôn, tổ chức tiêm phòng cho đàn gia súc, đề nghị bà con sắp xếp thời gian tham gia đủ."
)
PORTAL = (200, {"Content-Type": "text/html"}, b"<html>Dang nhap Wi-Fi</html>")


@dataclass
class HandClock:
    """A clock that only moves when somebody sleeps by it."""

    now: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.now, steady=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with speech_server.running() as state:
        yield state


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


def voice(server: SpeechServer, hand: HandClock, state: Path, **settings: str) -> Gtts:
    return Gtts({"url": server.url, "state_dir": str(state), **settings}, hand.clock())


def announce(server: SpeechServer, cache: Path, sentences: list[str]) -> Spoken:
    settings = {"gtts": {"url": server.url, "gap_s": "0", "backoff_s": "0", "read_s": "0.3"}}
    return speak_all(sentences, ["gtts", "espeak"], cache, settings=settings)


def leftovers(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.suffix == ".part"]


def test_a_good_answer_becomes_sound_of_the_right_length(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    pcm = voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
    assert server.heard == [SENTENCE]
    assert 2.0 < pcm.duration_s < 5.0


def test_a_long_sentence_is_cut_at_pauses_within_a_hundred_characters(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    voice(server, hand, tmp_path).speak(LONG, speed=1, deadline_s=60)
    assert " ".join(server.heard) == LONG
    assert all(len(piece) <= 100 for piece in server.heard)
    assert all(piece.endswith((",", ".")) for piece in server.heard)


def test_there_is_a_gap_before_every_call(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    voice(server, hand, tmp_path, gap_s="0.7").speak(LONG, speed=1, deadline_s=60)
    assert hand.slept == [0.7] * len(server.heard)


def test_a_log_in_page_is_an_error_and_is_not_asked_again(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [PORTAL]
    with pytest.raises(TemporaryFault, match="không có âm thanh"):
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
    assert len(server.heard) == 1


def test_a_redirect_is_not_followed(server: SpeechServer, hand: HandClock, tmp_path: Path) -> None:
    server.script = [(302, {"Location": "http://192.0.2.1/login"}, b"")]
    with pytest.raises(TemporaryFault, match="chuyển hướng"):
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)


def test_429_with_a_long_retry_after_stops_all_calls_for_that_time(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [(429, {"Retry-After": "120"}, b"")]
    with pytest.raises(RateLimited) as caught:
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
    assert caught.value.retry_after_s == 120
    later = voice(server, hand, tmp_path)
    hand.now += 100
    assert not later.available().ok
    with pytest.raises(VoiceUnavailable, match="tạm nghỉ"):
        later.speak(SENTENCE, speed=1, deadline_s=30)
    assert len(server.heard) == 1
    hand.now += 21
    assert later.available().ok


def test_429_with_a_short_retry_after_is_waited_out(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [(429, {"Retry-After": "3"}, b"")]
    voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
    assert 3.0 in hand.slept
    assert len(server.heard) == 2


def test_429_with_a_date_counts_from_the_servers_own_date(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    dates = {
        "Date": "Mon, 23 Nov 2026 05:00:00 GMT",
        "Retry-After": "Mon, 23 Nov 2026 05:10:00 GMT",
    }
    server.script = [(429, dates, b"")]
    with pytest.raises(RateLimited) as caught:
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
    assert caught.value.retry_after_s == 600


def test_429_without_retry_after_rests_for_half_an_hour(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [(429, {}, b"")]
    with pytest.raises(RateLimited) as caught:
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
    assert caught.value.retry_after_s == 1800


def test_a_fault_of_the_server_is_tried_again_with_growing_pauses(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [(503, {}, b""), (500, {}, b"")]
    voice(server, hand, tmp_path, gap_s="0").speak(SENTENCE, speed=1, deadline_s=30)
    assert len(server.heard) == 3
    first, second = (pause for pause in hand.slept if pause)
    assert 1.0 <= first < second


@pytest.mark.parametrize("fault", ["hang", "cut"])
def test_silence_and_a_cut_body_are_given_up_after_three_tries(
    server: SpeechServer, hand: HandClock, tmp_path: Path, fault: str
) -> None:
    server.script = [fault] * 3
    with pytest.raises(TemporaryFault, match="thời hạn"):
        voice(server, hand, tmp_path, read_s="0.2").speak(SENTENCE, speed=1, deadline_s=60)
    assert len(server.heard) == 3


def test_other_audio_is_refused_by_its_length(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [with_sound(spoken("Nghe."))]
    with pytest.raises(TemporaryFault, match="âm tiết"):
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)


def test_sound_that_is_no_mp3_is_refused(
    server: SpeechServer, hand: HandClock, tmp_path: Path
) -> None:
    server.script = [with_sound(b"RIFF0000WAVEfmt not sound at all")]
    with pytest.raises(TemporaryFault, match="không phải âm thanh"):
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)


def test_a_certificate_nobody_vouches_for_is_refused(hand: HandClock, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext"
    command = ["openssl", *make.split(), "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    with speech_server.running((certificate, key)) as server:
        with pytest.raises(VoiceUnavailable, match="Chứng chỉ"):
            voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)
        assert announce(server, tmp_path, [SENTENCE]).voice == "espeak"
        assert server.heard == []


def test_nobody_listening_is_reported_at_once(hand: HandClock, tmp_path: Path) -> None:
    with speech_server.running() as server:
        pass
    with pytest.raises(TemporaryFault, match="Không kết nối được"):
        voice(server, hand, tmp_path).speak(SENTENCE, speed=1, deadline_s=30)


def test_an_address_without_tls_is_refused_except_on_this_machine() -> None:
    with pytest.raises(InputError, match="https"):
        Gtts({"url": "http://translate.google.com"})


@pytest.mark.parametrize(
    "reply",
    [
        PORTAL,
        (429, {}, b""),
        (429, {"Retry-After": "900"}, b""),
        "cut",
        "hang",
        with_sound(b"MP3?"),
    ],
    ids=["portal", "429", "429 with time", "cut", "hang", "no sound"],
)
def test_every_fault_ends_in_one_other_voice_for_the_whole_text(
    server: SpeechServer, tmp_path: Path, reply: speech_server.Reply | str
) -> None:
    server.script = [with_sound(spoken("Câu thứ nhất.")), *[reply] * 3]
    done = announce(server, tmp_path, ["Câu thứ nhất.", SENTENCE])
    assert (done.voice, done.quality, len(done.segments)) == ("espeak", "emergency", 2)
    assert done.fallback_reason is not None
    assert "gtts" in done.fallback_reason.vi
    assert leftovers(tmp_path) == []


def test_with_the_endpoint_well_nothing_falls_back(server: SpeechServer, tmp_path: Path) -> None:
    done = announce(server, tmp_path, ["Câu thứ nhất.", SENTENCE])
    assert (done.voice, done.fallback_reason, done.calls) == ("gtts", None, 2)
    assert announce(server, tmp_path, ["Câu thứ nhất.", SENTENCE]).calls == 0


def test_every_fault_of_a_voice_has_one_root() -> None:
    assert all(issubclass(f, VoiceFault) for f in (RateLimited, TemporaryFault, VoiceUnavailable))
