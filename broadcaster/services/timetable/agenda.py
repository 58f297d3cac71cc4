"""The running timetable of some outlets, date by date, as its rules say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.timetable import Holidays, Rule
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.store.announcements import Once, latest_revision


@dataclass(frozen=True, slots=True)
class Entry:
    """One outlet at one time (aware UTC); `rule_id` is 0 for a rule that is not kept yet."""

    at: datetime
    number: int
    title: str
    target: str
    rule_id: int

    @property
    def what(self) -> tuple[datetime, int, str]:
        """The same before and after, whichever rule it comes of."""
        return self.at, self.number, self.target


def by_time(entry: Entry) -> tuple[datetime, str, int]:
    return entry.at, entry.target, entry.number


def running(
    connection: Connection,
    context: Context,
    targets: Collection[str],
    now: datetime,
    until: datetime,
    days_off: Holidays | None = None,
) -> list[Entry]:
    """What the rules name from `now` to `until` for these outlets, approved or not, by time.

    `days_off`: as if these were the days off.
    """
    once = Once(connection)
    found: list[Entry] = []
    for stored in calendar.of_commune(connection, context):
        shared = sorted(set(stored.targets) & set(targets))
        rule = to_rule(stored if days_off is None else replace(stored, days_off=days_off))
        times = list(_times(context, rule, shared, now, until))
        if times:
            owner = once.announcement(stored.announcement_id)
            title = latest_revision(connection, owner.id).title
            found += [Entry(at, owner.number, title, target, stored.id) for at, target in times]
    return sorted(found, key=by_time)


def of_rule(
    context: Context,
    dossier: Dossier,
    rule_id: int | None,
    rule: Rule,
    targets: Sequence[str],
    now: datetime,
    shown: timedelta,
) -> list[Entry]:
    """The same for one rule that is about to be kept."""
    number, title = dossier.announcement.number, dossier.revision.title
    return [
        Entry(at, number, title, target, rule_id or 0)
        for at, target in _times(context, rule, sorted(targets), now, now + shown)
    ]


def _times(
    context: Context, rule: Rule, targets: Sequence[str], now: datetime, until: datetime
) -> Iterator[tuple[datetime, str]]:
    """Loudspeakers repeat; a post goes out at the first time only."""
    if not targets:
        return
    times = list(rule.occurrences(now, until))
    for target in targets:
        speaks = context.config.target(target).channel == LOUDSPEAKER
        for at in times if speaks else islice(times, 1):
            yield at, target
