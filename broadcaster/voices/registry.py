"""Find the installed voices: built-in and foreign ones come through the same door."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from broadcaster.errors import NotFound, Text
from broadcaster.voices.port import Availability, Voice, VoiceInfo

GROUP = "broadcaster.voices"
Settings = Mapping[str, Mapping[str, str]]  # settings of each voice, by its name


def installed(settings: Settings | None = None) -> list[VoiceInfo]:
    """Every voice with whether it can speak here; a voice that fails to load is listed with why."""
    return [_describe(name, (settings or {}).get(name, {})) for name in sorted(_entries())]


def get(name: str, settings: Mapping[str, str]) -> Voice:
    """The voice `name`. Raises NotFound with the names there are."""
    entries = _entries()
    if name not in entries:
        known = ", ".join(sorted(entries))
        raise NotFound(
            f"Không có giọng đọc “{name}”. Các giọng đã cài: {known}.",
            f"There is no voice “{name}”. Installed voices: {known}.",
        )
    voice: Voice = entries[name].load()(settings)
    return voice


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _describe(name: str, settings: Mapping[str, str]) -> VoiceInfo:
    try:
        voice = get(name, settings)
        return VoiceInfo(name, voice.version, voice.quality, voice.needs_network, voice.available())
    except Exception as fault:  # a broken plug-in is a line in the report
        reason = Text(f"Không nạp được giọng đọc: {fault}", f"The voice cannot be loaded: {fault}")
        return VoiceInfo(name, "?", "emergency", False, Availability(False, reason))
