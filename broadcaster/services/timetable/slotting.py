"""Slots of the day: adding and removing them, and finding an item its place in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.airtime import Sound
from broadcaster.domain.announcement import Priority
from broadcaster.domain.breaches import Breach
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.people import Person, Right
from broadcaster.domain.policy import WAIVABLE
from broadcaster.domain.programme import Lengths, Part, Slot, no_room
from broadcaster.errors import Conflict, InputError, PolicyRefused, Text
from broadcaster.services.context import Context
from broadcaster.services.timetable import onair
from broadcaster.services.timetable.onair import Board
from broadcaster.store import approvals, deliveries, events, slots
from broadcaster.store.subjects import Subject

_DAYS_SEARCHED = 14


def add(
    context: Context,
    person: Person,
    key: str,
    start: time,
    end: time,
    targets: Sequence[str],
    now: datetime,
) -> Slot:
    """A new slot. Raises PolicyRefused when the policy lets nothing sound in it."""
    person.must_have(Right.SCHEDULE)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", key):
        raise InputError(
            f"Khóa “{key}” chỉ được gồm chữ thường không dấu, số và gạch nối, ví dụ: sang.",
            f"Key “{key}”: lower-case letters without marks, digits and hyphens only.",
        )
    if start >= end:
        raise InputError(
            f"Khung giờ phải bắt đầu trước khi kết thúc: {start:%H:%M}–{end:%H:%M}.",
            f"A slot begins before it ends: {start:%H:%M}–{end:%H:%M}.",
        )
    for target in targets:
        if context.config.target(target).channel != LOUDSPEAKER:
            raise InputError(f"“{target}” không phải là cụm loa.", f"“{target}” is no loudspeaker.")
    person.must_cover({context.config.target(t).village for t in targets} or {""})
    _check_hours(context, start, end, targets)
    with context.database.write() as connection:
        values = {
            "commune_id": context.commune_id,
            "key": key,
            "start": start,
            "end": end,
            "targets": sorted(targets),
            "author": person.name,
            "created_at": now,
        }
        slots.create(connection, values)
        events.note(
            connection, context.commune_id, person.name, "slot.added", f"slot {key}", now,
            start=f"{start:%H:%M}", end=f"{end:%H:%M}", targets=sorted(targets),
        )  # fmt: skip
        return slots.by_key(connection, context.commune_id, key)


def _check_hours(context: Context, start: time, end: time, targets: Sequence[str]) -> None:
    length = datetime.combine(date.min, end) - datetime.combine(date.min, start)
    speakers = [t.key for t in context.config.targets if t.channel == LOUDSPEAKER]
    for target in targets or speakers:
        policy = context.policy_at(target)
        begins = datetime.combine(date(2026, 1, 1), start, ZoneInfo(policy.zone))
        quiet, windows = policy.quiet_hours, policy.windows
        if quiet and quiet.touched_by(begins, length):
            said = Text(f"chạm giờ yên tĩnh {quiet}", f"touches the quiet hours {quiet}")
        elif windows and not any(window.holds(begins, length) for window in windows):
            listed = ", ".join(map(str, windows))
            said = Text(f"không nằm trong khung giờ được phát {listed}", f"is not within {listed}")
        else:
            continue
        raise PolicyRefused(
            f"Khung giờ {start:%H:%M}–{end:%H:%M} {said.vi} của cụm loa “{target}”. "
            "Hãy chọn giờ khác; xem: broadcaster policy show",
            f"Slot {start:%H:%M}–{end:%H:%M} {said.en} of station “{target}”. "
            "Choose other hours; see: broadcaster policy show",
        )


def every(context: Context) -> list[Slot]:
    with context.database.read() as connection:
        return slots.every(connection, context.commune_id)


def remove(context: Context, person: Person, key: str, now: datetime) -> Slot:
    """Raises Conflict while a rule still collects items in it."""
    person.must_have(Right.SCHEDULE)
    with context.database.write() as connection:
        found = slots.by_key(connection, context.commune_id, key)
        known = {t.key: t.village for t in context.config.targets}
        person.must_cover({known.get(t, "") for t in found.targets} or {""})
        using = [
            rule.id
            for rule in approvals.all_rules(connection, context.commune_id)
            if rule.slot_id == found.id
        ]
        if using:
            listed = ", ".join(map(str, using))
            raise Conflict(
                f"Khung giờ “{key}” còn lịch số {listed}. Gỡ trước: broadcaster timetable remove",
                f"Slot “{key}” still has rule {listed}. First: broadcaster timetable remove",
            )
        slots.remove(connection, found.id, now)
        events.note(connection, context.commune_id, person.name, "slot.removed", f"slot {key}", now)
    return found


def claim(
    board: Board, subject: Subject, target: str, slot_id: int, occurs: datetime, now: datetime
) -> None:
    """Take the item's place in the slot of that day on the board.

    Raises PolicyRefused with the nearest slot that has room.
    """
    slot = board.slots[slot_id]
    if subject.announcement.priority == Priority.EMERGENCY:
        raise InputError(
            "Tin khẩn cấp không chờ khung giờ. Hãy dùng --at.",
            "An emergency waits for no slot. Use --at.",
        )
    if not slot.holds(target):
        raise InputError(
            f"Khung giờ {slot} không dành cho cụm loa “{target}”. Thêm --target cho đúng.",
            f"Slot {slot} is not for station “{target}”. Name others with --target.",
        )
    found = _fitting(board, subject, target, slot_id, occurs)
    if isinstance(found, tuple):
        board.take(target, slot_id, occurs, *found)
        return
    free = _nearest(board, subject, target, occurs, now)
    zone = board.context.policy.local
    vi = f" Khung giờ trống gần nhất: {free[0]} ngày {zone(free[1]):%d/%m/%Y}." if free else ""
    en = f" The nearest with room: {free[0]} on {zone(free[1]):%d/%m/%Y}." if free else ""
    if isinstance(found, Breach) and found.limit in WAIVABLE:
        number, day = subject.announcement.number, zone(occurs)
        command = (
            f"broadcaster policy except {number} --limit {found.limit} "
            f"--from {day:%d/%m/%Y} --reason “…”"
        )
        vi += f" Cần ngoại lệ thì người có quyền chạy: {command}"
        en += f" For an exception somebody with that right runs: {command}"
    text = found.text if isinstance(found, Breach) else found
    raise PolicyRefused(text.vi + vi, text.en + en)


def _fitting(
    board: Board, subject: Subject, target: str, slot_id: int, occurs: datetime
) -> tuple[Sound, Lengths] | Breach | Text:
    """The place, or why there is none."""
    room = board.room(subject, target, slot_id, occurs)
    if room is None:
        programme = board.programme(target, slot_id, occurs)
        wanted = onair.stretches(subject, target)
        opens = board.context.policy.local(programme.opens)
        return no_room(board.slots[slot_id], programme, wanted, opens)
    return board.breach(target, slot_id, occurs, room[0]) or room


def _nearest(
    board: Board, subject: Subject, target: str, wanted: datetime, now: datetime
) -> tuple[Slot, datetime] | None:
    for slot, occurs in sorted(
        _openings(board, target, wanted, now), key=lambda pair: abs(pair[1] - wanted)
    ):
        if isinstance(_fitting(board, subject, target, slot.id, occurs), tuple):
            return slot, occurs
    return None


def _openings(
    board: Board, target: str, wanted: datetime, now: datetime
) -> Iterator[tuple[Slot, datetime]]:
    local = board.context.policy.local(wanted)
    for slot in board.slots.values():
        for days in range(-_DAYS_SEARCHED, _DAYS_SEARCHED + 1):
            day = local.date() + timedelta(days=days)
            occurs = datetime.combine(day, slot.start, local.tzinfo).astimezone(wanted.tzinfo)
            if slot.removed_at is None and slot.holds(target) and occurs >= now:
                yield slot, occurs


@dataclass(frozen=True)
class Line:
    """One item of a day's rundown; `part` and `slot` are None at a minute of its own."""

    delivery_id: int
    number: int
    target: str
    slot: Slot | None
    begins: datetime
    lasts: timedelta
    part: Part | None
    state: str


def day(context: Context, on: date) -> list[Line]:
    """Everything that loudspeakers play on a local day, by station and time."""
    zone = ZoneInfo(context.policy.zone)
    begins = datetime.combine(on, time(), zone)
    speakers = [t.key for t in context.config.targets if t.channel == LOUDSPEAKER]
    with context.database.read() as connection:
        board = onair.planned(connection, context, speakers, begins, begins + timedelta(days=1))
        rows = deliveries.sounding(
            connection, context.commune_id, speakers, begins, begins + timedelta(days=1)
        )
    found, parts = [], board.parts()
    for row in rows:
        part = parts.get(row.id)
        lasts = part.lasts if part else timedelta(milliseconds=row.duration_ms)
        slot = board.slots.get(row.slot_id)
        found.append(Line(row.id, row.number, row.target, slot, row.due_at, lasts, part, row.state))
    return sorted(found, key=lambda line: (line.target, line.begins, line.delivery_id))
