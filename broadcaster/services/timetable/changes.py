"""What a change of the timetable would do: before and after, what stations hold, the approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain import approval
from broadcaster.domain.airtime import LONGEST
from broadcaster.domain.approval import TimetableRule
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.timetable import Rule
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import agenda, calendar, scheduling
from broadcaster.services.timetable.agenda import Entry

_POST = "post"
"""In the place of a slot: a post goes out when it opens."""
SHOWN = timedelta(days=7)
"""So much of the running timetable is shown before and after a change."""


@dataclass(frozen=True)
class Wording:
    """A rule as it is to be; `rule_id` of the rule that it rewords, None for a new one."""

    rule_id: int | None
    rule: Rule
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """`taken` are the rules as they are now, which end or are reworded into `kept`.

    `handed`: what stations hold already and the new wording does not name any more; it is played
    unless somebody recalls it. `voids`: what of the approval in force does not fit any more.
    """

    what: str
    dossier: Dossier
    taken: Sequence[TimetableRule]
    kept: Sequence[Wording]
    before: Sequence[Entry]
    after: Sequence[Entry]
    handed: Sequence[Delivery]
    voids: Sequence[str]
    dates: Sequence[datetime]

    @property
    def rules(self) -> list[Rule]:
        return [one.rule for one in self.kept]

    @property
    def targets(self) -> list[str]:
        return sorted({target for one in self.kept for target in one.targets})


def compare(
    connection: Connection,
    context: Context,
    what: str,
    dossier: Dossier,
    taken: Sequence[TimetableRule],
    kept: Sequence[Wording],
    now: datetime,
) -> Change:
    check(connection, context, dossier, taken, kept, now)
    targets = touched(taken, kept)
    running = agenda.running(connection, context, targets, now, now + SHOWN)
    gone = {rule.id for rule in taken}
    staying = [entry for entry in running if entry.rule_id not in gone]
    new = [
        entry
        for one in kept
        for entry in agenda.of_rule(
            context, dossier, one.rule_id, one.rule, one.targets, now, SHOWN
        )
    ]
    return Change(
        what,
        dossier,
        taken,
        kept,
        before=running,
        after=sorted([*staying, *new], key=agenda.by_time),
        handed=[one for one in dropped(dossier, taken, kept, now) if one.state != State.PLANNED],
        voids=voids(dossier, taken, kept),
        dates=sorted({moment for one in kept for moment in one.rule.first(5, now)})[:5],
    )


def touched(taken: Sequence[TimetableRule], kept: Sequence[Wording]) -> set[str]:
    """The outlets that hear of the change."""
    old = {target for rule in taken for target in rule.targets}
    return old | {target for one in kept for target in one.targets}


def check(
    connection: Connection,
    context: Context,
    dossier: Dossier,
    taken: Sequence[TimetableRule],
    kept: Sequence[Wording],
    now: datetime,
) -> None:
    if kept:
        rules = [one.rule for one in kept]
        gone = frozenset(rule.id for rule in taken)
        scheduling.check(connection, context, dossier, rules, kept[0].targets, now, gone)


def dropped(
    dossier: Dossier, taken: Sequence[TimetableRule], kept: Sequence[Wording], now: datetime
) -> list[Delivery]:
    """What is ahead of the old wording and not in the new one: planned, or with a station."""
    gone = {rule.id for rule in taken}
    ahead = [
        one
        for one in dossier.deliveries
        if one.rule_id in gone
        and one.due_at > now
        and (one.state == State.PLANNED or with_station(one))
    ]
    if not ahead:
        return []
    last = ahead[-1].due_at + timedelta(seconds=1)
    named = {
        (target, place, moment)
        for one in kept
        for moment in one.rule.occurrences(now - LONGEST, last)
        for target in one.targets
        for place in (one.rule.slot_id, _POST)
    }
    return [
        one
        for one in ahead
        if (one.target, one.slot_id if one.pulled else _POST, one.occurrence) not in named
    ]


def with_station(one: Delivery) -> bool:
    handed = one.pulled and one.state in {State.SENDING, State.ACCEPTED}
    return handed and one.cancel_asked_at is None


def voids(
    dossier: Dossier, taken: Sequence[TimetableRule], kept: Sequence[Wording]
) -> Sequence[str]:
    """What differs from what the approval in force names, once the change is kept."""
    if dossier.approval is None:
        return []
    gone = {rule.id for rule in taken}
    rules = [rule for rule in dossier.rules if rule.id not in gone]
    rules += [_stored(dossier, one) for one in kept]
    then = replace(dossier, rules=rules).pinned
    return approval.changed(dossier.approval.pinned, then)


def _stored(dossier: Dossier, one: Wording) -> TimetableRule:
    """As the store would give it back."""
    columns = calendar.to_columns(one.rule)
    lists = {name: tuple(columns[name]) for name in ("added", "skipped", "avoids")}
    return TimetableRule(
        id=one.rule_id or 0,
        announcement_id=dossier.announcement.id,
        rrule=one.rule.rrule,
        dtstart=one.rule.dtstart,
        zone=one.rule.zone,
        targets=one.targets,
        author="",
        created_at=dossier.announcement.created_at,
        added=lists["added"],
        skipped=lists["skipped"],
        avoids=lists["avoids"],
        slot_id=one.rule.slot_id,
    )
