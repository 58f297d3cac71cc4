"""The stored rules of the timetable together with the days off that they keep away from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from broadcaster.domain import timetable
from broadcaster.domain.approval import TimetableRule
from broadcaster.domain.timetable import Holidays
from broadcaster.errors import InputError
from broadcaster.services.context import Context
from broadcaster.store import approvals, holidays, slots


def days_off(connection: Connection, context: Context) -> Holidays:
    return Holidays(context.holidays, tuple(holidays.every(connection, context.commune_id)))


def written(
    connection: Connection, context: Context, words: timetable.Words, now: datetime
) -> Sequence[timetable.Rule]:
    """The rules that a person's words mean. Raises InputError naming the part at fault."""
    known, zone = days_off(connection, context), context.policy.zone
    if not words.slot:
        return timetable.written(words, now, zone, known)
    if words.at:
        raise InputError(
            "Chọn một trong hai: --at (giờ riêng) hoặc --slot (khung giờ).",
            "Choose one: --at (a minute of its own) or --slot.",
        )
    slot = slots.by_key(connection, context.commune_id, words.slot)
    found = timetable.written(replace(words, at=f"{slot.start:%H:%M}"), now, zone, known)
    return [replace(rule, slot_id=slot.id) for rule in found]


def of_announcement(
    connection: Connection, context: Context, announcement_id: int
) -> Sequence[TimetableRule]:
    return knowing(connection, context, approvals.rules(connection, announcement_id))


def of_commune(connection: Connection, context: Context) -> Sequence[TimetableRule]:
    return knowing(connection, context, approvals.all_rules(connection, context.commune_id))


def by_id(connection: Connection, context: Context, rule_id: int) -> TimetableRule:
    """Raises NotFound."""
    found = approvals.rule_by_id(connection, context.commune_id, rule_id)
    return knowing(connection, context, [found])[0]


def knowing(
    connection: Connection, context: Context, rules: Sequence[TimetableRule]
) -> Sequence[TimetableRule]:
    """The rules with the days off that they keep away from."""
    if not any(rule.avoids for rule in rules):
        return rules
    known = days_off(connection, context)
    return [replace(rule, days_off=known) if rule.avoids else rule for rule in rules]


def to_rule(stored: TimetableRule) -> timetable.Rule:
    return timetable.Rule(
        stored.rrule,
        stored.dtstart,
        stored.zone,
        tuple(map(datetime.fromisoformat, stored.added)),
        tuple(map(_skipped, stored.skipped)),
        stored.avoids,
        stored.days_off,
        stored.slot_id,
    )


def to_columns(rule: timetable.Rule) -> dict[str, Any]:
    """The columns of the rule's table that say when."""
    return {
        "rrule": rule.rrule,
        "dtstart": rule.dtstart,
        "zone": rule.zone,
        "added": [one.isoformat() for one in rule.added],
        "skipped": [one.isoformat() for one in rule.skipped],
        "avoids": list(rule.avoids),
        "slot_id": rule.slot_id,
    }


def _skipped(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
