"""Mandatory publicity: marking it, what is still open in which village, and the villages' word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from broadcaster.domain import publicity as rules
from broadcaster.domain.delivery import LOUDSPEAKER, Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.domain.publicity import Confirmation, Progress, Publicity
from broadcaster.errors import Conflict, InputError, NotFound, PolicyRefused
from broadcaster.services.context import Context
from broadcaster.store import announcements, deliveries, events, publicity


@dataclass(frozen=True)
class Village:
    """`proofs` are the airings that count, oldest first."""

    name: str
    stations: Sequence[str]
    progress: Progress
    confirmation: Confirmation | None
    proofs: Sequence[Delivery]

    @property
    def complete(self) -> bool:
        return self.progress.aired and self.confirmation is not None


@dataclass(frozen=True)
class Standing:
    """One announcement under mandatory publicity, and how far every village is."""

    number: int
    title: str
    publicity: Publicity
    villages: Sequence[Village]

    @property
    def complete(self) -> bool:
        return bool(self.villages) and all(one.complete for one in self.villages)


def mark(
    context: Context,
    person: Person,
    number: int,
    legal_basis: str,
    starts_on: date,
    now: datetime,
    villages: Sequence[str] = (),
) -> Standing:
    """Put an announcement under mandatory publicity in these villages, or in all that there are.

    From then on it is exempt from the limit of repeats. Raises Conflict when it is marked already.
    """
    person.must_have(Right.EDIT)
    if not legal_basis.strip():
        raise InputError(
            "Thiếu căn cứ pháp lý. Ví dụ: --basis “Luật Thực hiện dân chủ ở cơ sở, Điều 11”.",
            "The legal basis is missing: add --basis.",
        )
    chosen = _chosen(context, villages)
    person.must_cover(chosen)
    with context.database.write() as connection:
        owner = announcements.by_number(connection, context.commune_id, number)
        values = {
            "announcement_id": owner.id,
            "legal_basis": legal_basis.strip(),
            "starts_on": starts_on,
            "days": rules.CONSECUTIVE_DAYS,
            "villages": chosen,
            "person": person.name,
            "created_at": now,
        }
        if not publicity.mark(connection, context.commune_id, values):
            raise Conflict(
                f"Tin số {number} đã là công khai bắt buộc. Xem: broadcaster publicity show "
                f"{number}",
                f"Announcement {number} is under mandatory publicity already.",
            )
        _note(connection, context, person, "publicity.marked", number, now, basis=legal_basis)
        return _standing(connection, context, number, now)


def _chosen(context: Context, given: Sequence[str]) -> list[str]:
    known = sorted(
        {t.village for t in context.config.targets if t.village and t.channel == LOUDSPEAKER}
    )
    unknown = sorted(set(given) - set(known))
    if unknown or not known:
        listed = ", ".join(known) or "–"
        raise InputError(
            f"Không có cụm loa nào của {'“' + unknown[0] + '”' if unknown else 'thôn nào cả'}. "
            f"Thôn lấy từ mục village của các cụm loa trong broadcaster.toml: {listed}.",
            f"No loudspeakers of that village. Villages of broadcaster.toml: {listed}.",
        )
    return sorted(set(given)) or known


def confirm(
    context: Context, person: Person, number: int, village: str, note: str, now: datetime
) -> Standing:
    """A village's word; only somebody who answers for that village may give it."""
    person.must_have(Right.SETTLE)
    person.must_cover([village])
    with context.database.write() as connection:
        standing = _standing(connection, context, number, now)
        one = next((one for one in standing.villages if one.name == village), None)
        if one is None:
            listed = ", ".join(one.name for one in standing.villages)
            raise InputError(
                f"Tin số {number} không phải công khai ở “{village}”. Các thôn: {listed}.",
                f"Announcement {number} is not for “{village}”: {listed}.",
            )
        if one.confirmation is not None:
            raise Conflict(
                f"“{village}” đã xác nhận ({one.confirmation.person}).",
                f"“{village}” has confirmed already ({one.confirmation.person}).",
            )
        if context.policy.local(now).date() < standing.publicity.starts_on:
            raise PolicyRefused(
                f"Chưa đến ngày công khai ({standing.publicity.starts_on:%d/%m/%Y}).",
                f"Publicity begins on {standing.publicity.starts_on:%d/%m/%Y}.",
            )
        owner_id = standing.publicity.announcement_id
        publicity.confirm(connection, context.commune_id, owner_id, village, person.name, note, now)
        _note(connection, context, person, "publicity.confirmed", number, now, village=village)
        return _standing(connection, context, number, now)


def show(context: Context, number: int, now: datetime) -> Standing:
    """Raises NotFound for an announcement that is not under mandatory publicity."""
    with context.database.read() as connection:
        return _standing(connection, context, number, now)


def every(context: Context, now: datetime) -> list[Standing]:
    """All, newest first; what is still open is not `complete`."""
    with context.database.read() as connection:
        return [
            _of(connection, context, one, now)
            for one in publicity.every(connection, context.commune_id)
        ]


def _standing(connection: Connection, context: Context, number: int, now: datetime) -> Standing:
    owner = announcements.by_number(connection, context.commune_id, number)
    found = publicity.of_announcement(connection, owner.id)
    if found is None:
        raise NotFound(
            f"Tin số {number} không phải công khai bắt buộc. Đánh dấu bằng: "
            f"broadcaster publicity mark {number} --basis … --from …",
            f"Announcement {number} is not under mandatory publicity.",
        )
    return _of(connection, context, found, now)


def _of(connection: Connection, context: Context, found: Publicity, now: datetime) -> Standing:
    owner = announcements.by_id(connection, found.announcement_id)
    title = announcements.latest_revision(connection, owner.id).title
    proofs = deliveries.find(
        connection, context.commune_id, announcement_id=owner.id, states={State.CONFIRMED}
    )
    heard = [one for one in proofs if one.pulled and _day(context, one) >= found.starts_on]
    confirmed = publicity.confirmations(connection, owner.id)
    villages = [
        _village(context, found, name, heard, confirmed.get(name), now) for name in found.villages
    ]
    return Standing(owner.number, title, found, villages)


def _village(
    context: Context,
    found: Publicity,
    name: str,
    heard: Sequence[Delivery],
    confirmation: Confirmation | None,
    now: datetime,
) -> Village:
    stations = [
        t.key for t in context.config.targets if t.village == name and t.channel == LOUDSPEAKER
    ]
    own = [one for one in heard if one.target in stations]
    days = {
        station: {_day(context, one) for one in own if one.target == station}
        for station in stations
    }
    today = context.policy.local(now).date()
    reached = rules.reached(days, stations)
    how_far = rules.progress(reached, found.starts_on, found.days, today)
    return Village(name, stations, how_far, confirmation, own)


def _day(context: Context, one: Delivery) -> date:
    """The day on which it was heard."""
    return context.policy.local(one.actual_at or one.due_at).date()


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
