"""One try to deliver: allowed, written down, made, and its outcome written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from broadcaster.channels import Channel, Receipt
from broadcaster.domain import approval
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.delivery import Action, Delivery
from broadcaster.domain.outlet import Outlet
from broadcaster.domain.patience import back_off
from broadcaster.errors import BroadcasterError, NotThere, OutcomeUnknown, Refused, Text, TryAgain
from broadcaster.services.approval import approving
from broadcaster.services.context import Context
from broadcaster.services.dispatching import changes, circuit
from broadcaster.services.dispatching.settling import finished
from broadcaster.services.dispatching.writing import both, change, detail_of, held_to_its_promise
from broadcaster.store import clearance, deliveries, outlets, stations
from broadcaster.store.clearance import Clearance

_RECHECK = timedelta(seconds=15)
_WORKER_DIED = Text(
    "Chương trình bị ngắt giữa lúc đang gửi; đang tra cứu xem đã đăng hay chưa.",
    "The program was interrupted while sending; looking up whether it was posted.",
)


_CHANGE_DIED = Text(
    "Chương trình bị ngắt giữa lúc đang sửa hoặc gỡ bài; sẽ làm lại cho đến khi rõ.",
    "The program was interrupted while correcting or withdrawing; it is repeated until clear.",
)


def overdue(context: Context, one: Delivery, now: datetime) -> bool:
    """Past its grace it is missed, with the cause; it is never sent late."""
    if now < one.expires_at:
        return False
    with context.database.read() as connection:
        stop = stations.stop_in_force(connection, context.commune_id)
    cause = _stopped(stop) if stop else one.cause or _why_missed(one)
    return change(context, one, machine.miss(one, cause))


def _stopped(stop: Mapping[str, Any]) -> Text:
    return Text(
        f"Đang dừng khẩn cấp theo lệnh của {stop['person']}.", f"Stopped by {stop['person']}."
    )


def _why_missed(one: Delivery) -> Text:
    if one.pulled:
        return Text(
            "Trạm loa không nhận được lịch trước giờ phát (trạm tắt hoặc mất mạng).",
            "The station did not fetch its plan in time (switched off, or no line).",
        )
    return Text(
        "Máy chủ không hoạt động vào giờ đăng và đã quá thời gian cho phép đăng muộn.",
        "The server was not running at the time, and it is too late to post now.",
    )


def attempt(context: Context, one: Delivery, known: Outlet, now: datetime) -> bool:
    """planned -> sending -> what became of it; whether anything was sent or put off."""
    try:
        with held_to_its_promise(one.target):
            channel = context.channel(one.target)
    except BroadcasterError as error:  # a secret or setting is missing: it may yet be given
        return change(context, one, machine.hold_back(one, error.text, now + _RECHECK))
    if not circuit.lets_through(context, one, channel, known, now):
        return False
    with context.database.write() as connection:
        clear = clearance.clearance(connection, one, now)
        bound = None if one.action == Action.WITHDRAW else _bound(clear)
        claimed = _claimed(connection, context, one, clear, bound, now)
    if claimed is None:
        return False
    return _made(context, claimed, channel, bound, circuit.asked_by(one, clear.outlet), now)


def _claimed(
    connection: Connection,
    context: Context,
    one: Delivery,
    clear: Clearance,
    bound: Rendition | None,
    now: datetime,
) -> Delivery | None:
    """The delivery with its attempt written down; None when it may not be tried now."""
    if one.action != Action.WITHDRAW and not _allowed(connection, one, clear, bound, now):
        return None
    outlet = circuit.spent(connection, context, one, clear.outlet, now)
    if outlet is None:
        return None
    going = changes.ready(connection, one, now) if one.action == Action.WITHDRAW else one
    if going is None:
        return None
    claimed = machine.claim(going, context.owner, now)
    if not deliveries.swap(connection, one, claimed):
        return None
    deliveries.begin_attempt(connection, claimed, now)
    outlets.keep(connection, outlet)
    return claimed


def _made(
    context: Context,
    claimed: Delivery,
    channel: Channel,
    rendition: Rendition | None,
    asked: Outlet | None,
    now: datetime,
) -> bool:
    """`rendition`: what is sent; a withdrawal sends nothing. `asked`: see `circuit.asked_by`."""
    try:
        with held_to_its_promise(claimed.target):
            if rendition is None:
                done = changes.withdrawn(context, channel, claimed, now)
                return changes.taken_back(context, claimed, done, context.clock())
            approving.check_files(context, rendition)
            if claimed.action == Action.CORRECT:
                receipt = changes.corrected(context, channel, claimed, rendition, now)
            else:
                receipt = channel.publish(rendition.content, claimed.marker, now)
    except BroadcasterError as error:
        after = context.clock()
        if isinstance(error, NotThere) and claimed.action == Action.CORRECT:
            return changes.anew(context, claimed, error, after)
        return _failed(context, claimed, error, asked, after)
    return _accepted(context, claimed, receipt, context.clock())


def _allowed(
    connection: Connection,
    one: Delivery,
    clear: Clearance,
    bound: Rendition | None,
    now: datetime,
) -> bool:
    """No stop in force, and the approval still binds what would be sent; else a cause.

    Taking a post back needs neither, and is not asked: it is what a stop is pressed for.
    """
    stop = stations.stop_in_force(connection, one.commune_id) if clear.stopped else None
    if stop is not None:
        held = machine.hold_back(one, _stopped(stop), now + _RECHECK)
        deliveries.swap(connection, one, held)
        return False
    if bound is not None:
        return True
    cause = Text("Không còn phê duyệt có hiệu lực.", "No approval is in force any more.")
    deliveries.swap(connection, one, machine.cancel(one, cause, now))
    return False


def _bound(clear: Clearance) -> Rendition | None:
    """What would be sent, if the approval that planned it is in force and nothing has changed."""
    if clear.granted is None or approval.changed(clear.granted, clear.now_pinned):
        return None
    return clear.rendition


def _accepted(context: Context, claimed: Delivery, receipt: Receipt, now: datetime) -> bool:
    look_at = now + timedelta(seconds=context.config.delivery.verify if not receipt.visible else 0)
    taken = receipt.at or now
    accepted = machine.accept(claimed, receipt.remote_id, receipt.link, taken, look_at)
    done = finished(accepted, receipt) if receipt.visible else accepted
    well = circuit.after_success(context, claimed.target, receipt.usage, now)
    return change(context, claimed, done, "accepted", detail_of(receipt), now, well)


def _failed(
    context: Context,
    claimed: Delivery,
    error: BroadcasterError,
    asked: Outlet | None,
    now: datetime,
) -> bool:
    detail = {**both(error.text), "code": getattr(error, "code", "")}
    counted = circuit.after_error(context, claimed.target, error, now)
    if isinstance(error, TryAgain) and (used := _tries_used(context, claimed, error)):
        refused = machine.refuse(claimed, used)
        return change(context, claimed, refused, "refused", detail, now, counted)
    if isinstance(error, TryAgain):
        at = max(
            now + _again(claimed), error.at or now
        )  # the far side's time is the earliest, not ours
        later = machine.try_later(claimed, error.text, at)
        return change(context, claimed, later, "again", detail, now, counted)
    if isinstance(error, OutcomeUnknown):
        unknown = machine.lose(claimed, error.text, _quarantine(context, claimed, now))
        return change(context, claimed, unknown, "unknown", detail, now, counted)
    if asked is not None and isinstance(error, Refused) and error.target_wide:
        waits = machine.try_later(claimed, error.text, circuit.asks_again(asked, error, now))
        return change(context, claimed, waits, "again", detail, now, counted)
    refused = machine.refuse(claimed, error.text)
    return change(context, claimed, refused, "refused", detail, now, counted)


def _tries_used(context: Context, claimed: Delivery, error: TryAgain) -> Text | None:
    """The cause, when this answer was the last that the far side bears; else None.

    Only tries that ended with the same code count: a broken line uses none of them.
    """
    if error.tries is None:
        return None
    with context.database.read() as connection:
        before = deliveries.attempts(connection, claimed.id)
    same = 1 + sum(row["detail"].get("code") == error.code for row in before)
    if same < error.tries:
        return None
    return Text(
        f"{error.text.vi} Đã gửi {same} lần đều như vậy nên chương trình không tự gửi nữa.",
        f"{error.text.en} Sent {same} times with this answer; it is not sent again by itself.",
    )


def _quarantine(context: Context, one: Delivery, now: datetime) -> datetime:
    """What changes a post is done again then, and so backs off as well."""
    rest = timedelta(seconds=context.config.delivery.quarantine)
    return now + rest + (_again(one) if one.action != Action.POST else timedelta())


def _again(one: Delivery) -> timedelta:
    return back_off(one.attempt_no, one.uid)


def lost(context: Context, one: Delivery, now: datetime) -> bool:
    """sending -> unknown: its worker is dead, or so late that it counts as dead."""
    why = _WORKER_DIED if one.action == Action.POST else _CHANGE_DIED
    unknown = machine.lose(one, why, _quarantine(context, one, now))
    return change(context, one, unknown, "lost", {}, now)
