"""Text to sound: one port, many engines, and one voice for each announcement."""

from broadcaster.voices.port import (
    Availability,
    Pcm,
    Quality,
    RateLimited,
    Spoken,
    TemporaryFault,
    TextRejected,
    Voice,
    VoiceFault,
    VoiceInfo,
    VoiceUnavailable,
)
from broadcaster.voices.registry import get, installed
from broadcaster.voices.speaking import speak_all

__all__ = [
    "Availability",
    "Pcm",
    "Quality",
    "RateLimited",
    "Spoken",
    "TemporaryFault",
    "TextRejected",
    "Voice",
    "VoiceFault",
    "VoiceInfo",
    "VoiceUnavailable",
    "get",
    "installed",
    "speak_all",
]
