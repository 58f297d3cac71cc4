"""Emergency orders: sent at once, ended by word or by their own end; the sounds lie ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from broadcaster.domain import delivery as machine
from broadcaster.domain import emergency as rules
from broadcaster.domain import timetable
from broadcaster.domain.announcement import Priority, Rendition
from broadcaster.domain.approval import Approval
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.domain.emergency import Emergency, Kind, Status
from broadcaster.domain.people import Person, Right
from broadcaster.domain.policy import ZONE
from broadcaster.errors import InputError, PolicyRefused, Text
from broadcaster.services.content import authoring, sound
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.content.sound import Progress
from broadcaster.services.context import Context
from broadcaster.services.timetable.calendar import to_columns
from broadcaster.store import approvals, deliveries, emergencies, events, stations
from broadcaster.store.emergencies import Ready

EXERCISE = "exercise"
_ALL_CLEAR_WITHIN = timedelta(minutes=30)
_OPEN = {State.PLANNED, State.SENDING, State.ACCEPTED}


@dataclass(frozen=True)
class Wish:
    """What a person orders. `targets`: some of those of the text, or empty for all of them."""

    number: int
    until: datetime
    kind: Kind = Kind.ALERT
    status: Status = Status.ACTUAL
    level: int = 3
    rounds: int = rules.UNTIL_STOPPED
    targets: Sequence[str] = ()
    follows: int | None = None


def prepare(context: Context, person: Person, now: datetime, progress: Progress) -> Ready:
    """Speak what goes before every exercise, so that it lies on every station's disk."""
    person.must_have(Right.EMERGENCY)
    spoken = sound.bare(context, rules.EXERCISE, progress)
    size = spoken.wav_path.stat().st_size
    made = Ready(EXERCISE, spoken.wav_digest, size, spoken.duration_ms)
    with context.database.write() as connection:
        emergencies.keep_ready(connection, context.commune_id, made)
        stations.touch(connection, context.commune_id)
        events.note(
            connection, context.commune_id, person.name, "emergency.prepared", "commune", now
        )
    return made


def send(context: Context, person: Person, wish: Wish, now: datetime) -> Emergency:
    """Order it, for now. One person answers for it; the text and its sound are approved already.

    Raises PolicyRefused or Conflict, naming what to do: not an emergency text, not approved, no
    exercise sound yet, the order that it follows is over.
    """
    person.must_have(Right.EMERGENCY)
    rules.check_until(wish.until, now)
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, wish.number, now)
        granted = _allowed(dossier)
        targets = _targets(context, dossier, wish)
        authoring.must_cover(context, person, dossier.revision, targets)
        _check_ready(connection, context, wish)
        if wish.follows is not None:
            before = emergencies.by_id(connection, context.commune_id, wish.follows)
            rules.check_in_force(before, now)
            how = Kind.ALL_CLEAR if wish.kind == Kind.ALL_CLEAR else Kind.UPDATE
            _end(connection, context, before, person, how, "", now)
        rule_id = _rule(connection, dossier, person, targets, now)
        order_id = emergencies.order(connection, _row(context, dossier, person, wish, rule_id, now))
        for rendition in dossier.renditions:
            if rendition.target in targets:
                one = _delivery(context, dossier, granted, rendition, rule_id, wish, now)
                deliveries.plan(connection, one)
        events.note(
            connection, context.commune_id, person.name, f"emergency.{wish.kind}",
            f"emergency {order_id}", now, status=wish.status, level=wish.level,
            until=wish.until.isoformat(), targets=sorted(targets), announcement=wish.number,
        )  # fmt: skip
        return emergencies.by_id(connection, context.commune_id, order_id)


def end(
    context: Context, person: Person, order_id: int, how: Kind, reason: str, now: datetime
) -> Emergency:
    """Silence what an order repeats. `how`: CANCEL (a mistake) or ALL_CLEAR."""
    person.must_have(Right.STOP if how == Kind.CANCEL else Right.EMERGENCY)
    with context.database.write() as connection:
        order = emergencies.by_id(connection, context.commune_id, order_id)
        rules.check_in_force(order, now)
        _end(connection, context, order, person, how, reason, now)
        return emergencies.by_id(connection, context.commune_id, order_id)


def say_all_clear(
    context: Context, person: Person, order_id: int, number: int, now: datetime
) -> Emergency:
    """End an order, and say so once with the text `number`, on the same terms."""
    with context.database.read() as connection:
        order = emergencies.by_id(connection, context.commune_id, order_id)
    wish = Wish(
        number, now + _ALL_CLEAR_WITHIN, Kind.ALL_CLEAR, order.status, order.level, 1, (), order_id
    )
    return send(context, person, wish, now)


def every(context: Context) -> list[Emergency]:
    with context.database.read() as connection:
        return emergencies.every(connection, context.commune_id)


_ENDED = {
    Kind.CANCEL: Text("Lệnh khẩn cấp đã bị hủy", "The emergency was cancelled"),
    Kind.ALL_CLEAR: Text("Đã hết nguy hiểm", "All clear"),
    Kind.UPDATE: Text("Đã có bản tin khẩn cấp mới hơn", "A newer emergency took its place"),
}


