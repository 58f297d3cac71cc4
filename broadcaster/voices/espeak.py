"""The voice that is always there: eSpeak NG, offline, a machine's voice, for emergencies."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Mapping
from importlib import metadata
from importlib.util import find_spec
from typing import Protocol

from broadcaster.errors import Text
from broadcaster.voices import espeak_worker, programs
from broadcaster.voices.port import (
    Availability,
    Pcm,
    Quality,
    TemporaryFault,
    TextRejected,
    VoiceUnavailable,
)

_WPM, _AMPLITUDE = 140, 70  # the clearest of the settings tried; louder clips
_VARIANT = "vi+f2"
_MOST_CHARACTERS = 2000  # for one sentence


class _Engine(Protocol):
    version: str

    def speak(self, text: str, variant: str, wpm: int, deadline_s: float) -> Pcm: ...


class _Library:
    """The `espeakng-loader` wheel: the same bytes on every machine of one kind."""

    def __init__(self) -> None:
        import espeakng_loader  # noqa: PLC0415  only when this voice is used

        self.version = "espeakng-loader " + metadata.version("espeakng-loader")
        files = (espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
        self._command = [programs.PYTHON, "-I", "-S", espeak_worker.__file__, *files]

    def speak(self, text: str, variant: str, wpm: int, deadline_s: float) -> Pcm:
        command = [*self._command, variant, str(wpm), str(_AMPLITUDE)]
        answer = programs.run(command, text, deadline_s=deadline_s)
        rate, count = struct.unpack_from("<II", answer)
        if len(answer) != 8 + 2 * count:
            raise TemporaryFault("Bộ đọc eSpeak NG trả âm thanh cụt.", "eSpeak NG cut its sound.")
        return Pcm(answer[8:], rate)


class _Program:
    """The `espeak-ng` program: only without the wheel, as its breath noise differs every time."""

    def __init__(self, path: str) -> None:
        self._path = path
        banner = programs.run([path, "--version"], "", deadline_s=5).decode(errors="replace")
        self.version = "espeak-ng " + banner.partition(": ")[2].split(" ")[0]

    def speak(self, text: str, variant: str, wpm: int, deadline_s: float) -> Pcm:
        options = ["-v", variant, "-s", str(wpm), "-a", str(_AMPLITUDE), "-z", "--stdout"]
        answer = programs.run([self._path, *options], text, deadline_s=deadline_s)
        rate = int.from_bytes(answer[24:28], "little")
        return Pcm(answer[44:], rate)  # the length in this header is never true; count the bytes


def _engine() -> _Engine | None:
    if find_spec("espeakng_loader") is not None:
        return _Library()
    program = shutil.which("espeak-ng")
    return _Program(program) if program else None


class Espeak:
    """Settings: `variant` (an eSpeak NG voice name)."""

    name = "espeak"
    needs_network = False
    quality: Quality = "emergency"
    parallel = 2

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._variant = settings.get("variant", _VARIANT)
        self._engine = _engine()
        self.version = self._engine.version if self._engine else "?"
        self.variant = f"{self._variant} {_WPM} wpm, amplitude {_AMPLITUDE}"

    def available(self) -> Availability:
        if self._engine is None:
            return Availability(False, _MISSING)
        return Availability(True, Text("Sẵn sàng, không cần mạng.", "Ready, needs no network."))

    def speak(self, sentence: str, *, speed: float, deadline_s: float) -> Pcm:
        if self._engine is None:
            raise VoiceUnavailable(_MISSING.vi, _MISSING.en)
        if len(sentence) > _MOST_CHARACTERS:
            raise TextRejected(
                f"Câu dài {len(sentence)} ký tự; hãy ngắt thành các câu dưới {_MOST_CHARACTERS}.",
                f"The sentence has {len(sentence)} characters; cut it below {_MOST_CHARACTERS}.",
            )
        return self._engine.speak(sentence, self._variant, round(_WPM * speed), deadline_s)


_MISSING = Text(
    "Chưa có eSpeak NG: cài gói Python “espeakng-loader” hoặc chương trình “espeak-ng”.",
    "eSpeak NG is missing: install the Python package “espeakng-loader” or “espeak-ng”.",
)
