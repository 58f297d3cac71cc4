"""Taking an announcement back, everywhere: what is planned, what stations hold, what was posted."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from broadcaster.domain.changing import PATIENCE_WITH_CHANGES
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.domain.posts import Post, posts
from broadcaster.errors import Conflict, InputError
from broadcaster.services.content import authoring
from broadcaster.services.context import Context
from broadcaster.store import announcements, deliveries, events


def withdraw(
    context: Context, person: Person, number: int, reason: str, now: datetime
) -> list[Delivery]:
    """From now on it is not published any more, and each of its posts gets a withdrawal: a row.

    The workers carry them out. Asked again, it begins anew what an outlet had refused. Raises
    PolicyRefused without the right, Conflict when nothing is left to withdraw.
    """
    person.must_have(Right.WITHDRAW)
    if not reason.strip():
        raise InputError("Thu hồi phải có lý do: --reason “…”", "A reason is needed: --reason")
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        owner = dossier.announcement
        authoring.must_cover(context, person, dossier.revision)
        first = owner.withdrawn_at is None
        if first:
            announcements.withdraw(connection, owner.id, reason.strip(), now)
            authoring.withdraw_approval(connection, context, owner, f"thu hồi: {reason}", now)
        rows = deliveries.find(connection, context.commune_id, announcement_id=owner.id)
        new = [_withdrawal(post, now) for post in _left(rows)]
        planned = [deliveries.plan(connection, one) for one in new]
        if not all(planned):
            raise Conflict(
                f"Tin số {number} vừa được người khác thu hồi.",
                f"Somebody else is withdrawing announcement {number}.",
            )
        if not first and not new:
            raise Conflict(
                f"Tin số {number} đã thu hồi rồi; không còn bài nào để gỡ thêm.",
                f"Announcement {number} has been withdrawn; no post is left to take back.",
            )
        _note(connection, context, person, number, now, reason, [one.target for one in new])
        return deliveries.find(connection, context.commune_id, announcement_id=owner.id)


def _left(rows: list[Delivery]) -> list[Post]:
    """The posts that stand, or may stand, and that nobody is withdrawing already."""
    targets = sorted({one.target for one in rows if not one.pulled})
    of = {target: posts([one for one in rows if one.target == target]) for target in targets}
    return [post for target in targets for post in of[target] if post.to_withdraw]


def _withdrawal(post: Post, now: datetime) -> Delivery:
    """Due at once. The address is for people: the workers read it again when they begin."""
    made, newest = post.chain[0], post.newest or post.chain[-1]
    latest = max(one.due_at for one in (*post.chain, *post.withdrawals))
    return Delivery(
        id=0,
        uid=uuid4().hex,
        commune_id=made.commune_id,
        announcement_id=made.announcement_id,
        revision_id=newest.revision_id,
        rendition_id=newest.rendition_id,
        approval_id=newest.approval_id,
        rule_id=newest.rule_id,
        channel=made.channel,
        target=made.target,
        priority=made.priority,
        due_at=max(now, latest + timedelta.resolution),  # a row of its own in any case
        expires_at=now + PATIENCE_WITH_CHANGES,
        state=State.PLANNED,
        next_at=now,
        marker=newest.marker,
        link=newest.link,
        action=Action.WITHDRAW,
        about_id=made.id,
    )


def _note(
    connection: Connection,
    context: Context,
    person: Person,
    number: int,
    now: datetime,
    reason: str,
    targets: list[str],
) -> None:
    events.note(
        connection, context.commune_id, person.name, "announcement.withdrawn",
        f"announcement {number}", now, reason=reason.strip(), targets=targets,
    )  # fmt: skip
