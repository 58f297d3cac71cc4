"""Which hours may be: the policy, the approved period, and what else sounds on a station."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.domain import timetable
from broadcaster.domain.airtime import LONGEST, Refusal, Wish, refusal
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.policy import WAIVABLE
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import onair, slotting

_SEARCHED = timedelta(days=35)
"""How far ahead two rules are compared; planning compares again when it comes to it."""


def chosen_targets(dossier: Dossier, given: Sequence[str]) -> list[str]:
    """The announcement's outlets, or those of them that were given. Raises InputError."""
    unknown = sorted(set(given) - set(dossier.revision.targets))
    if unknown:
        known = ", ".join(dossier.revision.targets)
        raise InputError(
            f"Tin số {dossier.announcement.number} không dành cho kênh “{unknown[0]}”. "
            f"Các kênh của tin: {known}.",
            f"Announcement {dossier.announcement.number} has no target “{unknown[0]}”: {known}.",
        )
    return sorted(given or dossier.revision.targets)


def check(
    connection: Connection,
    context: Context,
    dossier: Dossier,
    rules: Sequence[timetable.Rule],
    targets: Sequence[str],
    now: datetime,
    without: frozenset[int] = frozenset(),
) -> None:
    """Raise PolicyRefused for hours that may not be; rules `without` are about to go."""
    speakers = [t for t in targets if context.config.target(t).channel == LOUDSPEAKER]
    for rule in rules:
        _check_period(context, dossier, rule, now)
    if speakers:
        _check_sound(connection, context, dossier, rules, speakers, now, without)


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
    without: frozenset[int],
) -> None:
    own = [rule for rule in rules if rule.slot_id is None]
    times = sorted(begins for rule in own for begins in _dates(rule, now))
    collected = sorted(
        (occurs, rule.slot_id)
        for rule in rules
        for occurs in _dates(rule, now)
        if rule.slot_id is not None
    )
    everything = [*times, *(occurs for occurs, _ in collected)]
    if not everything:
        return
    last = max(everything)
    board = onair.with_rules(connection, context, speakers, now, last + LONGEST, without)
    (subject,) = onair.subjects(connection, context, [dossier.announcement.id], now)
    wishes = [
        Wish(
            airtime,
            [
                onair.sound(context, subject, target, begins + context.offset(target))
                for begins in times
            ],
        )
        for target, airtime in board.stations.items()
    ]
    refused = refusal(wishes, now)
    if refused is not None:
        raise _refused(context, dossier.announcement.number, refused)
    for occurs, slot_id in collected:
        for target in speakers:
            slotting.claim(board, subject, target, slot_id, occurs, now)


def _dates(rule: timetable.Rule, now: datetime) -> list[datetime]:
    """A single date may lie further ahead than rules are compared."""
    return [*rule.occurrences(now, now + _SEARCHED)] or rule.first(1, now)


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
