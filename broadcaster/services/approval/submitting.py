"""What comes before an approval: handed in, and heard."""

from __future__ import annotations

from datetime import datetime

from broadcaster.domain.announcement import Priority
from broadcaster.domain.approval import Decision
from broadcaster.domain.people import Person, Right
from broadcaster.errors import Conflict, PolicyRefused
from broadcaster.services.approval import decisions
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.store import people


def steps(context: Context, dossier: Dossier) -> int:
    """How many people approve it, one after the other; an emergency has one accountable person.

    By itself that is two wherever somebody is editor in chief.
    """
    if dossier.announcement.priority == Priority.EMERGENCY:
        return 1
    asked = context.config.approval.steps
    if asked != "auto":
        return asked
    with context.database.read() as connection:
        everybody = people.every(connection, context.commune_id)
    return 2 if any(person.may(Right.REVIEW) for person in everybody) else 1


def submit(context: Context, person: Person, number: int, now: datetime) -> Dossier:
    """Hand a rendered announcement in for approval; a change of any kind takes that back."""
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        authoring.refuse_withdrawn(dossier.announcement)
        authoring.must_write(person, dossier.announcement.priority)
        authoring.must_cover(context, person, dossier.revision)
        if not dossier.rendered:
            raise PolicyRefused(
                f"Tin số {number} chưa có bản thể hiện. Hãy chạy: broadcaster render {number}",
                f"Announcement {number} has no rendition. Run: broadcaster render {number}",
            )
        if dossier.approval is not None or dossier.stage() in {Decision.SUBMITTED, Decision.EDITED}:
            raise Conflict(
                f"Tin số {number} đã được trình rồi.",
                f"Announcement {number} has been submitted already.",
            )
        decisions.record(connection, context, dossier, person, Decision.SUBMITTED, "", now)
        return authoring.load(connection, context, number, now)


def hear(context: Context, person: Person, number: int, now: datetime) -> Dossier:
    """A person's word that they listened to all of the sound that there is now."""
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        sound = decisions.sound_of(dossier)
        if not sound or not dossier.rendered:
            raise PolicyRefused(
                f"Tin số {number} chưa có âm thanh để nghe. Hãy chạy: broadcaster render {number}",
                f"Announcement {number} has no sound yet. Run: broadcaster render {number}",
            )
        if not decisions.heard_by(dossier, person.name):
            decisions.record(
                connection, context, dossier, person, Decision.HEARD, "", now, pinned=sound
            )
        return authoring.load(connection, context, number, now)
