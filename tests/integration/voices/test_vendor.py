"""Paid speech services against stand-ins that answer as their public documents say.

The real services have never been called: no key is at hand.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import soundfile
from speech_server import spoken

from broadcaster.voices import TemporaryFault, VoiceFault, VoiceUnavailable, speak_all
from broadcaster.voices.http import Clock
from broadcaster.voices.vendor import Vendor

SENTENCE = "Ủy ban nhân dân xã thông báo lịch tiêm phòng."
KEY = "khoa-bi-mat-123"
Answer = tuple[int, bytes]


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Service:
    """`answers` are given by path, each the next of its list; the last one stays."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def says(self, path: str, *answers: object) -> None:
        self.answers[path] = [
            a
            if isinstance(a, tuple)
            else (200, a if isinstance(a, bytes) else json.dumps(a).encode())
            for a in answers
        ]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        waiting = self.answers.get(request.path, [(404, b"")])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def service() -> Iterator[Service]:
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size).decode()
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            status, content = state.answer(request)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _any  # noqa: N815  the names that the base class calls

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hand() -> Clock:
    moments = [0.0]

    def sleep(seconds: float) -> None:
        moments[0] += seconds

    return Clock(wall=lambda: moments[0], steady=lambda: moments[0], sleep=sleep)


@pytest.fixture
def vendor(service: Service, hand: Clock, tmp_path: Path) -> Callable[..., Vendor]:
    def make(provider: str, path: str, **settings: str) -> Vendor:
        key_file = tmp_path / "key"
        key_file.write_text(KEY + "\n")
        key_file.chmod(0o600)
        around = {"key_file": str(key_file), "url": service.url + path}
        return Vendor({"provider": provider, **around, **settings}, hand)

    return make


def say(voice: Vendor, speed: float = 1.0) -> float:
    return voice.speak(SENTENCE, speed=speed, deadline_s=30).duration_s


def test_sound_at_once(service: Service, vendor: Callable[..., Vendor]) -> None:
    service.says("/tts/speech_synthesis", spoken(SENTENCE))
    assert 2 < say(vendor("viettel", "/tts/speech_synthesis"), 1.1) < 5
    sent = json.loads(service.requests[0].body)
    assert (sent["text"], sent["token"], sent["speed"]) == (SENTENCE, KEY, "1.1")
    assert sent["tts_return_option"] == 3


def test_a_job_whose_file_is_not_there_at_first(
    service: Service, vendor: Callable[..., Vendor]
) -> None:
    service.says("/hmi/tts/v5", {"error": 0, "async": service.url + "/file.mp3"})
    service.says("/file.mp3", (404, b""), (403, b""), spoken(SENTENCE))
    assert 2 < say(vendor("fpt", "/hmi/tts/v5"), 0.8) < 5
    first = service.requests[0]
    assert (first.body, first.headers["api_key"], first.headers["speed"]) == (SENTENCE, KEY, "-1")
    assert len(service.requests) == 4
    assert "api_key" not in service.requests[1].headers


def test_a_job_that_is_asked_for_by_its_number(
    service: Service, vendor: Callable[..., Vendor]
) -> None:
    done = {"result": {"status": "SUCCESS", "audio_link": service.url + "/a.mp3"}}
    service.says("/api/v1/tts", {"status": 1, "result": {"request_id": "n 1"}})
    service.says("/api/v1/tts/n%201", {"result": {"status": "IN_PROGRESS"}}, done)
    service.says("/a.mp3", spoken(SENTENCE))
    assert 2 < say(vendor("vbee", "/api/v1/tts", app_id="xa-ke-sat")) < 5
    assert json.loads(service.requests[0].body)["app_id"] == "xa-ke-sat"
    assert service.requests[1].headers["Authorization"] == f"Bearer {KEY}"


def test_a_form_and_a_link(service: Service, vendor: Callable[..., Vendor]) -> None:
    service.says("/v1/tts", {"error_code": 0, "data": {"url": service.url + "/z.mp3"}})
    service.says("/z.mp3", spoken(SENTENCE))
    assert 2 < say(vendor("zalo", "/v1/tts", voice="4")) < 5
    assert parse_qs(service.requests[0].body)["speaker_id"] == ["4"]


