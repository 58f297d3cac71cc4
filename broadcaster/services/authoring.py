"""Writing and rewriting announcements; everything known about one, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import (
    Announcement,
    Priority,
    Rendition,
    Revision,
    check_text,
    clean_text,
    reference,
    revision_digest,
    title_of,
)
from broadcaster.domain.approval import Approval, TimetableRule, pin
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.people import Person
from broadcaster.domain.picture import Picture, check_pictures
from broadcaster.errors import Conflict, Text
from broadcaster.services.context import Context
from broadcaster.store import announcements, approvals, deliveries, events


@dataclass(frozen=True)
class Dossier:
    """An announcement with its newest revision and all that hangs on it."""

    announcement: Announcement
    revision: Revision
    renditions: Sequence[Rendition]
    approval: Approval | None
    decisions: Sequence[Approval]
    rules: Sequence[TimetableRule]
    deliveries: Sequence[Delivery]

    @property
    def reference(self) -> str:
        return reference(self.announcement, self.revision)

    @property
    def rendered(self) -> bool:
        return {r.target for r in self.renditions} >= set(self.revision.targets)

    @property
    def pinned(self) -> dict[str, object]:
        return pin(self.revision, self.renditions, self.rules)

    def state(self) -> str:
        """draft | rendered | returned | approved | scheduled | done."""
        if self.approval is None:
            returned = bool(self.decisions) and self.decisions[-1].decision == "returned"
            return "returned" if returned else "rendered" if self.rendered else "draft"
        if not self.rules:
            return "approved"
        own = [d for d in self.deliveries if d.approval_id == self.approval.id]
        return "done" if own and all(d.final for d in own) else "scheduled"


def draft(
    context: Context,
    person: Person,
    text: str,
    now: datetime,
    *,
    title: str = "",
    targets: Sequence[str] = (),
    priority: Priority = Priority.NORMAL,
    pictures: Sequence[Picture] = (),
) -> Dossier:
    """A new announcement. Raises InputError for what cannot be announced."""
    fields = _checked(context, text, title, targets, pictures)
    with context.database.write() as connection:
        owner = announcements.create(connection, context.commune_id, priority, person.name, now)
        _add_revision(connection, owner, person, now, fields)
        _note(connection, context, person, "announcement.drafted", owner.number, now)
        return load(connection, context, owner.number, now)


def edit(
    context: Context,
    person: Person,
    number: int,
    text: str,
    now: datetime,
    *,
    title: str = "",
    targets: Sequence[str] = (),
    pictures: Sequence[Picture] | None = None,
) -> Dossier:
    """A new revision. It takes back the approval and whatever had been planned with it.

    `pictures`: None keeps those there are.
    """
    with context.database.write() as connection:
        owner = announcements.by_number(connection, context.commune_id, number)
        latest = announcements.latest_revision(connection, owner.id)
        shown = latest.pictures if pictures is None else pictures
        fields = _checked(context, text, title, targets or latest.targets, shown)
        if latest.digest == fields.digest(owner.priority):
            raise Conflict(
                f"Nội dung giống hệt bản hiện có của tin số {number}; không có gì để sửa.",
                f"The text is the same as announcement {number} already has.",
            )
        _add_revision(connection, owner, person, now, fields)
        withdraw_approval(connection, context, owner, "nội dung bản tin đã được sửa", now)
        _note(connection, context, person, "announcement.edited", number, now)
        return load(connection, context, number, now)


def withdraw_approval(
    connection: Connection, context: Context, owner: Announcement, reason: str, now: datetime
) -> None:
    """Void what is in force and call back what it had planned, inside the caller's transaction."""
    approvals.void(connection, owner.id, reason, now)
    cause = Text(f"Thu hồi: {reason}.", f"Called back: {reason}.")
    open_states = {State.PLANNED, State.SENDING, State.ACCEPTED}
    for one in deliveries.find(
        connection, context.commune_id, announcement_id=owner.id, states=open_states
    ):
        if one.state == State.PLANNED or one.pulled:
            deliveries.swap(connection, one, machine.cancel(one, cause, now))


def load(connection: Connection, context: Context, number: int, now: datetime) -> Dossier:
    """Raises NotFound."""
    owner = announcements.by_number(connection, context.commune_id, number)
    revision = announcements.latest_revision(connection, owner.id)
    return Dossier(
        announcement=owner,
        revision=revision,
        renditions=announcements.renditions(connection, revision.id),
        approval=approvals.in_force(connection, revision.id, now),
        decisions=approvals.of_revision(connection, revision.id),
        rules=approvals.rules(connection, owner.id),
        deliveries=deliveries.find(connection, context.commune_id, announcement_id=owner.id),
    )


def show(context: Context, number: int, now: datetime) -> Dossier:
    with context.database.read() as connection:
        return load(connection, context, number, now)


def every(context: Context, now: datetime) -> list[Dossier]:
    """All announcements, newest first."""
    with context.database.read() as connection:
        return [
            load(connection, context, one.number, now)
            for one in announcements.every(connection, context.commune_id)
        ]


@dataclass(frozen=True)
class _Fields:
    """What a revision is made of, checked."""

    title: str
    body: str
    targets: Sequence[str]
    pictures: Sequence[Picture]

    def digest(self, priority: Priority) -> str:
        return revision_digest(self.title, self.body, priority, self.targets, self.pictures)


def _checked(
    context: Context, text: str, title: str, targets: Sequence[str], pictures: Sequence[Picture]
) -> _Fields:
    body = clean_text(text)
    said = clean_text(title).strip() or title_of(body)
    check_text(said, body)
    keys = [context.config.target(key).key for key in targets]
    check_pictures(list(pictures))
    chosen = sorted(set(keys or (t.key for t in context.config.targets)))
    return _Fields(said, body, chosen, pictures)


def _add_revision(
    connection: Connection,
    owner: Announcement,
    person: Person,
    now: datetime,
    fields: _Fields,
) -> None:
    announcements.add_revision(
        connection,
        owner,
        title=fields.title,
        body=fields.body,
        targets=fields.targets,
        pictures=fields.pictures,
        digest=fields.digest(owner.priority),
        author=person.name,
        now=now,
    )


def _note(
    connection: Connection, context: Context, person: Person, what: str, number: int, now: datetime
) -> None:
    subject = f"announcement {number}"
    events.note(connection, context.commune_id, person.name, what, subject, now)
