"""Changes of the timetable: shown before and after, then kept, with what stations hold left alone.

A change is proposed (nothing is kept), looked at by a person, and kept if all is still as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from broadcaster.domain import delivery as machine
from broadcaster.domain import timetable
from broadcaster.domain.announcement import Priority
from broadcaster.domain.approval import TimetableRule
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.domain.timetable import Rule, moments, words
from broadcaster.errors import Conflict, InputError, PolicyRefused, Text
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import calendar, changes, scheduling
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.services.timetable.changes import Change, Wording
from broadcaster.store import approvals, deliveries, events


def propose(
    context: Context,
    number: int,
    said: timetable.Words,
    now: datetime,
    targets: Sequence[str] = (),
) -> Change:
    """New rules for an announcement. Raises InputError, or PolicyRefused for a forbidden hour."""
    with context.database.read() as connection:
        dossier = authoring.load(connection, context, number, now)
        rules = _written(connection, context, said, now)
        chosen = tuple(scheduling.chosen_targets(dossier, targets))
        kept = [Wording(None, rule, chosen) for rule in rules]
        return changes.compare(connection, context, "timetable.added", dossier, [], kept, now)


def propose_edit(
    context: Context,
    rule_id: int,
    said: timetable.Words,
    now: datetime,
    targets: Sequence[str] = (),
) -> Change:
    """Another wording for a rule; where it names several hours, the others become new rules."""

    def reworded(connection: Connection, dossier: Dossier, old: TimetableRule) -> list[Wording]:
        chosen = tuple(scheduling.chosen_targets(dossier, targets or old.targets))
        first, *others = _written(connection, context, said, now)
        return [Wording(old.id, first, chosen), *(Wording(None, one, chosen) for one in others)]

    return _of_rule(context, rule_id, "timetable.edited", reworded, now)


def propose_skip(context: Context, rule_id: int, given: Sequence[str], now: datetime) -> Change:
    """Leave out dates, or holidays by their names."""

    def shorter(connection: Connection, _dossier: Dossier, old: TimetableRule) -> list[Wording]:
        known = calendar.days_off(connection, context)
        days, keys = words.read_skips(given, known)
        rule = replace(to_rule(old), days_off=known)
        _must_be_named(context, rule, days)
        skipped = (*rule.skipped, *(day for day in days if day not in rule.skipped))
        avoids = tuple(sorted({*rule.avoids, *keys}))
        return [Wording(old.id, replace(rule, skipped=skipped, avoids=avoids), old.targets)]

    return _of_rule(context, rule_id, "timetable.skipped", shorter, now)


def propose_dates(context: Context, rule_id: int, given: Sequence[str], now: datetime) -> Change:
    """Add dates, at an hour of their own or at the rule's."""

    def longer(_connection: Connection, _dossier: Dossier, old: TimetableRule) -> list[Wording]:
        rule = to_rule(old)
        added = set(rule.added)
        for piece in words.pieces(given):
            moment, own_hour = words.read_added(piece)
            when = moment if own_hour else datetime.combine(moment, rule.dtstart.time())
            words.check_ahead(when, context.policy.local(now).replace(tzinfo=None))
            added.add(when)
        back = {*added, *(one.date() for one in added)}
        skipped = tuple(one for one in rule.skipped if one not in back)
        new = replace(rule, added=tuple(sorted(added)), skipped=skipped)
        return [Wording(old.id, new, old.targets)]

    return _of_rule(context, rule_id, "timetable.date_added", longer, now)


def propose_removal(context: Context, rule_id: int, now: datetime) -> Change:
    return _of_rule(context, rule_id, "timetable.removed", lambda *_: [], now)


def _of_rule(
    context: Context,
    rule_id: int,
    what: str,
    reword: Callable[[Connection, Dossier, TimetableRule], list[Wording]],
    now: datetime,
) -> Change:
    with context.database.read() as connection:
        old = calendar.by_id(connection, context, rule_id)
        dossier = authoring.by_id(connection, context, old.announcement_id, now)
        kept = reword(connection, dossier, old)
        return changes.compare(connection, context, what, dossier, [old], kept, now)


def _written(
    connection: Connection, context: Context, said: timetable.Words, now: datetime
) -> Sequence[Rule]:
    return calendar.written(connection, context, said, now)


def _must_be_named(context: Context, rule: Rule, days: Sequence[date]) -> None:
    """Skipping a day on which nothing is planned is a slip of the finger."""
    for day in days:
        begin = datetime.combine(day, datetime.min.time())
        start = moments.to_instant(begin, ZoneInfo(context.policy.zone))
        if not any(True for _ in rule.occurrences(start, start + timedelta(days=1))):
            raise InputError(
                f"Lịch này không có lần phát nào ngày {day:%d/%m/%Y}.",
                f"The rule has nothing on {day:%d/%m/%Y}.",
            )


