"""From approved rules to deliveries: idempotent, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from secrets import token_hex

from sqlalchemy import Connection

from broadcaster.domain import approval
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.approval import Approval, TimetableRule
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.domain.programme import no_room
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar, onair, rationing
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.services.timetable.onair import Board
from broadcaster.store import approvals, deliveries, marks
from broadcaster.store.deliveries import Brief
from broadcaster.store.subjects import Subject

HORIZON = timedelta(days=7)
"""What stations get to know ahead of time, so that a week without a line changes nothing."""
_LOOK_BACK = timedelta(days=35)
"""After a machine stood still: what was planned and did not happen still becomes a row."""
_AT_ONCE = 25
"""Announcements in one short transaction: planning never holds up a clerk."""


def plan(
    context: Context,
    now: datetime,
    since: datetime | None = None,
    horizon: timedelta = HORIZON,
) -> int:
    """Make the rows for the next days; how many are new.

    `since`: only announcements with a new rule or decision from then on, which is cheap enough to
    ask every second or two. Without it every rule is looked at, and gone through unless it was
    planned as far before and nothing that it hangs on has changed since.
    """
    until = now + horizon
    with context.database.read() as connection:
        owners = approvals.scheduled(connection, context.commune_id, now - _LOOK_BACK, since)
        done = marks.read(connection, owners)
        keys = marks.keys(connection, context.commune_id, done, _basis(connection, context))
    reached = now if since else until  # days to come are for the round without `since`
    open_ones = [
        one
        for one in owners
        if one not in done or done[one].key != keys[one] or done[one].until < reached
    ]
    new = 0
    for start in range(0, len(open_ones), _AT_ONCE):
        some = open_ones[start : start + _AT_ONCE]
        unchanged = all(one in done and done[one].key == keys[one] for one in some)
        new += _plan_some(context, some, now, until, unchanged=unchanged)
    return new


def _basis(connection: Connection, context: Context) -> str:
    """What all rows hang on beside their announcement."""
    return repr((context.policy, context.config.targets, calendar.days_off(connection, context)))


def _plan_some(
    context: Context, some: Sequence[int], now: datetime, until: datetime, *, unchanged: bool
) -> int:
    """Where nothing has changed, look first, without the write lock: mostly nothing is missing."""
    if unchanged:
        with context.database.read() as connection:
            if next(_missing(connection, context, some, now, until), None) is None:
                return 0
    with context.database.write() as connection:
        missing = sorted(_missing(connection, context, some, now, until), key=_turn)
        checked = list(_checked(connection, context, missing, now))
        new = deliveries.plan_all(connection, checked)
        if new == len(checked):  # else something called back still holds a place: to be tried again
            keys = marks.keys(connection, context.commune_id, some, _basis(connection, context))
            marks.write(connection, context.commune_id, keys, until)
        return new


def _missing(
    connection: Connection, context: Context, some: Sequence[int], now: datetime, until: datetime
) -> Iterator[tuple[Subject, Delivery]]:
    """What is wanted and has no row."""
    # An approval that ran out while the machine stood still has rows to leave, too.
    then = now - _LOOK_BACK
    found = list(onair.subjects(connection, context, some, then))
    briefs = deliveries.briefs(connection, [one.announcement.id for one in found], then)
    for subject in found:
        rows = briefs.get(subject.announcement.id, [])
        for one in _new(context, subject, rows, now, until):
            yield subject, one


def _turn(pair: tuple[Subject, Delivery]) -> tuple[bool, datetime, int, int]:
    """The order in which they find their places: what has a minute of its own stands fast, and
    slots go around it, by class."""
    one = pair[1]
    return one.slot_id is not None, one.occurrence, onair.rank(one.priority), one.announcement_id


def _new(
    context: Context, subject: Subject, rows: Sequence[Brief], now: datetime, until: datetime
) -> Iterator[Delivery]:
    known = {(row.approval_id, row.target, row.slot_id, row.occurrence) for row in rows}
    posted = {
        row.target
        for row in rows
        if row.revision_id == subject.revision.id and row.state not in onair.SILENT
    }
    granted = subject.approval
    if granted is None or approval.changed(granted.pinned, subject.pinned):
        return
    wanted = _wanted(context, subject, granted, rows, now, until)
    uids = _uids(granted)
    for due, occurs, line in sorted(wanted, key=itemgetter(0)):
        target = line.rendition.target
        key = (granted.id, target, line.slot_id, occurs)
        if key in known or (not line.pulled and target in posted):
            continue
        known.add(key)
        posted.add(target)
        yield _delivery(context, subject, granted, line, due, occurs, next(uids))


@dataclass(frozen=True, slots=True)
class _Line:
    """What all times of a rule share on one target; `slot_id`: of a loudspeaker's, if any."""

    rule: TimetableRule
    rendition: Rendition
    slot_id: int | None
    pulled: bool
    grace: timedelta


