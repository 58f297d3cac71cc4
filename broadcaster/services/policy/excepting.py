"""Exceptions to the policy: each a row with who, what, when, why and from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from broadcaster.domain.people import Person, Right
from broadcaster.domain.policy import WAIVABLE, Limit
from broadcaster.domain.waiver import Waiver
from broadcaster.errors import InputError, PolicyRefused
from broadcaster.services.content import authoring
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.store import announcements, events, stations, waivers


@dataclass(frozen=True)
class Listed:
    """An exception with the number of its announcement."""

    waiver: Waiver
    number: int


def allow(
    context: Context,
    person: Person,
    number: int,
    limit: Limit,
    first: date,
    last: date,
    reason: str,
    now: datetime,
) -> Listed:
    """Let one announcement break one limit on some days. Raises PolicyRefused or InputError.

    Nobody allows it for what they wrote themselves, as nobody approves their own.
    """
    person.must_have(Right.OVERRIDE)
    _check_words(limit, first, last, reason)
    with context.database.write() as connection:
        dossier = authoring.load(connection, context, number, now)
        authoring.must_cover(context, person, dossier.revision)
        _must_be_anothers(person, dossier, number)
        new = waivers.record(
            connection,
            {
                "commune_id": context.commune_id,
                "announcement_id": dossier.announcement.id,
                "limit": limit.value,
                "first_day": first,
                "last_day": last,
                "reason": reason.strip(),
                "person": person.name,
                "place": context.owner,
                "created_at": now,
            },
        )
        stations.touch(connection, context.commune_id)  # they are told what is waived
        _note(context, connection, person, "policy.excepted", number, now, exception=new,
              limit=limit.value, reason=reason.strip())  # fmt: skip
        return Listed(waivers.by_id(connection, context.commune_id, new), number)


def _check_words(limit: Limit, first: date, last: date, reason: str) -> None:
    if limit not in WAIVABLE:
        raise PolicyRefused(
            "Giờ yên tĩnh và việc trùng giờ không có ngoại lệ: ban đêm chỉ phát tin khẩn cấp, "
            "và một cụm loa chỉ phát một tin một lúc. Hãy chọn giờ khác.",
            "Quiet hours and clashes have no exception: only an emergency sounds at night, and a "
            "station plays one item at a time. Choose another time.",
        )
    if not reason.strip():
        raise InputError("Ngoại lệ phải có lý do: --reason “…”", "A reason is needed: --reason")
    if last < first:
        raise InputError(
            f"Ngày cuối {last:%d/%m/%Y} trước ngày đầu {first:%d/%m/%Y}. Kiểm tra --from, --until.",
            f"The last day {last:%d/%m/%Y} is before the first, {first:%d/%m/%Y}.",
        )


def _must_be_anothers(person: Person, dossier: Dossier, number: int) -> None:
    if person.name in dossier.authors:
        raise PolicyRefused(
            f"{person.full_name} là người soạn tin số {number}: người khác phải cho phép ngoại lệ.",
            f"{person.full_name} wrote announcement {number}: somebody else must allow it.",
        )


def revoke(context: Context, person: Person, waiver_id: int, now: datetime) -> Listed:
    """Take an exception back: what it let be planned stays, nothing new is."""
    person.must_have(Right.OVERRIDE)
    with context.database.write() as connection:
        found = waivers.by_id(connection, context.commune_id, waiver_id)
        number = announcements.by_id(connection, found.announcement_id).number
        waivers.revoke(connection, waiver_id, person.name, now)
        stations.touch(connection, context.commune_id)
        _note(context, connection, person, "policy.exception_revoked", number, now,
              exception=waiver_id)  # fmt: skip
        return Listed(waivers.by_id(connection, context.commune_id, waiver_id), number)


def every(context: Context, first: date | None = None, last: date | None = None) -> list[Listed]:
    """All exceptions that hold on any of the days, newest first; also those taken back."""
    with context.database.read() as connection:
        found = waivers.every(connection, context.commune_id)
        numbers = announcements.of_ids(connection, {one.announcement_id for one in found})
    return [
        Listed(one, numbers[one.announcement_id].number)
        for one in found
        if (last is None or one.first_day <= last) and (first is None or one.last_day >= first)
    ]


def _note(
    context: Context,
    connection: Connection,
    person: Person,
    what: str,
    number: int,
    now: datetime,
    **detail: object,
) -> None:
    subject = f"announcement {number}"
    events.note(connection, context.commune_id, person.name, what, subject, now, **detail)
