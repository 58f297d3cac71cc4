"""Paid speech services over HTTP, described in a file: FPT.AI, Viettel AI, Vbee, Zalo AI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from broadcaster.errors import InputError, Text
from broadcaster.voices import http, plausible, providers
from broadcaster.voices import text as texts
from broadcaster.voices.port import Availability, Pcm, Quality, TemporaryFault, VoiceUnavailable
from broadcaster.voices.providers import SHIPPED, Provider
from broadcaster.voices.vendor_call import Call


class Vendor:
    """Settings: `provider` (a section of the description file), `voice`, `providers_file`,
    `key_file`, `url` (instead of the described one), and whatever the description has in braces.
    The key itself is never a setting: BROADCASTER_<PROVIDER>_KEY or `key_file`.
    """

    name = "vendor"
    needs_network = True
    quality: Quality = "good"
    parallel = 1

    def __init__(self, settings: Mapping[str, str], clock: http.Clock | None = None) -> None:
        self._settings = dict(settings)
        self._clock = clock or http.Clock()
        self._provider: Provider | None = None
        self._key, self._reason = "", _NOT_CHOSEN
        self.version = settings.get("provider", "?")
        try:
            self._set_up(self.version)
        except InputError as fault:
            self._reason = fault.text
        voice = self._provider.voice if self._provider else "?"
        self.variant = f"{self.version} {settings.get('voice', voice)}"

    def _set_up(self, name: str) -> None:
        if name == "?":
            return
        file = Path(self._settings.get("providers_file", SHIPPED))
        self._provider = providers.load(name, file)
        self._key = providers.key(name, self._settings)
        variable = f"BROADCASTER_{name.upper()}_KEY"
        self._reason = Text(
            f"Chưa có khóa của {self._provider.title}: đặt biến môi trường {variable} "
            "hoặc tệp khóa “key_file”.",
            f"The key of {self._provider.title} is missing: set {variable} or “key_file”.",
        )

    def available(self) -> Availability:
        if not self._provider or not self._key:
            return Availability(False, self._reason)
        title = self._provider.title
        return Availability(
            True, Text(f"Sẵn sàng qua {title}, cần mạng.", f"Ready through {title}, needs network.")
        )

    def speak(self, sentence: str, *, speed: float, deadline_s: float) -> Pcm:
        """A job may take longer than `deadline_s`: as long as its description grants."""
        if not self._provider or not self._key:
            raise VoiceUnavailable(self._reason.vi, self._reason.en)
        around = {"voice": self._provider.voice, **self._settings, "key": self._key}
        values = {**around, "speed": self._provider.speed.say(speed)}
        call = Call(self._provider, values, self._clock)
        pieces = texts.cut(sentence, self._provider.most_characters)
        sounds = [call.speak(piece, deadline_s) for piece in pieces if texts.speakable(piece)]
        for piece, sound in zip(filter(texts.speakable, pieces), sounds, strict=True):
            plausible.check(sound, piece, speed)
        if len({sound.sample_rate for sound in sounds}) != 1:
            raise TemporaryFault("Âm thanh nhận được không đồng nhất.", "The sound is mixed.")
        return Pcm(b"".join(sound.data for sound in sounds), sounds[0].sample_rate)


_NOT_CHOSEN = Text(
    "Chưa chọn dịch vụ giọng đọc: đặt “provider” là fpt, viettel, vbee hoặc zalo.",
    "No speech service is chosen: set “provider” to fpt, viettel, vbee or zalo.",
)
