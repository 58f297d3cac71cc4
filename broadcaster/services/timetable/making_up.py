"""A make-up slot for what was missed: offered to a person, never played late by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from broadcaster.domain.airtime import LONGEST
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.timetable import Words
from broadcaster.errors import Conflict, NotFound, PolicyRefused
from broadcaster.services.context import Context
from broadcaster.services.timetable import onair, timetabling
from broadcaster.services.timetable.changes import Change
from broadcaster.store import announcements, deliveries

_SOONEST = timedelta(minutes=5)
"""Long enough for a station to fetch it, and for a person to change their mind."""
_SEARCHED = timedelta(days=15)


def offer(context: Context, delivery_id: int, now: datetime) -> Change:
    """The nearest free minute for a missed or cut-off sound, as a change of the timetable.

    Raises Conflict for a delivery that needs none, PolicyRefused when two weeks have no room.
    """
    soonest = _whole_minute(now + _SOONEST)
    with context.database.read() as connection:
        one = deliveries.by_id(connection, context.commune_id, delivery_id)
        _refuse_others(one)
        until = soonest + _SEARCHED + LONGEST
        board = onair.with_rules(connection, context, [one.target], now, until)
        (subject,) = onair.subjects(connection, context, [one.announcement_id], now)
        wanted = onair.sound(context, subject, one.target, soonest + context.offset(one.target))
        free = board.stations[one.target].first_free(wanted, wanted.begins)
        number = announcements.by_id(connection, one.announcement_id).number
    if free is None:
        raise PolicyRefused(
            f"Hai tuần tới cụm loa “{one.target}” không còn giờ trống để phát bù lượt số "
            f"{delivery_id}. Bớt lịch khác, hoặc xin ngoại lệ: broadcaster policy except {number}",
            f"Station “{one.target}” has no free time in two weeks to make up delivery "
            f"{delivery_id}. Take other rules out, or: broadcaster policy except {number}",
        )
    local = context.policy.local(free - context.offset(one.target))
    words = Words(on=f"{local:%d/%m/%Y}", at=f"{local:%H:%M:%S}")
    return timetabling.propose(context, number, words, now, [one.target])


def _refuse_others(one: Delivery) -> None:
    if not one.pulled:
        raise NotFound(
            f"Lượt số {one.id} là bài đăng: lỡ giờ thì tự đăng ở lần kế tiếp của lịch.",
            f"Delivery {one.id} is a post: a missed one goes out at its rule's next time.",
        )
    if one.state not in {State.MISSED, State.PARTLY_AIRED}:
        raise Conflict(
            f"Lượt số {one.id} không lỡ giờ và không phát dở nên không cần phát bù. "
            "Xem: broadcaster delivery list",
            f"Delivery {one.id} was neither missed nor cut off. See: broadcaster delivery list",
        )


def _whole_minute(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
