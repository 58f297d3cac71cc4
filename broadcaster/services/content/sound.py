"""The sound of one announcement: spoken by one voice or recorded by a person, then produced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from broadcaster import speech, studio, voices
from broadcaster.domain.announcement import Priority
from broadcaster.errors import InputError, Text
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context

Progress = Callable[[str, int, int], None]
"""Called with what is being made, how much is done, and how much there is."""

RECORDED = "recorded"
"""The name that stands in the place of a voice when a person was recorded."""


@dataclass(frozen=True)
class Words:
    """What is said, in order, and who says it; `facts` goes into the rendition as it is."""

    opening: tuple[studio.Segment, ...]
    body: tuple[studio.Segment, ...]
    closing: tuple[studio.Segment, ...]
    facts: Mapping[str, Any]


def speak(context: Context, text: str, progress: Progress) -> Words:
    """Read and speak opening, body and closing with the first voice that manages all of it."""
    settings = context.config.voice
    scripts: dict[str, _Script] = {}

    def sentences(voice: voices.Voice) -> list[str]:
        scripts[voice.name] = _script(context, text, offline=not voice.needs_network)
        return [sentence.text for sentence in scripts[voice.name].sentences]

    spoken = voices.speak_all(
        sentences,
        settings.order,
        context.voice_cache,
        progress=lambda done, total: progress("voice", done, total),
        settings=settings.options,
        speed=settings.speed,
    )
    script = scripts[spoken.voice]
    segments = tuple(
        studio.Segment(path, sentence.pause_ms)
        for path, sentence in zip(spoken.segments, script.sentences, strict=True)
    )
    facts = {
        "spoken": script.body.spoken,
        "flags": [_flag(flag) for flag in script.body.flags],
        "voice": spoken.voice,
        "voice_version": spoken.version,
        "voice_quality": spoken.quality,
        "fallback": _both(spoken.fallback_reason),
    }
    first, last = script.parts
    return Words(segments[:first], segments[first:last], segments[last:], facts)


@dataclass(frozen=True)
class _Script:
    """What one voice has to say; `parts`: where the body begins and ends among the sentences."""

    body: speech.Reading
    sentences: Sequence[speech.Sentence]
    parts: tuple[int, int]


def _script(context: Context, text: str, *, offline: bool) -> _Script:
    """Offline voices get foreign names respelled; an online one says them as they are written."""
    lexicon = speech.load_lexicon(*context.lexicons)
    commune = context.config.commune
    opening, body, closing = (
        speech.read(part, lexicon, "offline" if offline else "default")
        for part in (
            commune.opening.format(commune=commune.name),
            text,
            commune.closing.format(commune=commune.name),
        )
    )
    before, between = opening.sentences(), body.sentences()
    first, last = len(before), len(before) + len(between)
    return _Script(body, [*before, *between, *closing.sentences()], (first, last))


def recorded(context: Context, text: str, recording: Path) -> Words:
    """A person's recording, checked and levelled. No machine speaks around it: one voice only."""
    taken = studio.take(recording, context.audio)
    facts = {
        "spoken": text,
        "flags": [
            {
                "kind": finding.code,
                "written": recording.name,
                "spoken": "",
                "vi": finding.text.vi,
                "en": finding.text.en,
                "blocking": True,
            }
            for finding in taken.findings
        ],
        "voice": RECORDED,
        "voice_version": taken.digest,
        "voice_quality": "good",
        "fallback": None,
    }
    return Words((), (studio.Segment(taken.path),), (), facts)


def bare(context: Context, text: str, progress: Progress) -> studio.Programme:
    """`text` as loudspeakers get it, with nothing around it: to be said before something else."""
    words = speak(context, text, progress)
    sound = context.config.sound
    wanted = replace(studio.PROFILES["horn"], target_lufs=sound.target_lufs)
    layout = studio.Layout(lead_in_ms=sound.lead_in_ms, chime=_chime(context, sound.alarm))
    return studio.produce(words.body, layout, wanted, context.audio)


def produce(
    context: Context, dossier: Dossier, words: Words, profile: str, progress: Progress
) -> studio.Programme:
    """One programme for a kind of outlet, WAV for stations and MP3 for the web."""
    if profile not in studio.PROFILES:
        known = ", ".join(studio.PROFILES)
        raise InputError(
            f"Không có kiểu âm thanh “{profile}”. Các kiểu: {known}.",
            f"There is no sound profile “{profile}”. Known: {known}.",
        )
    sound = context.config.sound
    urgent = dossier.announcement.priority == Priority.EMERGENCY
    layout = studio.Layout(
        lead_in_ms=sound.lead_in_ms,
        chime=_chime(context, sound.alarm if urgent else sound.chime),
        opening=words.opening,
        repeat=sound.repeat,
        closing=words.closing,
        closing_chime=_chime(context, sound.closing_chime),
    )
    tags = {
        "title": dossier.revision.title,
        "artist": context.config.commune.name,
        "album": dossier.reference,
    }
    wanted = replace(studio.PROFILES[profile], target_lufs=sound.target_lufs, tags=tags)
    return studio.produce(
        words.body,
        layout,
        wanted,
        context.audio,
        progress=lambda done, total: progress("studio", done, total),
    )


def _chime(context: Context, name: str) -> Path | None:
    """The file of the audio folder, or nothing when the setting is empty."""
    if not name:
        return None
    found: Sequence[Path] = sorted(context.chimes.glob(f"{name}.*"))
    if not found:
        raise InputError(
            f"Không có nhạc hiệu “{name}” trong {context.chimes}. Sửa mục [sound] của cấu hình.",
            f"There is no chime “{name}” in {context.chimes}. Mend [sound] in the settings.",
        )
    return found[0]


def _flag(flag: speech.Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind,
        "written": flag.written,
        "spoken": flag.spoken,
        "vi": flag.message.vi,
        "en": flag.message.en,
        "blocking": flag.blocking,
    }


def _both(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"vi": text.vi, "en": text.en}
