"""Outlets that may be used only so often: their use is planned, and what is too much is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from broadcaster.channels.port import rationed
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import LOUDSPEAKER, Action, Delivery, State
from broadcaster.domain.ration import Place, Ration
from broadcaster.errors import BroadcasterError, Text
from broadcaster.services.content.authoring import Dossier
from broadcaster.services.context import Context
from broadcaster.services.timetable import onair
from broadcaster.services.timetable.calendar import to_rule
from broadcaster.store import deliveries

_AROUND = timedelta(days=35)
"""So far back other uses may count against the same month."""


class Rations:
    """The rations of the targets that one round of planning meets; each placed use counts at once.

    What is refused becomes a cancelled row with its cause, and never keeps another outlet waiting.
    """

    def __init__(self, connection: Connection, context: Context, now: datetime) -> None:
        self._connection, self._context, self._now = connection, context, now
        self._known: dict[str, tuple[Ration, list[datetime]] | None] = {}

    def placed(self, new: Delivery) -> Delivery:
        """As it may be: at its time, held until it is allowed, or cancelled."""
        if new.target not in self._known:
            self._known[new.target] = self._ration(new.target)
        known = self._known[new.target]
        if known is None:
            return new
        ration, uses = known
        place = _place(ration, new, uses, self._now)
        if place.at is None:
            return machine.cancel(new, place.cause or Text("–", "–"), self._now)
        uses.append(place.at)
        if place.at <= max(new.due_at, self._now):
            return new
        return replace(new, next_at=place.at, cause=place.cause)

    def _ration(self, target: str) -> tuple[Ration, list[datetime]] | None:
        found = ration_of(self._context, target, self._now)
        if found is None:
            return None
        return found, list(_uses(self._connection, self._context, target, self._now))


def ration_of(context: Context, target: str, now: datetime) -> Ration | None:
    """None for an outlet without one; also for one that cannot be made: posting says why."""
    if context.config.target(target).channel == LOUDSPEAKER:
        return None
    try:
        channel = rationed(context.channel(target))
        return channel.ration(now) if channel else None
    except BroadcasterError:
        return None


def ask(context: Context, targets: Iterable[str], now: datetime) -> list[Text]:
    """Let the far sides say what is left, before somebody decides; what could not be asked.

    Network: never inside a transaction.
    """
    unanswered = []
    for target in targets:
        if ration_of(context, target, now) is None:
            continue
        try:
            channel = rationed(context.channel(target))
            if channel is not None:
                channel.ask_ration(now)
        except BroadcasterError as error:
            unanswered.append(error.text)
    return unanswered


def outlook(context: Context, dossier: Dossier, now: datetime) -> list[Text]:
    """What would become of each rationed outlet of an announcement, for whoever approves it."""
    found = []
    for target in dossier.revision.targets:
        ration = ration_of(context, target, now)
        if ration is not None:
            found.append(_told(context, dossier, target, ration, now))
    return found


def _told(context: Context, dossier: Dossier, target: str, ration: Ration, now: datetime) -> Text:
    name = context.config.target(target).name
    with context.database.read() as connection:
        uses = list(_uses(connection, context, target, now, besides=dossier.announcement.id))
    due = min(_times(dossier, target, now), default=now)
    urgent = dossier.announcement.priority
    expires = due + context.policy.grace(context.config.target(target).channel, urgent)
    place = _placed_at(ration, urgent, due, expires, uses)
    used = ration.used(place.at or due, uses)
    count = f"{used}/{ration.per_month}"
    if place.at is None:
        cause = place.cause or Text("–", "–")
        return Text(
            f"{name}: SẼ KHÔNG GỬI. {cause.vi} Các kênh khác vẫn đăng bình thường.",
            f"{name}: WILL NOT BE SENT. {cause.en} All other outlets go as planned.",
        )
    late = f" {place.cause.vi}" if place.cause else ""
    late_en = f" {place.cause.en}" if place.cause else ""
    month = f"{place.at.astimezone(ration.zone):%m/%Y}"
    return Text(
        f"{name}: tháng {month} đã dùng hoặc đã xếp {count} lượt ({ration.basis.vi}), "
        f"tin này là lượt thứ {used + 1}.{late}",
        f"{name}: {count} of {month} used or planned ({ration.basis.en}), "
        f"this is number {used + 1}.{late_en}",
    )


def _times(dossier: Dossier, target: str, now: datetime) -> Iterator[datetime]:
    """The first time of each rule that names the target."""
    for rule in dossier.rules:
        if target in rule.targets:
            yield from to_rule(rule).first(1, now)


def _place(ration: Ration, new: Delivery, uses: list[datetime], now: datetime) -> Place:
    due = max(new.due_at, now)
    return _placed_at(ration, Priority(new.priority), due, new.expires_at, uses)


def _placed_at(
    ration: Ration, priority: Priority, due: datetime, expires: datetime, uses: list[datetime]
) -> Place:
    if priority is Priority.EMERGENCY and ration.review:
        minutes = ration.review // timedelta(minutes=1)
        return Place(
            None,
            Text(
                f"Tin khẩn cấp không đi đường này: kênh duyệt trước khi gửi, mất khoảng {minutes} "
                "phút. Hãy dùng loa và tin nhóm.",
                f"An emergency does not go this way: the outlet reviews first, about {minutes} "
                "minutes. Use loudspeakers and group messages.",
            ),
        )
    return ration.place(due, expires, uses)


def _uses(
    connection: Connection,
    context: Context,
    target: str,
    now: datetime,
    besides: int | None = None,
) -> Iterator[datetime]:
    """When the target was used, or is planned to be. What may have gone out counts as gone."""
    rows = deliveries.find(connection, context.commune_id, target=target, after=now - _AROUND)
    for one in rows:
        taken_back = one.action is Action.WITHDRAW
        if one.state in onair.SILENT or taken_back or one.announcement_id == besides:
            continue
        if one.action is not Action.POST:  # changing what stands uses nothing up
            continue
        if one.state is State.PLANNED:
            yield max(one.due_at, one.next_at or one.due_at)
        else:
            yield one.actual_at or one.due_at
