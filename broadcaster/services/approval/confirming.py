"""A second person's word on an emergency that one alone has ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain.approval import Approval, Decision
from broadcaster.domain.emergency import Status
from broadcaster.domain.people import Person, Right
from broadcaster.errors import Conflict, PolicyRefused
from broadcaster.services.approval import decisions
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.store import emergencies


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who let an emergency go out, and when: by approving it, or by sending what was approved."""

    person: str
    at: datetime


def confirm(
    context: Context, person: Person, number: int, now: datetime, reason: str = ""
) -> Dossier:
    """Stand behind the newest order of an emergency. Not by who gave it; each order once."""
    if not person.may(Right.REVIEW):
        person.must_have(Right.APPROVE)
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        authoring.must_cover(context, person, dossier.revision)
        if dossier.order is None:
            raise PolicyRefused(
                f"Tin số {number} không phải tin khẩn cấp đã được ra lệnh phát; "
                "không có gì để xác nhận.",
                f"Announcement {number} is no emergency that was ordered.",
            )
        ordered = _newest(connection, context, dossier, dossier.order)
        if person.name == ordered.person:
            raise PolicyRefused(
                f"{person.full_name} là người ra lệnh phát; cần một người khác xác nhận.",
                f"{person.full_name} ordered it; somebody else has to confirm.",
            )
        if word := word_on(ordered, dossier.decisions):
            raise Conflict(
                f"Tin số {number} đã được {word.person} xác nhận rồi.",
                f"Announcement {number} was confirmed by {word.person} already.",
            )
        decisions.record(
            connection, context, dossier, person, Decision.CONFIRMED, reason.strip(), now,
            pinned=dossier.order.pinned,
        )  # fmt: skip
        return authoring.load(connection, context, number, now)


def word_on(ordered: Ordered, said: Sequence[Approval]) -> Approval | None:
    """The first confirmation after the order, by somebody else."""
    for one in said:
        later = one.decision == Decision.CONFIRMED and one.decided_at >= ordered.at
        if later and one.person != ordered.person:
            return one
    return None


def confirm_by(context: Context, ordered: Ordered) -> datetime:
    """Until when somebody should have confirmed it."""
    return ordered.at + timedelta(hours=context.config.approval.confirm_hours)


def _newest(
    connection: Connection, context: Context, dossier: Dossier, granted: Approval
) -> Ordered:
    """Exercises and tests need no second word."""
    orders = [
        Ordered(one.person, one.sent_at)
        for one in emergencies.every(connection, context.commune_id)
        if one.announcement_id == dossier.announcement.id and one.status == Status.ACTUAL
    ]
    return max([Ordered(granted.person, granted.decided_at), *orders], key=lambda one: one.at)