def _wanted(
    context: Context,
    subject: Subject,
    granted: Approval,
    rows: Sequence[Brief],
    now: datetime,
    until: datetime,
) -> Iterator[tuple[datetime, datetime, _Line]]:
    """When it is due, for which instant of its rule, and the rest."""
    renditions = {r.target: r for r in subject.renditions}
    until = min(until, granted.valid_until)
    for stored in subject.rules:
        since = max(stored.created_at, granted.decided_at)
        rule = to_rule(stored)
        spoken: list[datetime] | None = None  # the same for every station
        # A rule may name an outlet that the newest text is not for any more.
        for rendition in filter(None, map(renditions.get, stored.targets)):
            grace = context.policy.grace(rendition.channel, subject.announcement.priority)
            if rendition.channel != LOUDSPEAKER:
                line = _Line(stored, rendition, None, pulled=False, grace=grace)
                every = rule.occurrences(since, until)
                tried = [row for row in rows if row.target == rendition.target]
                yield from ((due, due, line) for due in _once(subject, stored, tried, every, now))
                continue
            line = _Line(stored, rendition, stored.slot_id, pulled=True, grace=grace)
            if spoken is None:
                spoken = list(rule.occurrences(max(since, now - _LOOK_BACK), until))
            offset = context.offset(rendition.target)
            yield from ((occurs + offset, occurs, line) for occurs in spoken)


def _once(
    subject: Subject,
    rule: TimetableRule,
    rows: Sequence[Brief],
    times: Iterator[datetime],
    now: datetime,
) -> Iterator[datetime]:
    """A post goes out once, however often the loudspeakers repeat it.

    At the first time; if that was missed, at the next to come. What was refused waits for a person
    to act, who then makes another rule.
    """
    tried = [row for row in rows if row.revision_id == subject.revision.id]
    if any(row.state == State.FAILED and row.due_at >= rule.created_at for row in tried):
        return
    yield from islice(times, 1)
    if any(row.state == State.MISSED for row in tried):
        yield from islice((due for due in times if due > now), 1)


def _delivery(
    context: Context,
    subject: Subject,
    granted: Approval,
    line: _Line,
    due: datetime,
    occurs: datetime,
    uid: str,
) -> Delivery:
    owner, rendition, expires = subject.announcement, line.rendition, due + line.grace
    return Delivery(
        id=0,
        uid=uid,
        commune_id=context.commune_id,
        announcement_id=owner.id,
        revision_id=subject.revision.id,
        rendition_id=rendition.id,
        approval_id=granted.id,
        rule_id=line.rule.id,
        channel=rendition.channel,
        target=rendition.target,
        priority=owner.priority.value,
        due_at=due,
        expires_at=expires,
        state=State.PLANNED,
        next_at=expires if line.pulled else due,
        marker=subject.reference,
        occurs_at=occurs if due != occurs or line.slot_id else None,
        slot_id=line.slot_id,
    )


def _uids(granted: Approval) -> Iterator[str]:
    """Random, but those of one approval side by side: in their index they lie on few pages."""
    while True:
        many = token_hex(12 * _AT_ONCE)  # the system is asked once for a few
        for start in range(0, len(many), 24):
            yield f"{granted.id:08x}{many[start : start + 24]}"


def _checked(
    connection: Connection,
    context: Context,
    missing: Sequence[tuple[Subject, Delivery]],
    now: datetime,
) -> Iterator[Delivery]:
    """Each as it may be: a sound that the policy or another sound forbids is cancelled at once,
    and so is a post beyond its outlet's ration."""
    rations = rationing.Rations(connection, context, now)
    spoken = [one for _, one in missing if one.pulled]
    if spoken:
        times = [one.due_at for one in spoken]
        targets = {one.target for one in spoken}
        board = onair.planned(connection, context, targets, min(times), max(times))
    for subject, one in missing:
        if not one.pulled:
            yield rations.placed(one)
        elif one.slot_id is not None:
            yield _in_slot(board, subject, one, one.slot_id, now)
        else:
            sound = onair.sound(context, subject, one.target, one.due_at)
            breach = next(board.stations[one.target].breaches(sound), None)
            if breach is None:
                board.stations[one.target].add(sound)
            yield one if breach is None else machine.cancel(one, breach.text, now)


def _in_slot(
    board: Board, subject: Subject, one: Delivery, slot_id: int, now: datetime
) -> Delivery:
    """At its place in the slot; what was handed over before keeps its own."""
    policy = board.context.policy
    room = board.room(subject, one.target, slot_id, one.occurrence)
    if room is None:
        wanted = onair.stretches(subject, one.target)
        programme = board.programme(one.target, slot_id, one.occurrence)
        opens = policy.local(programme.opens)
        return machine.cancel(one, no_room(board.slots[slot_id], programme, wanted, opens), now)
    sound, wanted = room
    breach = board.breach(one.target, slot_id, one.occurrence, sound)
    if breach is not None:
        return machine.cancel(one, breach.text, now)
    board.take(one.target, slot_id, one.occurrence, sound, wanted)
    expires = sound.begins + policy.grace(one.channel, subject.announcement.priority)
    return replace(one, due_at=sound.begins, expires_at=expires, next_at=expires)


def upcoming(context: Context, now: datetime, days: int) -> list[Delivery]:
    """What is ahead in the next days, by time."""
    with context.database.read() as connection:
        return deliveries.find(
            connection, context.commune_id, after=now, before=now + timedelta(days=days)
        )
