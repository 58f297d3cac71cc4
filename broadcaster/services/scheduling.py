"""The timetable: proposing, keeping and removing rules, with the policy looked at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain import approval, timetable
from broadcaster.domain import delivery as machine
from broadcaster.domain.airtime import LONGEST, Refusal, Wish, refusal
from broadcaster.domain.delivery import LOUDSPEAKER, State
from broadcaster.domain.people import Person, Right
from broadcaster.domain.policy import WAIVABLE
from broadcaster.errors import InputError, PolicyRefused, Text
from broadcaster.services import authoring, calendar, onair
from broadcaster.services.authoring import Dossier
from broadcaster.services.calendar import to_columns
from broadcaster.services.context import Context
from broadcaster.store import announcements, approvals, deliveries, events

_SEARCHED = timedelta(days=35)
"""How far ahead two rules are compared; planning compares again when it comes to it."""


@dataclass(frozen=True)
class Proposal:
    """What would be kept: rules, targets, and the next dates to show before saving."""

    dossier: Dossier
    rules: Sequence[timetable.Rule]
    targets: Sequence[str]
    dates: Sequence[datetime]


def propose(
    context: Context,
    number: int,
    words: timetable.Words,
    now: datetime,
    targets: Sequence[str] = (),
) -> Proposal:
    """Read and check a rule written by a person; keeps nothing.

    Raises InputError for what cannot be read, PolicyRefused for quiet hours or a clash.
    """
    with context.database.read() as connection:
        known = calendar.days_off(connection, context)
        rules = timetable.written(words, now, context.policy.zone, known)
        dossier = authoring.load(connection, context, number, now)
        chosen = _targets(dossier, targets)
        _check(connection, context, dossier, rules, chosen, now)
    dates = sorted({date for rule in rules for date in rule.first(5, now)})[:5]
    return Proposal(dossier, rules, chosen, dates)


def keep(
    context: Context, person: Person, proposal: Proposal, now: datetime
) -> tuple[Dossier, Sequence[int]]:
    """Store the proposed rules; the dossier and the new rules' ids.

    An approval that named its times exactly is taken back by a new rule; one that allowed a
    period stands, and the rule has to lie inside that period.
    """
    person.must_have(Right.SCHEDULE)
    number = proposal.dossier.announcement.number
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        authoring.must_cover(context, person, dossier.revision, proposal.targets)
        _check(connection, context, dossier, proposal.rules, proposal.targets, now)
        ids = [
            approvals.add_rule(
                connection,
                {
                    **to_columns(rule),
                    "announcement_id": dossier.announcement.id,
                    "targets": sorted(proposal.targets),
                    "author": person.name,
                    "created_at": now,
                },
            )
            for rule in proposal.rules
        ]
        _note(connection, context, person, "timetable.added", number, now, rules=ids)
        return _recheck_approval(connection, context, number, now), ids


def remove(context: Context, person: Person, rule_id: int, now: datetime) -> Dossier:
    """Take a rule out; what it had planned is cancelled, what stations hold is asked back."""
    person.must_have(Right.SCHEDULE)
    with context.database.write() as connection:
        rule = approvals.rule_by_id(connection, context.commune_id, rule_id)
        owner = announcements.by_id(connection, rule.announcement_id)
        approvals.remove_rule(connection, rule_id, now)
        cause = Text(
            f"Lịch số {rule_id} đã được {person.full_name} gỡ.",
            f"Rule {rule_id} was removed by {person.full_name}.",
        )
        open_ones = deliveries.find(
            connection,
            context.commune_id,
            announcement_id=owner.id,
            states={State.PLANNED, State.SENDING, State.ACCEPTED},
        )
        for one in open_ones:
            if one.rule_id == rule_id and (one.state == State.PLANNED or one.pulled):
                deliveries.swap(connection, one, machine.cancel(one, cause, now))
        _note(connection, context, person, "timetable.removed", owner.number, now, rule=rule_id)
        return _recheck_approval(connection, context, owner.number, now)


def _targets(dossier: Dossier, given: Sequence[str]) -> list[str]:
    unknown = sorted(set(given) - set(dossier.revision.targets))
    if unknown:
        known = ", ".join(dossier.revision.targets)
        raise InputError(
            f"Tin số {dossier.announcement.number} không dành cho kênh “{unknown[0]}”. "
            f"Các kênh của tin: {known}.",
            f"Announcement {dossier.announcement.number} has no target “{unknown[0]}”: {known}.",
        )
    return sorted(given or dossier.revision.targets)


def _check(
    connection: Connection,
    context: Context,
    dossier: Dossier,
    rules: Sequence[timetable.Rule],
    targets: Sequence[str],
    now: datetime,
) -> None:
    speakers = [t for t in targets if context.config.target(t).channel == LOUDSPEAKER]
    for rule in rules:
        _check_period(context, dossier, rule, now)
    if speakers:
        _check_sound(connection, context, dossier, rules, speakers, now)


def _check_period(context: Context, dossier: Dossier, rule: timetable.Rule, now: datetime) -> None:
    granted = dossier.approval
    if granted is None:
        return
    last = rule.last(now)
    if last is None or last <= granted.valid_until:
        return
    end = context.policy.local(granted.valid_until)
    raise PolicyRefused(
        f"Lịch kéo dài quá thời hạn được duyệt ({end:%H:%M %d/%m/%Y}). Thêm --until trước ngày đó.",
        f"The rule runs past the approved period ({end:%d/%m/%Y %H:%M}). Add --until.",
    )


def _check_sound(
    connection: Connection,
    context: Context,
    dossier: Dossier,
    rules: Sequence[timetable.Rule],
    speakers: Sequence[str],
    now: datetime,
) -> None:
    # A single date may lie further ahead than rules are compared.
    times = sorted(
        begins
        for rule in rules
        for begins in [*rule.occurrences(now, now + _SEARCHED)] or rule.first(1, now)
    )
    until = times[-1] + LONGEST
    stations = onair.with_rules(connection, context, speakers, now, until)
    (subject,) = onair.subjects(connection, context, [dossier.announcement.id], now)
    wishes = [
        Wish(airtime, [onair.sound(context, subject, target, begins) for begins in times])
        for target, airtime in stations.items()
    ]
    refused = refusal(wishes, now)
    if refused is not None:
        raise _refused(context, dossier.announcement.number, refused)


def _refused(context: Context, number: int, refused: Refusal) -> PolicyRefused:
    vi, en = refused.breach.text.vi, refused.breach.text.en
    if refused.free is not None:
        local = context.policy.local(refused.free)
        vi += f" Giờ trống gần nhất: {local:%H:%M:%S %d/%m/%Y}."
        en += f" The nearest free time: {local:%d/%m/%Y %H:%M:%S}."
    if refused.breach.limit in WAIVABLE:
        day = context.policy.local(refused.sound.begins)
        command = (
            f"broadcaster policy except {number} --limit {refused.breach.limit} "
            f"--from {day:%d/%m/%Y} --reason “…”"
        )
        vi += f" Cần ngoại lệ thì người có quyền chạy: {command}"
        en += f" For an exception somebody with that right runs: {command}"
    return PolicyRefused(vi, en)


def _recheck_approval(
    connection: Connection, context: Context, number: int, now: datetime
) -> Dossier:
    dossier = authoring.load(connection, context, number, now)
    granted = dossier.approval
    if granted is not None:
        differs = approval.changed(granted.pinned, dossier.pinned)
        if differs:
            authoring.withdraw_approval(
                connection, context, dossier.announcement, ", ".join(differs) + " đã đổi", now
            )
    return authoring.load(connection, context, number, now)


def _note(
    connection: Connection,
    context: Context,
    person: Person,
    what: str,
    number: int,
    now: datetime,
    **detail: object,
) -> None:
    subject = f"announcement {number}"
    events.note(connection, context.commune_id, person.name, what, subject, now, **detail)
