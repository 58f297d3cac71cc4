"""The timetable as an iCalendar file that other programs expand to the same instants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from broadcaster import ics
from broadcaster.domain.approval import TimetableRule
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.timetable import Rule
from broadcaster.domain.timetable.moments import to_instant
from broadcaster.domain.timetable.recurrence import parse
from broadcaster.domain.timetable.rule import HORIZON
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.store import approvals

_REMEMBERED = timedelta(days=366)
"""So long a removed rule is exported as cancelled: a reader that knew it has to hear of it."""


def export(context: Context, now: datetime) -> bytes:
    """Every rule as an event with a UID of its own that stays, whatever is edited.

    Lunar rules become dates, and holidays that a rule avoids become exceptions, two years ahead.
    """
    with context.database.read() as connection:
        items = [
            item
            for stored, removed_at in _stored(connection, context, now)
            for item in _item(connection, context, stored, removed_at, now)
        ]
    return ics.write(items, f"Lịch phát {context.config.commune.name}")


def _stored(
    connection: Connection, context: Context, now: datetime
) -> list[tuple[TimetableRule, datetime | None]]:
    here = [(rule, None) for rule in calendar.of_commune(connection, context)]
    gone = approvals.removed_rules(connection, context.commune_id, now - _REMEMBERED)
    return [*here, *gone]


def _item(
    connection: Connection,
    context: Context,
    stored: TimetableRule,
    removed_at: datetime | None,
    now: datetime,
) -> list[ics.Item]:
    dossier = authoring.by_id(connection, context, stored.announcement_id, now)
    rule = plain(to_rule(stored), now)
    if rule is None:
        return []
    approved = "TENTATIVE" if dossier.approval is None else "CONFIRMED"
    names = {target.key: target.name for target in context.config.targets}
    return [
        ics.Item(
            uid=f"{dossier.announcement.uid}-{stored.id}@broadcaster",
            sequence=stored.sequence + (removed_at is not None),
            stamp=removed_at or stored.created_at,
            title=dossier.revision.title,
            place=", ".join(names.get(key, key) for key in stored.targets),
            status="CANCELLED" if removed_at else approved,
            rule=rule,
            lasts=_length(dossier, stored),
        )
    ]


def _length(dossier: Dossier, stored: TimetableRule) -> timedelta:
    sounds = [
        one.duration_ms
        for one in dossier.renditions
        if one.channel == LOUDSPEAKER and one.target in stored.targets
    ]
    return timedelta(seconds=round(max(sounds, default=0) / 1000))


def plain(rule: Rule, now: datetime) -> Rule | None:
    """The same instants, up to two years ahead, in what every reader of RFC 5545 understands.

    It begins with its first date, as readers differ about one that the rule does not name. None
    when there is no date at all.
    """
    zone = ZoneInfo(rule.zone)
    begin = to_instant(rule.dtstart, zone)
    after = min([begin, *(to_instant(one, zone) for one in rule.added)])
    before = max(begin, now) + HORIZON
    every = replace(rule, skipped=(), avoids=(), added=())
    named = list(every.occurrences(after, before))
    kept = set(rule.occurrences(after, before))
    added = [one for one in sorted(kept) if one not in set(named)]
    skipped = tuple(one for one in named if one not in kept)
    if not kept:
        return None
    if not rule.rrule or parse(rule.rrule).lunar or not named:
        first, *others = sorted(kept)
        return replace(every, rrule="", dtstart=_wall(first, rule), added=tuple(others), skipped=())
    return replace(every, dtstart=_wall(named[0], rule), added=tuple(added), skipped=skipped)


def _wall(moment: datetime, rule: Rule) -> datetime:
    return moment.astimezone(ZoneInfo(rule.zone)).replace(tzinfo=None)
