"""What a voice is, what it may answer and how it may fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from broadcaster.errors import BroadcasterError, InputError, Text, Unavailable

Quality = Literal["good", "fair", "emergency"]


@dataclass(frozen=True, slots=True)
class Pcm:
    """Sound in memory: `data` is signed 16-bit little-endian mono."""

    data: bytes
    sample_rate: int

    @property
    def duration_s(self) -> float:
        return len(self.data) / 2 / self.sample_rate


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a voice can speak on this machine now, and why (not)."""

    ok: bool
    reason: Text


class Voice(Protocol):
    """One voice engine. A new one is a factory `(settings: Mapping[str, str]) -> Voice`
    under the entry-point group "broadcaster.voices".
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str:
        """Engine version: another version may sound different, so it is part of the cache key."""

    @property
    def variant(self) -> str:
        """Which voice of the engine, with every setting that changes its sound."""

    @property
    def needs_network(self) -> bool: ...
    @property
    def quality(self) -> Quality: ...
    @property
    def parallel(self) -> int:
        """How many sentences may be spoken at the same time."""

    def available(self) -> Availability:
        """Cheap; never downloads and never calls the network."""

    def speak(self, sentence: str, *, speed: float, deadline_s: float) -> Pcm:
        """The sound of one sentence of spoken Vietnamese; `speed` 1.0 is the engine's usual pace.

        Raises TextRejected, RateLimited, TemporaryFault or VoiceUnavailable, and nothing else.
        """


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """One line of the list of voices; a broken one is such a line, not a crash."""

    name: str
    version: str
    quality: Quality
    needs_network: bool
    availability: Availability


@dataclass(frozen=True, slots=True)
class Spoken:
    """A whole announcement in one voice."""

    voice: str
    version: str
    quality: Quality
    segments: tuple[Path, ...]  # one mono 16-bit WAV for each sentence, in order
    fallback_reason: Text | None  # why the voices before this one in the order did not speak
    calls: int  # sentences that had to be spoken because the cache did not hold them


class TextRejected(InputError):
    """The voice will never speak this text: change the text."""


class VoiceFault(BroadcasterError):
    """Root of what sends the whole announcement to the next voice."""


class RateLimited(VoiceFault):
    """The engine asks for a rest of `retry_after_s` seconds."""

    def __init__(self, vi: str, en: str, *, retry_after_s: float) -> None:
        super().__init__(vi, en)
        self.retry_after_s = retry_after_s


class TemporaryFault(VoiceFault):
    """No sound this time; the same call may work later."""


class VoiceUnavailable(VoiceFault, Unavailable):
    """The voice cannot run here until a person changes something."""
