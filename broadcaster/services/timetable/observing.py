"""Days off of single years: taken from a calendar, with what that changes shown first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.domain.timetable import Holidays
from broadcaster.domain.timetable.holidays import DayOff
from broadcaster.errors import NotFound, PolicyRefused, Text
from broadcaster.services.context import Context
from broadcaster.services.timetable import agenda, calendar, changes
from broadcaster.services.timetable.agenda import Entry
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.store import deliveries, events, holidays


@dataclass(frozen=True)
class Observance:
    """Days to be kept and days to be dropped, and what becomes of the next seven days."""

    kept: Sequence[DayOff]
    dropped: Sequence[date]
    source: str
    before: Sequence[Entry]
    after: Sequence[Entry]
    handed: Sequence[Delivery]


def listed(context: Context, year: int) -> list[DayOff]:
    with context.database.read() as connection:
        return calendar.days_off(connection, context).of_year(year)


def propose(
    context: Context,
    kept: Sequence[DayOff],
    dropped: Sequence[date],
    source: str,
    now: datetime,
) -> Observance:
    """Raises NotFound for a day to drop that nobody has imported."""
    with context.database.read() as connection:
        single = {one.day: one for one in holidays.every(connection, context.commune_id)}
        for day in dropped:
            if day not in single:
                raise NotFound(
                    f"Ngày {day:%d/%m/%Y} không phải ngày nghỉ đã nhập. Ngày lễ hằng năm sửa "
                    "trong holidays.toml.",
                    f"{day:%d/%m/%Y} has not been imported. Yearly holidays are in holidays.toml.",
                )
        new = _with(context, single, kept, dropped)
        targets = {target.key for target in context.config.targets}
        until = now + changes.SHOWN
        return Observance(
            kept,
            dropped,
            source,
            before=agenda.running(connection, context, targets, now, until),
            after=agenda.running(connection, context, targets, now, until, new),
            handed=[
                one
                for one in _silenced(connection, context, new, now)
                if one.state != State.PLANNED
            ],
        )


def _with(
    context: Context,
    single: dict[date, DayOff],
    kept: Sequence[DayOff],
    dropped: Sequence[date],
) -> Holidays:
    days = {day: one for day, one in single.items() if day not in set(dropped)}
    days |= {one.day: one for one in kept}
    return Holidays(context.holidays, tuple(days[day] for day in sorted(days)))


def _silenced(
    connection: Connection, context: Context, new: Holidays, now: datetime
) -> list[Delivery]:
    """What is ahead of rules that keep away from days off, and falls on one now."""
    found = []
    for stored in calendar.of_commune(connection, context):
        if not stored.avoids:
            continue
        ahead = [
            one
            for one in deliveries.find(
                connection,
                context.commune_id,
                announcement_id=stored.announcement_id,
                after=now,
                states={State.PLANNED, State.SENDING, State.ACCEPTED},
            )
            if one.rule_id == stored.id
            and (one.state == State.PLANNED or changes.with_station(one))
        ]
        if ahead:
            last = ahead[-1].due_at + timedelta(seconds=1)
            rule = replace(to_rule(stored), days_off=new)
            named = set(rule.occurrences(now, last))
            found += [one for one in ahead if one.due_at not in named]
    return found


def keep(
    context: Context,
    person: Person,
    change: Observance,
    now: datetime,
    recall: bool | None = None,
) -> None:
    """`recall` as for every change of the timetable: None is refused where stations hold some."""
    person.must_have(Right.SCHEDULE)
    with context.database.write() as connection:
        single = {one.day: one for one in holidays.every(connection, context.commune_id)}
        new = _with(context, single, change.kept, change.dropped)
        silenced = _silenced(connection, context, new, now)
        handed = [one for one in silenced if one.state != State.PLANNED]
        if handed and recall is None:
            raise PolicyRefused(
                f"{len(handed)} lượt vào ngày nghỉ đã giao cho trạm loa. Thêm --recall để thu "
                "hồi, hoặc --keep-handed để trạm vẫn phát.",
                f"Stations hold {len(handed)} deliveries on these days. Add --recall or "
                "--keep-handed.",
            )
        for day in change.dropped:
            holidays.drop(connection, context.commune_id, day)
        holidays.keep(connection, context.commune_id, change.kept, change.source, person.name, now)
        gone = [one for one in silenced if recall or one.state == State.PLANNED]
        cause = Text(
            f"Ngày nghỉ lễ, do {person.full_name} nhập.", f"A day off, as {person.full_name} says."
        )
        for one in gone:
            deliveries.swap(connection, one, machine.cancel(one, cause, now))
        events.note(
            connection,
            context.commune_id,
            person.name,
            "holiday.changed",
            "holidays",
            now,
            source=change.source,
            kept=[one.day.isoformat() for one in change.kept],
            dropped=[day.isoformat() for day in change.dropped],
            recalled=[one.id for one in gone if one.state != State.PLANNED],
        )
