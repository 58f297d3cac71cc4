"""From approved rules to deliveries: idempotent, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

from sqlalchemy import Connection

from broadcaster.domain import approval
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.approval import Approval, TimetableRule
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.errors import PolicyRefused, Text
from broadcaster.services import authoring
from broadcaster.services.authoring import Dossier
from broadcaster.services.calendar import to_rule
from broadcaster.services.context import Context
from broadcaster.services.scheduling import yields
from broadcaster.store import announcements, approvals, deliveries

HORIZON = timedelta(days=7)
"""What stations get to know ahead of time, so that a week without a line changes nothing."""
_LOOK_BACK = timedelta(days=35)
"""After a machine stood still: what was planned and did not happen still becomes a row."""

_NOT_THERE = frozenset({State.CANCELLED, State.FAILED, State.MISSED})


def plan(context: Context, now: datetime, since: datetime | None = None) -> int:
    """Make the rows for the next days; how many are new.

    `since`: only announcements with a new rule or decision from then on, which is cheap enough to
    ask every second or two. Without it every rule is gone through.
    """
    with context.database.read() as connection:
        owners = approvals.scheduled(connection, context.commune_id, now - _LOOK_BACK, since)
    return sum(_plan_one(context, owner_id, now) for owner_id in owners)


def _plan_one(context: Context, owner_id: int, now: datetime) -> int:
    """Look first, without the write lock: nearly always nothing is missing."""
    # An approval that ran out while the machine stood still has rows to leave, too.
    then = now - _LOOK_BACK
    with context.database.read() as connection:
        number = announcements.by_id(connection, owner_id).number
        if not _missing(context, authoring.load(connection, context, number, then), now):
            return 0
    # One short transaction for each announcement: planning never holds up a clerk.
    with context.database.write() as connection:
        missing = _missing(context, authoring.load(connection, context, number, then), now)
        return sum(_insert(connection, context, one, now) for one in missing)


def _missing(context: Context, dossier: Dossier, now: datetime) -> list[Delivery]:
    known = {(one.approval_id, one.target, one.due_at) for one in dossier.deliveries}
    posted = {
        one.target
        for one in dossier.deliveries
        if one.revision_id == dossier.revision.id and one.state not in _NOT_THERE
    }
    wanted = sorted(_wanted(context, dossier, now), key=lambda one: one.due_at)
    return [
        one
        for one in wanted
        if (one.approval_id, one.target, one.due_at) not in known
        and (one.pulled or one.target not in posted)
    ]


def _wanted(context: Context, dossier: Dossier, now: datetime) -> Iterator[Delivery]:
    granted = dossier.approval
    if granted is None or approval.changed(granted.pinned, dossier.pinned):
        return
    renditions = {r.target: r for r in dossier.renditions}
    until = min(now + HORIZON, granted.valid_until)
    for rule in dossier.rules:
        since = max(rule.created_at, granted.decided_at)
        # A rule may name an outlet that the newest text is not for any more.
        for rendition in filter(None, map(renditions.get, rule.targets)):
            if rendition.channel == LOUDSPEAKER:
                times = to_rule(rule).occurrences(max(since, now - _LOOK_BACK), until)
            else:
                every = to_rule(rule).occurrences(since, until)
                times = _once(dossier, rule, rendition.target, every, now)
            for due in times:
                yield _delivery(context, dossier, granted, rule, rendition, due)


def _once(
    dossier: Dossier, rule: TimetableRule, target: str, times: Iterator[datetime], now: datetime
) -> Iterator[datetime]:
    """A post goes out once, however often the loudspeakers repeat it.

    At the first time; if that was missed, at the next to come. What was refused waits for a person
    to act, who then makes another rule.
    """
    tried = [
        one
        for one in dossier.deliveries
        if one.target == target and one.revision_id == dossier.revision.id
    ]
    if any(one.state == State.FAILED and one.due_at >= rule.created_at for one in tried):
        return
    yield from islice(times, 1)
    if any(one.state == State.MISSED for one in tried):
        yield from islice((due for due in times if due > now), 1)


def _delivery(
    context: Context,
    dossier: Dossier,
    granted: Approval,
    rule: TimetableRule,
    rendition: Rendition,
    due: datetime,
) -> Delivery:
    expires = due + context.policy.grace(rendition.channel, dossier.announcement.priority)
    return Delivery(
        id=0,
        uid=uuid4().hex,
        commune_id=context.commune_id,
        announcement_id=dossier.announcement.id,
        revision_id=dossier.revision.id,
        rendition_id=rendition.id,
        approval_id=granted.id,
        rule_id=rule.id,
        channel=rendition.channel,
        target=rendition.target,
        priority=dossier.announcement.priority.value,
        due_at=due,
        expires_at=expires,
        state=State.PLANNED,
        next_at=expires if rendition.channel == LOUDSPEAKER else due,
        marker=dossier.reference,
    )


def _insert(connection: Connection, context: Context, new: Delivery, now: datetime) -> bool:
    if new.channel != LOUDSPEAKER and _posted_already(connection, new):
        return False
    blocked = _blocked(connection, context, new) if new.channel == LOUDSPEAKER else None
    if blocked is not None:
        new = machine.cancel(new, blocked, now)
    return deliveries.plan(connection, new)


def _posted_already(connection: Connection, new: Delivery) -> bool:
    """A post of this revision to this target exists or is under way, at whatever time.

    What certainly did not go out does not count: scheduled anew, it gets another chance.
    """
    return any(
        one.revision_id == new.revision_id and one.state not in _NOT_THERE
        for one in deliveries.find(
            connection, new.commune_id, announcement_id=new.announcement_id, target=new.target
        )
    )


def _blocked(connection: Connection, context: Context, new: Delivery) -> Text | None:
    """Why this sound may not be: quiet hours, or another item on the same loudspeakers."""
    dossier = announcements.by_id(connection, new.announcement_id)
    sound = _sound(connection, new)
    try:
        context.policy.check_quiet(new.due_at, sound, dossier.priority)
    except PolicyRefused as refused:
        return refused.text
    around = deliveries.find(
        connection,
        new.commune_id,
        target=new.target,
        after=new.due_at - timedelta(hours=2),
        before=new.due_at + sound + context.policy.gap,
    )
    for other in around:
        mine = other.announcement_id == new.announcement_id and other.due_at == new.due_at
        ends = other.due_at + _sound(connection, other) + context.policy.gap
        if yields(other.priority, new.priority):
            continue
        if other.state != State.CANCELLED and not mine and ends > new.due_at:
            return Text(
                f"Trùng giờ trên cụm loa “{new.target}” với lượt phát số {other.id}.",
                f"Clashes on station “{new.target}” with delivery {other.id}.",
            )
    return None


def _sound(connection: Connection, one: Delivery) -> timedelta:
    rendition = announcements.rendition_by_id(connection, one.rendition_id)
    return timedelta(milliseconds=rendition.duration_ms)


def upcoming(context: Context, now: datetime, days: int) -> list[Delivery]:
    """What is ahead in the next days, by time."""
    with context.database.read() as connection:
        return deliveries.find(
            connection, context.commune_id, after=now, before=now + timedelta(days=days)
        )