def keep(
    context: Context, person: Person, change: Change, now: datetime, recall: bool | None = None
) -> tuple[Dossier, Sequence[int]]:
    """Make the change; the dossier and the ids of its rules.

    `recall`: what stations hold and the change does not name any more is called back (True) or
    left to be played (False); None is refused where there is such a thing. An approval that named
    its times exactly is voided by a change, and with it all that stations hold: only with `recall`.
    """
    urgent = change.dossier.announcement.priority == Priority.EMERGENCY
    person.must_have(Right.SCHEDULE, urgent=urgent)
    number = change.dossier.announcement.number
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        touched = sorted(changes.touched(change.taken, change.kept))
        authoring.refuse_withdrawn(dossier.announcement)
        authoring.must_cover(context, person, dossier.revision, touched)
        _must_be_unchanged(dossier, change.taken)
        changes.check(connection, context, dossier, change.taken, change.kept, now)
        dropped = changes.dropped(dossier, change.taken, change.kept, now)
        voids = changes.voids(dossier, change.taken, change.kept)
        _must_be_settled(dossier, dropped, voids, recall)
        ids = _write(connection, person, change, now)
        cause = Text(
            f"{person.full_name} đã đổi lịch phát.", f"{person.full_name} changed the timetable."
        )
        gone = [one for one in dropped if recall or one.state == State.PLANNED]
        for one in gone:
            deliveries.swap(connection, one, machine.cancel(one, cause, now))
        _log(connection, context, person, change, ids, gone, now)
        if voids:
            authoring.withdraw_approval(
                connection, context, dossier.announcement, ", ".join(voids) + " đã đổi", now
            )
        return authoring.load(connection, context, number, now), ids


def _must_be_unchanged(dossier: Dossier, taken: Sequence[TimetableRule]) -> None:
    current = {rule.id: rule.sequence for rule in dossier.rules}
    for rule in taken:
        if current.get(rule.id) != rule.sequence:
            raise Conflict(
                f"Lịch số {rule.id} vừa được người khác sửa hoặc gỡ. Hãy xem lại rồi làm lại.",
                f"Rule {rule.id} has just been changed by somebody else. Look again.",
            )


def _must_be_settled(
    dossier: Dossier, dropped: Sequence[Delivery], voids: Sequence[str], recall: bool | None
) -> None:
    """What stations hold is left alone or called back only because somebody said so."""
    handed = [one for one in dropped if one.state != State.PLANNED]
    if voids and not recall:
        handed = [one for one in dossier.deliveries if changes.with_station(one)]
        if handed:
            raise PolicyRefused(
                f"Phê duyệt ghi rõ giờ phát, nên đổi lịch thì phê duyệt mất hiệu lực và "
                f"{len(handed)} lượt đã giao cho trạm loa phải thu hồi. Đồng ý thì thêm --recall.",
                f"The approval names its times: changing them voids it, and {len(handed)} "
                "deliveries that stations hold have to be recalled. To do so add --recall.",
            )
    if handed and recall is None:
        raise PolicyRefused(
            f"{len(handed)} lượt của lịch này đã giao cho trạm loa. Thêm --recall để thu hồi, "
            "hoặc --keep-handed để trạm vẫn phát.",
            f"Stations hold {len(handed)} deliveries of this rule. Add --recall to call them "
            "back, or --keep-handed to let them be played.",
        )


def _write(connection: Connection, person: Person, change: Change, now: datetime) -> list[int]:
    reworded = {one.rule_id for one in change.kept}
    for rule in change.taken:
        if rule.id not in reworded:
            approvals.remove_rule(connection, rule.id, now)
    ids = []
    for one in change.kept:
        values = {
            **calendar.to_columns(one.rule),
            "targets": sorted(one.targets),
            "author": person.name,
            "created_at": now,
        }
        if one.rule_id is None:
            values["announcement_id"] = change.dossier.announcement.id
            ids.append(approvals.add_rule(connection, values))
        else:
            approvals.change_rule(connection, one.rule_id, values)
            ids.append(one.rule_id)
    return ids


def _log(
    connection: Connection,
    context: Context,
    person: Person,
    change: Change,
    ids: Sequence[int],
    gone: Sequence[Delivery],
    now: datetime,
) -> None:
    number = change.dossier.announcement.number
    recalled = [one.id for one in gone if one.state != State.PLANNED]
    events.note(
        connection,
        context.commune_id,
        person.name,
        change.what,
        f"announcement {number}",
        now,
        rules=list(ids) or [rule.id for rule in change.taken],
        before=[timetable.describe(to_rule(rule)).vi for rule in change.taken],
        after=[timetable.describe(rule).vi for rule in change.rules],
        recalled=recalled,
    )
