"""From one revision to what each outlet gets: speech for loudspeakers, text for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster import studio
from broadcaster.channels import Draft
from broadcaster.domain.announcement import digest_of, without_title
from broadcaster.domain.approval import changed
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.people import Person
from broadcaster.errors import Conflict
from broadcaster.services.content import authoring, sound
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.content.sound import Progress, Words
from broadcaster.services.context import Context
from broadcaster.settings.config import Target
from broadcaster.store import announcements, events


def render(
    context: Context,
    person: Person,
    number: int,
    now: datetime,
    progress: Progress,
    *,
    recording: Path | None = None,
) -> Dossier:
    """Make the rendition of every target of the newest revision; the same input changes nothing.

    `recording`: a person's voice instead of a machine's.

    Raises InputError (text too long for an outlet), VoiceUnavailable, Unavailable (disk full) or
    Conflict when somebody edited meanwhile; then nothing has been stored.
    """
    dossier = authoring.show(context, number, now)
    authoring.must_write(person, dossier.announcement.priority)
    authoring.must_cover(context, person, dossier.revision)
    made = _make(context, dossier, progress, recording)
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
            current_one = authoring.load(connection, context, number, now)
            if current_one.approval is not None:
                differs = changed(current_one.approval.pinned, current_one.pinned)
                reason = ", ".join(differs) + " đã được tạo lại và khác bản đã duyệt"
                authoring.withdraw_approval(connection, context, dossier.announcement, reason, now)
            events.note(
                connection, context.commune_id, person.name, "announcement.rendered",
                f"announcement {number}", now, targets=[v["target"] for v in new],
            )  # fmt: skip
        return authoring.load(connection, context, number, now)


def _make(
    context: Context, dossier: Dossier, progress: Progress, recording: Path | None
) -> list[dict[str, Any]]:
    targets = [context.config.target(key) for key in dossier.revision.targets]
    said = {target.key: _said(dossier, target) for target in targets}
    words = {
        text: sound.recorded(context, text, recording)
        if recording
        else sound.speak(context, text, progress)
        for text in sorted(set(said.values()))
    }
    produced = {
        (text, profile): sound.produce(context, dossier, words[text], profile, progress)
        for text, profile in sorted({(said[t.key], _profile(t)) for t in targets})
    }
    return [
        _rendition(context, dossier, words[said[t.key]], produced[said[t.key], _profile(t)], t)
        for t in targets
    ]


def _said(dossier: Dossier, target: Target) -> str:
    """What is to be heard: posts carry the sound of the common text, whatever they say."""
    revision = dossier.revision
    return revision.text_for(target.key) if target.channel == LOUDSPEAKER else revision.body


def _profile(target: Target) -> str:
    """Horns need another sound than a page's player; a target may ask for its own."""
    usual = "horn" if target.channel == LOUDSPEAKER else "web"
    return str(target.options.get("sound", usual))


def _rendition(
    context: Context,
    dossier: Dossier,
    words: Words,
    programme: studio.Programme,
    target: Target,
) -> dict[str, Any]:
    if target.channel == LOUDSPEAKER:
        content = {**words.facts, **_measured(programme), "cues": _cues(context, programme)}
    else:
        draft = _draft(context, dossier, programme, target)
        content = dict(context.channel(target.key).compose(draft))
    return {
        "revision_id": dossier.revision.id,
        "target": target.key,
        "channel": target.channel,
        "digest": digest_of({"channel": target.channel, "content": content}),
        "content": content,
        "duration_ms": programme.duration_ms,
    }


def _draft(
    context: Context, dossier: Dossier, programme: studio.Programme, target: Target
) -> Draft:
    revision = dossier.revision
    return Draft(
        title=revision.title,
        body=without_title(revision.title, revision.text_for(target.key)),
        reference=dossier.reference,
        commune=context.config.commune.name,
        day=context.policy.local(revision.created_at).date(),
        audio_digest=programme.mp3_digest,
        audio_seconds=programme.duration_ms / 1000,
        pictures=revision.pictures,
    )


def _measured(programme: studio.Programme) -> dict[str, Any]:
    return {
        "wav": {"digest": programme.wav_digest, "size": programme.wav_path.stat().st_size},
        "mp3": {"digest": programme.mp3_digest, "size": programme.mp3_path.stat().st_size},
        "lufs": round(programme.lufs, 2),
        "true_peak_dbtp": round(programme.true_peak_dbtp, 2),
        "longest_silence_s": round(programme.longest_silence_s, 2),
    }


def _cues(context: Context, programme: studio.Programme) -> list[dict[str, Any]]:
    """The stretches that a slot of several items plays one by one: the same approved sound."""
    return [asdict(cue) for cue in studio.cut(programme, context.audio)]


def spoken_rendition(dossier: Dossier) -> Mapping[str, Any] | None:
    """The content of the loudspeaker's rendition, if there is one."""
    for rendition in dossier.renditions:
        if rendition.channel == LOUDSPEAKER:
            return rendition.content
    return None
