"""Find the installed voices: built-in and foreign ones come through the same door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points

from broadcaster.errors import BroadcasterError, InputError, NotFound, Text
from broadcaster.voices.port import Availability, Voice, VoiceInfo, VoiceUnavailable

GROUP = "broadcaster.voices"
Settings = Mapping[str, Mapping[str, str]]  # settings of each voice, by its name


def installed(settings: Settings | None = None) -> list[VoiceInfo]:
    """Every voice with whether it can speak here; a voice that fails to load is listed with why."""
    return [_describe(name, (settings or {}).get(name, {})) for name in sorted(_entries())]


def get(name: str, settings: Mapping[str, str]) -> Voice:
    """The voice `name`.

    Raises NotFound with the names there are, InputError for its settings, VoiceUnavailable when
    its code does not load.
    """
    entries = _entries()
    if name not in entries:
        known = ", ".join(sorted(entries))
        raise NotFound(
            f"Không có giọng đọc “{name}”. Các giọng đã cài: {known}.",
            f"There is no voice “{name}”. Installed voices: {known}.",
        )
    try:
        factory: Callable[[Mapping[str, str]], Voice] = entries[name].load()
    except Exception as fault:  # whatever a plug-in does wrong, the next voice can speak
        raise VoiceUnavailable(
            f"Không nạp được giọng “{name}”: {fault}", f"The voice “{name}” does not load: {fault}"
        ) from fault
    try:
        return factory(settings)
    except ValueError as fault:
        raise InputError(
            f"Thiết lập của giọng “{name}” sai: {fault}",
            f"The settings of the voice “{name}” are wrong: {fault}",
        ) from fault


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _describe(name: str, settings: Mapping[str, str]) -> VoiceInfo:
    try:
        voice = get(name, settings)
        return VoiceInfo(name, voice.version, voice.quality, voice.needs_network, voice.available())
    except BroadcasterError as fault:
        return VoiceInfo(name, "?", "emergency", False, Availability(False, fault.text))
    except Exception as fault:  # a broken plug-in is a line in the report
        reason = Text(f"Giọng đọc hỏng: {fault}", f"The voice is broken: {fault}")
        return VoiceInfo(name, "?", "emergency", False, Availability(False, reason))
