"""After the restore of an older copy: what it does not know of may have happened since.

Whatever was due between the backup and the restore is looked up by its reference, and not sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.errors import InputError, Text
from broadcaster.services.context import Context
from broadcaster.services.timetable import planning
from broadcaster.store import deliveries, events, stations

_POST = Text(
    "Dữ liệu phục hồi từ bản sao cũ hơn: bài có thể đã đăng sau khi sao lưu; đang tra cứu.",
    "Restored from an older copy: it may have been posted since; looking it up.",
)
_SOUND = Text(
    "Dữ liệu phục hồi từ bản sao cũ hơn: loa có thể đã phát sau khi sao lưu; hãy hỏi ở thôn.",
    "Restored from an older copy: it may have been heard since; ask in the village.",
)


def doubt(context: Context, made_at: datetime, now: datetime) -> int:
    """Call it once, before anybody serves the restored rows; how many are in doubt.

    Rows that the other server had planned since are planned first, so that they, too, are doubted
    and not made anew as if nothing had happened.
    """
    for then in (made_at, now):
        planning.plan(context, then)
    look_at = now + timedelta(seconds=context.config.delivery.quarantine)
    doubted = 0
    with context.database.write() as connection:
        found = deliveries.find(
            connection, context.commune_id, states={State.PLANNED, State.UNKNOWN}
        )
        for one in found:
            if _doubtful(one, made_at, now):
                cause, again = (_SOUND, None) if one.pulled else (_POST, look_at)
                doubted += deliveries.swap(connection, one, machine.doubt(one, cause, again))
        stations.touch(connection, context.commune_id)
    return doubted


def set_back(context: Context, person: Person, since: datetime, now: datetime) -> int:
    """The whole database was set back to `since` by its own tools: the same for its rows.

    Raises PolicyRefused without the right, InputError for a time to come.
    """
    person.must_have(Right.MANAGE)
    if since >= now:
        raise InputError(
            "Thời điểm của bản sao phải ở trước lúc này.", "The copy's time must have passed."
        )
    doubted = doubt(context, since, now)
    with context.database.write() as connection:
        events.note(
            connection, context.commune_id, person.name, "store.set-back", "commune", now,
            since=since.isoformat(), doubted=doubted,
        )  # fmt: skip
    return doubted


def _doubtful(one: Delivery, made_at: datetime, now: datetime) -> bool:
    """What changes a post may be done twice, and what was too late at the backup stays undone."""
    if one.action != Action.POST or one.due_at > now:
        return False
    if one.state == State.UNKNOWN:
        return not one.pulled
    return one.expires_at > made_at