def _end(
    connection: Connection,
    context: Context,
    order: Emergency,
    person: Person,
    how: Kind,
    reason: str,
    now: datetime,
) -> None:
    emergencies.end(connection, order.id, now, person.name, how.value, reason.strip())
    words = _ENDED[how]
    cause = Text(f"{words.vi} ({person.full_name}).", f"{words.en} ({person.full_name}).")
    for one in deliveries.find(
        connection, context.commune_id, announcement_id=order.announcement_id, states=_OPEN
    ):
        if one.rule_id == order.rule_id and (one.state == State.PLANNED or one.pulled):
            deliveries.swap(connection, one, machine.cancel(one, cause, now))
    events.note(
        connection, context.commune_id, person.name, f"emergency.ended-{how}",
        f"emergency {order.id}", now, reason=reason.strip(),
    )  # fmt: skip


def _allowed(dossier: Dossier) -> Approval:
    number = dossier.announcement.number
    if dossier.announcement.priority != Priority.EMERGENCY:
        raise PolicyRefused(
            f"Tin số {number} không phải tin khẩn cấp: soạn tin với --priority emergency.",
            f"Announcement {number} is no emergency: draft it with --priority emergency.",
        )
    if dossier.approval is None:
        raise PolicyRefused(
            f"Tin số {number} chưa được duyệt. Nghe rồi duyệt: broadcaster approval grant {number}",
            f"Announcement {number} is not approved: broadcaster approval grant {number}",
        )
    return dossier.approval


def _targets(context: Context, dossier: Dossier, wish: Wish) -> list[str]:
    """An exercise stays on the loudspeakers: nobody on the net would hear its first words."""
    unknown = sorted(set(wish.targets) - set(dossier.revision.targets))
    if unknown:
        known = ", ".join(dossier.revision.targets)
        raise InputError(
            f"Tin số {wish.number} không dành cho kênh “{unknown[0]}”. Các kênh của tin: {known}.",
            f"Announcement {wish.number} is not for “{unknown[0]}”. Its targets: {known}.",
        )
    meant = wish.status == Status.ACTUAL
    chosen = [
        key
        for key in wish.targets or dossier.revision.targets
        if meant or context.config.target(key).channel == LOUDSPEAKER
    ]
    if not chosen:
        raise InputError(
            "Không có cụm loa nào trong lệnh này: diễn tập và thử chỉ phát trên loa.",
            "No loudspeakers in this order: exercises and tests sound on loudspeakers only.",
        )
    return chosen


def _check_ready(connection: Connection, context: Context, wish: Wish) -> None:
    if wish.status == Status.ACTUAL:
        return
    if EXERCISE not in emergencies.ready(connection, context.commune_id):
        raise PolicyRefused(
            "Chưa có lời báo diễn tập để phát trước. Hãy chạy: broadcaster emergency prepare",
            "What is said before an exercise is not there. Run: broadcaster emergency prepare",
        )


def _rule(
    connection: Connection, dossier: Dossier, person: Person, targets: Sequence[str], now: datetime
) -> int:
    """The order's own place in the timetable; taken out at once, so that no approval pins it."""
    local = now.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
    return approvals.add_rule(
        connection,
        {
            **to_columns(timetable.Rule("", local)),
            "announcement_id": dossier.announcement.id,
            "targets": sorted(targets),
            "author": person.name,
            "created_at": now,
            "removed_at": now,
        },
    )


def _row(
    context: Context, dossier: Dossier, person: Person, wish: Wish, rule_id: int, now: datetime
) -> dict[str, object]:
    return {
        "commune_id": context.commune_id,
        "announcement_id": dossier.announcement.id,
        "rule_id": rule_id,
        "kind": wish.kind.value,
        "status": wish.status.value,
        "level": wish.level,
        "rounds": wish.rounds,
        "until": wish.until,
        "person": person.name,
        "sent_at": now,
        "follows_id": wish.follows,
        "ended_at": None,
        "ended_by": "",
        "ended_as": "",
        "reason": "",
    }


def _delivery(
    context: Context,
    dossier: Dossier,
    granted: Approval,
    rendition: Rendition,
    rule_id: int,
    wish: Wish,
    now: datetime,
) -> Delivery:
    """A station that comes back while the order is in force still takes part in it."""
    spoken = rendition.channel == LOUDSPEAKER
    owner = dossier.announcement
    grace = context.policy.grace(rendition.channel, owner.priority)
    expires = wish.until if spoken else now + grace
    return Delivery(
        id=0,
        uid=uuid4().hex,
        commune_id=context.commune_id,
        announcement_id=owner.id,
        revision_id=dossier.revision.id,
        rendition_id=rendition.id,
        approval_id=granted.id,
        rule_id=rule_id,
        channel=rendition.channel,
        target=rendition.target,
        priority=owner.priority.value,
        due_at=now,
        expires_at=expires,
        state=State.PLANNED,
        next_at=expires if spoken else now,
        marker=dossier.reference,
    )