def test_a_job_that_never_ends_is_given_up(service: Service, vendor: Callable[..., Vendor]) -> None:
    service.says("/hmi/tts/v5", {"error": 0, "async": service.url + "/file.mp3"})
    with pytest.raises(TemporaryFault, match="chưa làm xong"):
        say(vendor("fpt", "/hmi/tts/v5"))


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, {"error": 5, "message": f"bad key {KEY}"}), (200, {"error": 0}), (401, {}), (429, {})],
    ids=["refused", "no link", "401", "429"],
)
def test_a_refusal_falls_back_and_the_key_is_in_no_message(
    status: int, answer: object, service: Service, vendor: Callable[..., Vendor], tmp_path: Path
) -> None:
    service.says("/hmi/tts/v5", (status, json.dumps(answer).encode()))
    with pytest.raises(VoiceFault) as caught:
        say(vendor("fpt", "/hmi/tts/v5"))
    assert KEY not in caught.value.text.vi + caught.value.text.en
    settings = {"vendor": {"provider": "fpt", "key_file": str(tmp_path / "key")}}
    settings["vendor"]["url"] = service.url + "/hmi/tts/v5"
    assert (
        speak_all([SENTENCE], ["vendor", "espeak"], tmp_path, settings=settings).voice == "espeak"
    )


def test_sound_of_a_strange_host_is_not_fetched(
    service: Service, vendor: Callable[..., Vendor]
) -> None:
    for address in ("https://169.254.169.254/x", "https://fpt.ai.example.net/x"):
        service.says("/hmi/tts/v5", {"error": 0, "async": address})
        with pytest.raises(VoiceUnavailable, match="máy chủ lạ"):
            say(vendor("fpt", "/hmi/tts/v5"))
    service.says("/hmi/tts/v5", {"error": 0, "async": "http://file.fpt.ai/x"})
    with pytest.raises(VoiceUnavailable, match="không dùng https"):
        say(vendor("fpt", "/hmi/tts/v5"))


def test_a_body_without_end_is_dropped(service: Service, vendor: Callable[..., Vendor]) -> None:
    service.says("/tts", bytes(9 * 1024 * 1024))
    with pytest.raises(TemporaryFault, match="quá lớn"):
        say(vendor("viettel", "/tts"))


def test_other_sound_is_refused_by_its_length(
    service: Service, vendor: Callable[..., Vendor]
) -> None:
    long = io.BytesIO()
    soundfile.write(long, [0.1, -0.1] * 24000 * 8, 24000, format="WAV")
    service.says("/tts", long.getvalue())
    with pytest.raises(TemporaryFault, match="âm tiết"):
        say(vendor("viettel", "/tts"))


def test_a_key_that_others_may_read_is_not_used(
    vendor: Callable[..., Vendor], tmp_path: Path
) -> None:
    open_file = tmp_path / "open"
    open_file.write_text(KEY)
    open_file.chmod(0o644)
    voice = vendor("fpt", "/", key_file=str(open_file))
    assert "chmod 600" in voice.available().reason.vi


def test_without_key_or_choice_the_fix_is_named() -> None:
    assert "BROADCASTER_FPT_KEY" in Vendor({"provider": "fpt"}).available().reason.vi
    assert "provider" in Vendor({}).available().reason.vi
    assert "fpt, viettel, vbee, zalo" in Vendor({"provider": "abc"}).available().reason.vi


def test_a_missing_setting_of_the_service_is_named(
    service: Service, vendor: Callable[..., Vendor]
) -> None:
    with pytest.raises(VoiceUnavailable, match="“app_id”"):
        say(vendor("vbee", "/api/v1/tts"))
    assert service.requests == []


def test_a_description_with_mistakes_names_them_all(
    vendor: Callable[..., Vendor], tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text('[abc]\ntitle = "A"\nvoice = "v"\nbody = "xml"\n', "utf-8")
    reason = vendor("abc", "/", providers_file=str(tmp_path / "mine.toml")).available().reason.vi
    assert all(word in reason for word in ("mine.toml", "url", "most_characters", "body"))
