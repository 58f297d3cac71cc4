"""The default voice: Google Translate's speech through the gTTS library, hardened.

The endpoint is not an official interface: it takes 100 characters a call, blocks callers that are
too fast, and may change without notice. The library itself checks no certificate, waits for ever
and takes a page without sound for success; the wrapper here does none of that.
"""

from __future__ import annotations

import base64
import binascii
import re
import tempfile
import zlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

import gtts
import requests
from filelock import FileLock, Timeout

from broadcaster.errors import InputError, Text
from broadcaster.voices import http, plausible
from broadcaster.voices import text as texts
from broadcaster.voices.breaker import Breaker
from broadcaster.voices.decoding import decode
from broadcaster.voices.port import (
    Availability,
    Pcm,
    Quality,
    RateLimited,
    TemporaryFault,
    VoiceUnavailable,
)

_CHARACTERS = 100  # of one call
_PATH = "/_/TranslateWebserverUi/data/batchexecute"
_SOUND = re.compile(rb'jQ1olc","\[\\"([^"\\]*)\\"')
_TRIES = 3
_SHORT_REST_S = 10.0  # a rest that is waited out instead of changing the voice


class Gtts:
    """Settings: `url` (https, or loopback), `gap_s`, `backoff_s`, `connect_s`, `read_s`,
    `state_dir`.
    """

    name = "gtts"
    needs_network = True
    quality: Quality = "good"
    parallel = 1
    variant = "vi"

    def __init__(self, settings: Mapping[str, str], clock: http.Clock | None = None) -> None:
        self.version = metadata.version("gTTS")
        self._url = _checked(settings.get("url", "https://translate.google.com"))
        self._gap_s = float(settings.get("gap_s", "0.5"))
        self._backoff_s = float(settings.get("backoff_s", "0.5"))
        self._limits = http.Limits(
            float(settings.get("connect_s", "5")), float(settings.get("read_s", "15"))
        )
        self._clock = clock or http.Clock()
        self._state = Path(settings.get("state_dir") or tempfile.gettempdir())
        self._breaker = Breaker(self._state / "gtts-rest.json", self._clock.wall)

    def available(self) -> Availability:
        if rest := self._breaker.rest_s():
            minutes = max(1, round(rest / 60))
            return Availability(
                False,
                Text(
                    f"Máy chủ giọng đọc yêu cầu tạm nghỉ, còn khoảng {minutes} phút.",
                    f"The speech server asked for a rest; about {minutes} min to go.",
                ),
            )
        return Availability(True, Text("Sẵn sàng, cần mạng Internet.", "Ready, needs Internet."))

    def speak(self, sentence: str, *, speed: float, deadline_s: float) -> Pcm:
        """`speed` below 0.8 uses the engine's slow pace; it knows no others."""
        if not (state := self.available()).ok:
            raise VoiceUnavailable(state.reason.vi, state.reason.en)
        end = self._clock.steady() + deadline_s
        words = [piece for piece in texts.cut(sentence, _CHARACTERS) if texts.speakable(piece)]
        pieces = [self._piece(piece, speed < 0.8, end) for piece in words]
        if len({piece.sample_rate for piece in pieces}) != 1:
            raise TemporaryFault("Âm thanh nhận được không đồng nhất.", "The sound is mixed.")
        return Pcm(b"".join(piece.data for piece in pieces), pieces[0].sample_rate)

    def _piece(self, piece: str, slow: bool, end: float) -> Pcm:
        """One piece of text, again after passing faults, with growing pauses between."""
        for number in range(1, _TRIES + 1):
            try:
                return self._once(piece, slow, end)
            except RateLimited as fault:
                rest = fault.retry_after_s
                if number == _TRIES or rest > min(_SHORT_REST_S, end - self._clock.steady()):
                    self._breaker.trip(rest)
                    raise
                self._clock.sleep(rest)
            except http.Passing:
                if number == _TRIES:
                    raise
                # The text decides the jitter: no two villages' machines retry in step.
                jitter = zlib.crc32(piece.encode()) % 1000 / 1000
                self._clock.sleep(self._backoff_s * (2**number + jitter))
        raise AssertionError("the last try returns or raises")

    def _once(self, piece: str, slow: bool, end: float) -> Pcm:
        self._state.mkdir(parents=True, exist_ok=True)
        patience = max(0.0, end - self._clock.steady())
        try:
            with FileLock(self._state / "gtts.lock", timeout=patience):
                self._clock.sleep(self._gap_s)
                mp3 = self._fetch(piece, slow, end)
        except Timeout as fault:
            raise TemporaryFault(
                "Giọng đọc đang bận với tin khác.", "The voice is busy with another text."
            ) from fault
        pcm = decode(mp3, ("MP3",))
        plausible.check(pcm, piece, 0.7 if slow else 1.0)
        return pcm

    def _fetch(self, piece: str, slow: bool, end: float) -> bytes:
        """The MP3 for one piece. The library packs the call; sending and judging are ours."""
        speech = gtts.gTTS(
            piece,
            lang="vi",
            slow=slow,
            lang_check=False,
            pre_processor_funcs=[],  # they expand English abbreviations
            tokenizer_func=lambda whole: [whole],
        )
        request = requests.Request(
            "POST", self._url + _PATH, gtts.gTTS.GOOGLE_TTS_HEADERS, data=speech.get_bodies()[0]
        )
        answer = http.call(request.prepare(), self._limits, self._clock, end)
        return _sound(answer.body)


def _sound(body: bytes) -> bytes:
    """The MP3 in an answer. A log-in page of a Wi-Fi network also comes with status 200."""
    found = _SOUND.search(body)
    try:
        mp3 = base64.b64decode(found.group(1), validate=True) if found else b""
    except binascii.Error:
        mp3 = b""
    if not mp3:
        raise TemporaryFault(
            "Máy chủ trả lời nhưng không có âm thanh: có thể mạng đang hiện trang đăng nhập.",
            "The server answered without sound: perhaps the network shows a log-in page.",
        )
    return mp3


def _checked(url: str) -> str:
    parts = urlsplit(url)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise InputError(
            f"Địa chỉ giọng đọc “{url}” phải bắt đầu bằng https://.",
            f"The address of the voice “{url}” must start with https://.",
        )
    return url.rstrip("/")
