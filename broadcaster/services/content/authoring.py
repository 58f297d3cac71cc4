"""Writing and rewriting announcements; everything known about one, in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import (
    Announcement,
    Priority,
    Rendition,
    Revision,
    reference,
)
from broadcaster.domain.approval import Approval, Decision, TimetableRule, digest, pin, stage
from broadcaster.domain.category import GENERAL
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.domain.picture import Picture
from broadcaster.errors import Conflict, InputError, Text
from broadcaster.services.content.manuscript import Manuscript, checked
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar
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
    authors: frozenset[str]

    @property
    def reference(self) -> str:
        return reference(self.announcement, self.revision)

    @property
    def rendered(self) -> bool:
        return {r.target for r in self.renditions} >= set(self.revision.targets)

    @property
    def pinned(self) -> dict[str, object]:
        return pin(self.revision, self.renditions, self.rules)

    @property
    def order(self) -> Approval | None:
        """The newest order to broadcast an emergency, in force or not."""
        if self.announcement.priority != Priority.EMERGENCY:
            return None
        orders = [one for one in self.decisions if one.decision == Decision.GRANTED]
        return orders[-1] if orders else None

    @property
    def confirmation(self) -> Approval | None:
        """The second person's word on that very order."""
        if (order := self.order) is None:
            return None
        said = [d for d in self.decisions if d.decision == Decision.CONFIRMED and d.id > order.id]
        return said[-1] if said else None

    def stage(self) -> str:
        """submitted | edited | returned, or nothing yet."""
        return stage(self.decisions, digest(self.pinned))

    def state(self) -> str:
        """draft | rendered | submitted | edited | returned | expired | approved | scheduled | done
        | withdrawn.

        `rendered` waits for approval where one person approves; `submitted` and `edited` come
        before it where two do.
        """
        if self.announcement.withdrawn_at is not None:
            return "withdrawn"
        if self.approval is None:
            said = self.stage() or ("rendered" if self.rendered else "draft")
            ran_out = any(
                d.decision == Decision.GRANTED and not d.voided_at for d in self.decisions
            )
            return "expired" if ran_out and said != Decision.RETURNED else said
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
    category: str = GENERAL,
    document_number: str = "",
) -> Dossier:
    """A new announcement. Raises InputError for what cannot be announced.

    PolicyRefused for a person who may not write for these targets or in this category; without
    targets, one who answers for a village writes for its outlets.
    """
    must_write(person, priority)
    chosen = targets or _own_targets(context, person)
    fields = checked(
        context, Manuscript(title, text, chosen, pictures, category, document_number, {})
    )
    must_cover(context, person, fields)
    with context.database.write() as connection:
        owner = announcements.create(connection, context.commune_id, priority, person.name, now)
        _add_revision(connection, owner, person, now, fields)
        _note(connection, context, person, "announcement.drafted", owner.number, now)
        return load(connection, context, owner.number, now)


def edit(
    context: Context,
    person: Person,
    number: int,
    text: str | None,
    now: datetime,
    *,
    title: str = "",
    targets: Sequence[str] = (),
    pictures: Sequence[Picture] | None = None,
    category: str | None = None,
    document_number: str | None = None,
) -> Dossier:
    """A new revision. It takes back the approval and whatever had been planned with it.

    None keeps what there is, also the title of a kept text. Texts of single outlets stay: whether
    they still agree with the new one is looked at before it is approved.
    """

    def changed(latest: Revision) -> Manuscript:
        return Manuscript(
            title=title or (latest.title if text is None else ""),
            body=latest.body if text is None else text,
            targets=targets or latest.targets,
            pictures=latest.pictures if pictures is None else pictures,
            category=latest.category if category is None else category,
            document_number=latest.document_number if document_number is None else document_number,
            overrides=latest.overrides,
        )

    return _revise(context, person, number, now, changed, "announcement.edited")


