"""What sounds on the commune's loudspeakers: the rows that there are, and what rules will add."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain.airtime import LONGEST, WEEK, Airtime, Sound
from broadcaster.domain.announcement import Rendition, Revision
from broadcaster.domain.delivery import State
from broadcaster.domain.policy import Limit
from broadcaster.domain.waiver import Waiver, waived
from broadcaster.services import calendar
from broadcaster.services.calendar import to_rule
from broadcaster.services.context import Context
from broadcaster.store import approvals, deliveries, waivers
from broadcaster.store import subjects as store
from broadcaster.store.subjects import Subject

SILENT = frozenset({State.CANCELLED, State.FAILED, State.MISSED})
"""What ended like this was not heard, and takes nobody's place."""
_SPEECH_PER_CHARACTER = timedelta(milliseconds=75)
_Rows = dict[tuple[int, str, datetime], set[int]]


def subjects(
    connection: Connection, context: Context, ids: Collection[int], now: datetime
) -> Iterator[Subject]:
    """Announcements with all that says when and how they sound, approved as at `now`."""
    for one in store.load(connection, ids, now):
        yield replace(one, rules=calendar.knowing(connection, context, one.rules))


def length(revision: Revision, renditions: Sequence[Rendition], target: str) -> timedelta:
    """How long it sounds there; guessed from the text before it has been rendered."""
    for rendition in renditions:
        if rendition.target == target:
            return timedelta(milliseconds=rendition.duration_ms)
    return timedelta(seconds=20) + _SPEECH_PER_CHARACTER * len(revision.text_for(target))


def sound(context: Context, subject: Subject, target: str, begins: datetime) -> Sound:
    owner = subject.announcement
    return Sound(
        begins,
        length(subject.revision, subject.renditions, target),
        owner.id,
        owner.number,
        owner.priority,
        allowed(context, subject.waivers, begins),
    )


def allowed(context: Context, waivers: Sequence[Waiver], begins: datetime) -> frozenset[Limit]:
    return waived(waivers, context.policy.local(begins).date()) if waivers else frozenset()


def planned(
    connection: Connection,
    context: Context,
    targets: Collection[str],
    now: datetime,
    until: datetime,
    without: Collection[int] = (),
) -> tuple[dict[str, Airtime], _Rows]:
    """The stations as the rows have them, from a week before `now` for the repeats.

    Also the approvals under which (announcement, target, time) has a row; approval 0 for a sound
    that is counted already. What has been called back takes nobody's place, nor what comes of
    rules `without`, which are about to go.
    """
    found = {target: Airtime(context.policy_at(target), target) for target in sorted(targets)}
    known: _Rows = {}
    excepted = waivers.of_commune(connection, context.commune_id)
    rows = deliveries.sounding(
        connection, context.commune_id, targets, now - WEEK - LONGEST, until + WEEK
    )
    for row in rows:
        under = known.setdefault((row.announcement_id, row.target, row.due_at), set())
        under.add(row.approval_id)
        going = row.rule_id in without and row.due_at > now
        if row.state not in SILENT and row.cancel_asked_at is None and not going:
            under.add(0)
            found[row.target].add(
                Sound(
                    row.due_at,
                    timedelta(milliseconds=row.duration_ms),
                    row.announcement_id,
                    row.number,
                    row.priority,
                    allowed(context, excepted.get(row.announcement_id, ()), row.due_at),
                )
            )
    return found, known


def with_rules(
    connection: Connection,
    context: Context,
    targets: Collection[str],
    now: datetime,
    until: datetime,
    without: Collection[int] = (),
) -> dict[str, Airtime]:
    """The same with what the timetable will add, approved or not: it holds its place."""
    found, known = planned(connection, context, targets, now, until, without)
    owners = approvals.scheduled(connection, context.commune_id, now)
    for subject in subjects(connection, context, owners, now):
        granted = subject.approval.id if subject.approval else 0
        for begins, target in _ahead(subject, targets, now, until, without):
            if not known.get((subject.announcement.id, target, begins), set()) & {0, granted}:
                found[target].add(sound(context, subject, target, begins))
    return found


def _ahead(
    subject: Subject,
    targets: Collection[str],
    now: datetime,
    until: datetime,
    without: Collection[int],
) -> Iterator[tuple[datetime, str]]:
    for rule in subject.rules:
        shared = sorted(set(rule.targets) & set(targets)) if rule.id not in without else []
        for begins in to_rule(rule).occurrences(now, until) if shared else ():
            for target in shared:
                yield begins, target
