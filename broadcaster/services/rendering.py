"""From one revision to what each outlet gets: speech for loudspeakers, text for the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster import speech, studio, voices
from broadcaster.channels import Draft
from broadcaster.config import Target
from broadcaster.domain.announcement import digest_of, without_title
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.people import Person
from broadcaster.errors import Conflict
from broadcaster.services import authoring
from broadcaster.services.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.store import announcements, events

Progress = Callable[[str, int, int], None]
"""Called with what is being made, how much is done, and how much there is."""


@dataclass(frozen=True)
class _Audio:
    reading: speech.Reading
    spoken: voices.Spoken
    programme: studio.Programme


def render(
    context: Context, person: Person, number: int, now: datetime, progress: Progress
) -> Dossier:
    """Make the rendition of every target of the newest revision; the same input changes nothing.

    Raises InputError (text too long for an outlet), VoiceUnavailable, Unavailable (disk full) or
    Conflict when somebody edited meanwhile; then nothing has been stored.
    """
    dossier = authoring.show(context, number, now)
    audio = _make_audio(context, dossier, progress)
    targets = [context.config.target(key) for key in dossier.revision.targets]
    made = [_rendition(context, dossier, target, audio) for target in targets]
    with context.database.write() as connection:
        latest = announcements.latest_revision(connection, dossier.announcement.id)
        if latest.id != dossier.revision.id:
            raise Conflict(
                f"Tin số {number} vừa được sửa trong lúc đang tạo bản thể hiện. Hãy tạo lại.",
                f"Announcement {number} was edited meanwhile. Render again.",
            )
        current = {
            r.target: r.digest for r in announcements.renditions(connection, dossier.revision.id)
        }
        new = [values for values in made if current.get(values["target"]) != values["digest"]]
        for values in new:
            announcements.add_rendition(connection, {**values, "created_at": now})
        if new:
            reason = "bản thể hiện đã được tạo lại và khác bản đã duyệt"
            authoring.withdraw_approval(connection, context, dossier.announcement, reason, now)
            events.note(
                connection, context.commune_id, person.name, "announcement.rendered",
                f"announcement {number}", now, targets=[v["target"] for v in new],
            )  # fmt: skip
        return authoring.load(connection, context, number, now)


def _make_audio(context: Context, dossier: Dossier, progress: Progress) -> _Audio:
    """Speech, voice and studio: one programme, WAV for stations and MP3 for the web."""
    settings = context.config
    lexicon = speech.load_lexicon(*context.lexicons)
    commune = settings.commune
    opening = speech.read(commune.opening.format(commune=commune.name), lexicon).sentences()
    closing = speech.read(commune.closing.format(commune=commune.name), lexicon).sentences()
    reading = speech.read(dossier.revision.body, lexicon)
    body = reading.sentences()
    every = [*opening, *body, *closing]
    spoken = voices.speak_all(
        [s.text for s in every],
        settings.voice.order,
        context.voice_cache,
        progress=lambda done, total: progress("voice", done, total),
        settings=settings.voice.options,
        speed=settings.voice.speed,
    )
    segments = [
        studio.Segment(path, sentence.pause_ms)
        for path, sentence in zip(spoken.segments, every, strict=True)
    ]
    first, last = len(opening), len(opening) + len(body)
    layout = studio.Layout(
        lead_in_ms=settings.sound.lead_in_ms,
        chime=_chime(context, settings.sound.chime),
        opening=tuple(segments[:first]),
        repeat=settings.sound.repeat,
        closing=tuple(segments[last:]),
        closing_chime=_chime(context, settings.sound.closing_chime),
    )
    profile = studio.Profile(
        target_lufs=settings.sound.target_lufs,
        tags={"title": dossier.revision.title, "artist": commune.name, "album": dossier.reference},
    )
    programme = studio.produce(
        segments[first:last],
        layout,
        profile,
        context.audio,
        progress=lambda done, total: progress("studio", done, total),
    )
    return _Audio(reading, spoken, programme)


def _chime(context: Context, name: str) -> Any:
    """The path of a chime of the audio folder, or None when the setting is empty."""
    if not name:
        return None
    found = sorted(context.chimes.glob(f"{name}.*"))
    if not found:
        raise Conflict(
            f"Không có nhạc hiệu “{name}” trong {context.chimes}. Sửa mục [sound] của cấu hình.",
            f"There is no chime “{name}” in {context.chimes}. Mend [sound] in the settings.",
        )
    return found[0]


def _rendition(context: Context, dossier: Dossier, target: Target, audio: _Audio) -> dict[str, Any]:
    if target.channel == LOUDSPEAKER:
        content = _spoken_content(audio)
    else:
        content = dict(context.channel(target.key).compose(_draft(context, dossier, audio)))
    return {
        "revision_id": dossier.revision.id,
        "target": target.key,
        "channel": target.channel,
        "digest": digest_of({"channel": target.channel, "content": content}),
        "content": content,
        "duration_ms": audio.programme.duration_ms,
    }


def _draft(context: Context, dossier: Dossier, audio: _Audio) -> Draft:
    revision = dossier.revision
    return Draft(
        title=revision.title,
        body=without_title(revision.title, revision.body),
        reference=dossier.reference,
        commune=context.config.commune.name,
        day=context.policy.local(revision.created_at).date(),
        audio_digest=audio.programme.mp3_digest,
        audio_seconds=audio.programme.duration_ms / 1000,
    )


def _spoken_content(audio: _Audio) -> dict[str, Any]:
    programme, spoken = audio.programme, audio.spoken
    fallback = spoken.fallback_reason
    return {
        "spoken": audio.reading.spoken,
        "flags": [_flag(flag) for flag in audio.reading.flags],
        "voice": spoken.voice,
        "voice_version": spoken.version,
        "voice_quality": spoken.quality,
        "fallback": None if fallback is None else {"vi": fallback.vi, "en": fallback.en},
        "wav": {"digest": programme.wav_digest, "size": programme.wav_path.stat().st_size},
        "mp3": {"digest": programme.mp3_digest, "size": programme.mp3_path.stat().st_size},
        "lufs": round(programme.lufs, 2),
        "true_peak_dbtp": round(programme.true_peak_dbtp, 2),
    }


def _flag(flag: speech.Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind,
        "written": flag.written,
        "spoken": flag.spoken,
        "vi": flag.message.vi,
        "en": flag.message.en,
        "blocking": flag.blocking,
    }


def spoken_rendition(dossier: Dossier) -> Mapping[str, Any] | None:
    """The content of the loudspeaker's rendition, if there is one."""
    for rendition in dossier.renditions:
        if rendition.channel == LOUDSPEAKER:
            return rendition.content
    return None


def warnings(dossier: Dossier) -> list[tuple[str, str]]:
    """What a person must accept before it may go on the air, as (Vietnamese, English)."""
    content = spoken_rendition(dossier)
    if content is None:
        return []
    found = [(flag["vi"], flag["en"]) for flag in content["flags"] if flag["blocking"]]
    if content["voice_quality"] == "emergency":
        found.append(
            (
                f"giọng máy dự phòng “{content['voice']}”: hãy nghe hết rồi mới chấp nhận",
                f"fallback voice “{content['voice']}”: listen to all of it first",
            )
        )
    return found