def override(
    context: Context, person: Person, number: int, target: str, text: str | None, now: datetime
) -> Dossier:
    """Another text for one outlet, or with None the common one again: a new revision, too."""

    def changed(latest: Revision) -> Manuscript:
        if target not in latest.targets:
            raise InputError(
                f"Tin số {number} không dành cho kênh “{target}”. "
                f"Các kênh của tin: {', '.join(latest.targets)}.",
                f"Announcement {number} has no target “{target}”: {', '.join(latest.targets)}.",
            )
        others = {key: value for key, value in latest.overrides.items() if key != target}
        return Manuscript(
            latest.title, latest.body, latest.targets, latest.pictures, latest.category,
            latest.document_number, others if text is None else {**others, target: text},
        )  # fmt: skip

    return _revise(
        context, person, number, now, changed, "announcement.overridden", target=target,
        removed=text is None,
    )  # fmt: skip


def _revise(
    context: Context,
    person: Person,
    number: int,
    now: datetime,
    changed: Callable[[Revision], Manuscript],
    what: str,
    **detail: object,
) -> Dossier:
    with context.database.write() as connection:
        owner = announcements.by_number(connection, context.commune_id, number)
        refuse_withdrawn(owner)
        latest = announcements.latest_revision(connection, owner.id)
        must_write(person, owner.priority)
        if person.name not in announcements.authors(connection, owner.id):
            person.must_have(Right.EDIT, urgent=owner.priority == Priority.EMERGENCY)
        fields = checked(context, changed(latest))
        must_cover(context, person, fields)
        if latest.digest == fields.digest(owner.priority):
            raise Conflict(
                f"Nội dung giống hệt bản hiện có của tin số {number}; không có gì để sửa.",
                f"The text is the same as announcement {number} already has.",
            )
        _add_revision(connection, owner, person, now, fields)
        withdraw_approval(connection, context, owner, "nội dung bản tin đã được sửa", now)
        _note(connection, context, person, what, number, now, **detail)
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
        if one.action != Action.WITHDRAW and (one.state == State.PLANNED or one.pulled):
            deliveries.swap(connection, one, machine.cancel(one, cause, now))


def refuse_withdrawn(owner: Announcement) -> None:
    """Raise Conflict for what was withdrawn: it is never published again."""
    if owner.withdrawn_at is not None:
        raise Conflict(
            f"Tin số {owner.number} đã bị thu hồi ({owner.withdrawn_reason}). "
            "Cần phát lại thì soạn một tin mới.",
            f"Announcement {owner.number} was withdrawn ({owner.withdrawn_reason}). "
            "Write a new one.",
        )


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
        rules=calendar.of_announcement(connection, context, owner.id),
        deliveries=deliveries.find(connection, context.commune_id, announcement_id=owner.id),
        authors=announcements.authors(connection, owner.id) | {owner.author},
    )


def by_id(connection: Connection, context: Context, announcement_id: int, now: datetime) -> Dossier:
    return load(connection, context, announcements.by_id(connection, announcement_id).number, now)


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


def must_write(person: Person, priority: Priority) -> None:
    """Raise PolicyRefused for one who may not write it."""
    person.must_have(Right.DRAFT, urgent=priority == Priority.EMERGENCY)


def _own_targets(context: Context, person: Person) -> list[str]:
    """Of the villages that a person answers for; empty when that is the whole commune."""
    return [t.key for t in context.config.targets if t.village in person.villages]


def must_cover(
    context: Context, person: Person, about: Manuscript | Revision, targets: Sequence[str] = ()
) -> None:
    """Raise PolicyRefused unless its villages (or those of `targets`) and category are theirs."""
    villages = {context.config.target(key).village for key in targets or about.targets}
    person.must_cover(villages, about.category)


def _add_revision(
    connection: Connection,
    owner: Announcement,
    person: Person,
    now: datetime,
    fields: Manuscript,
) -> None:
    announcements.add_revision(
        connection,
        owner,
        title=fields.title,
        body=fields.body,
        targets=fields.targets,
        pictures=fields.pictures,
        category=fields.category,
        document_number=fields.document_number,
        overrides=fields.overrides,
        digest=fields.digest(owner.priority),
        author=person.name,
        now=now,
    )


def _note(
    connection: Connection,
    context: Context,
    person: Person,
    what: str,
    number: int,
    now: datetime,
    **detail: object,
) -> None:
    subject = f"announcement {number}"
    events.note(connection, context.commune_id, person.name, what, subject, now, **detail)
