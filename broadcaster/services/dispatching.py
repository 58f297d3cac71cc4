"""Pushing what is due: an attempt row before every call, a look-up before another try."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from broadcaster.channels import Receipt
from broadcaster.domain import approval
from broadcaster.domain import delivery as machine
from broadcaster.domain.announcement import Rendition
from broadcaster.domain.delivery import Delivery, State
from broadcaster.domain.people import Person, Right
from broadcaster.errors import BroadcasterError, Conflict, OutcomeUnknown, Refused, Text, TryAgain
from broadcaster.services import approving, authoring
from broadcaster.services.context import Context
from broadcaster.store import announcements, approvals, deliveries, events, stations

log = logging.getLogger(__name__)

_RECHECK = timedelta(seconds=15)
_RAREST_LOOK = timedelta(hours=1)
_BACK_OFF = [timedelta(seconds=s) for s in (15, 60, 300, 900, 1800)]
_PROOF_LATE = Text(
    "Đã quá giờ mà trạm chưa báo đã phát: chưa có bằng chứng.",
    "The station has not reported it: no proof of play.",
)
_WORKER_DIED = Text(
    "Chương trình bị ngắt giữa lúc đang gửi; đang tra cứu xem đã đăng hay chưa.",
    "The program was interrupted while sending; looking up whether it was posted.",
)


def due(context: Context, now: datetime) -> list[Delivery]:
    """What somebody must look at now, emergencies first."""
    with context.database.read() as connection:
        return deliveries.due(connection, context.commune_id, now)


def handle(context: Context, delivery_id: int, now: datetime) -> bool:
    """One step for one delivery; whether anything changed. Safe to call twice, late, or never."""
    with context.database.read() as connection:
        one = deliveries.by_id(connection, context.commune_id, delivery_id)
    if one.next_at is None or one.next_at > now:
        return False
    if one.state == State.PLANNED:
        return _overdue(context, one, now) or (not one.pulled and _attempt(context, one, now))
    if one.pulled:
        late = machine.no_proof(one, _PROOF_LATE)
        return _change(context, one, late, "unknown", _both(_PROOF_LATE), now)
    if one.state == State.SENDING:
        return _lost(context, one, now)
    if one.state == State.UNKNOWN:
        return _look_up(context, one, now)
    return _verify(context, one, now)


def recover(context: Context, now: datetime) -> int:
    """At the start of the only server: whatever was being sent, its worker is dead."""
    with context.database.read() as connection:
        left = deliveries.find(connection, context.commune_id, states={State.SENDING})
    return sum(_lost(context, one, now) for one in left if not one.pulled)


# --- sending ------------------------------------------------------------------------------------


def _overdue(context: Context, one: Delivery, now: datetime) -> bool:
    if now < one.expires_at:
        return False
    with context.database.read() as connection:
        stop = stations.stop_in_force(connection, context.commune_id)
    cause = _stopped(stop) if stop else one.cause or _why_missed(one)
    return _change(context, one, machine.miss(one, cause))


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


def _attempt(context: Context, one: Delivery, now: datetime) -> bool:
    try:
        with _held_to_its_promise(one.target):
            channel = context.channel(one.target)
    except BroadcasterError as error:  # a secret or setting is missing: it may yet be given
        return _change(context, one, machine.hold_back(one, error.text, now + _RECHECK))
    with context.database.write() as connection:
        if not _allowed(connection, context, one, now):
            return False
        rendition = announcements.rendition_by_id(connection, one.rendition_id)
        claimed = machine.claim(one, context.owner, now)
        if not deliveries.swap(connection, one, claimed):
            return False
        deliveries.begin_attempt(connection, claimed, now)
    try:
        approving.check_files(context, rendition)
        with _held_to_its_promise(one.target):
            receipt = channel.publish(rendition.content, one.marker, now)
    except BroadcasterError as error:
        return _failed(context, claimed, error, context.clock())
    return _accepted(context, claimed, receipt, context.clock())


def _allowed(connection: Connection, context: Context, one: Delivery, now: datetime) -> bool:
    """No stop in force, and the approval still binds what would be sent; else a cause."""
    stop = stations.stop_in_force(connection, context.commune_id)
    if stop is not None:
        held = machine.hold_back(one, _stopped(stop), now + _RECHECK)
        deliveries.swap(connection, one, held)
        return False
    granted = approvals.by_id(connection, one.approval_id)
    owner = announcements.by_id(connection, one.announcement_id)
    dossier = authoring.load(connection, context, owner.number, now)
    in_force = dossier.approval is not None and dossier.approval.id == granted.id
    if in_force and not approval.changed(granted.pinned, dossier.pinned):
        return True
    cause = Text("Không còn phê duyệt có hiệu lực.", "No approval is in force any more.")
    deliveries.swap(connection, one, machine.cancel(one, cause, now))
    return False


def _accepted(context: Context, claimed: Delivery, receipt: Receipt, now: datetime) -> bool:
    look_at = now + timedelta(seconds=context.config.delivery.verify if not receipt.visible else 0)
    taken = receipt.at or now
    accepted = machine.accept(claimed, receipt.remote_id, receipt.link, taken, look_at)
    done = _finished(accepted, receipt) if receipt.visible else accepted
    return _change(context, claimed, done, "accepted", _detail(receipt), now)


def _finished(accepted: Delivery, receipt: Receipt) -> Delivery:
    proof = {"remote_id": receipt.remote_id, "link": receipt.link, **_plain(receipt.proof)}
    return machine.confirm(
        accepted, proof, remote_id=receipt.remote_id, link=receipt.link or accepted.link
    )


def _failed(context: Context, claimed: Delivery, error: BroadcasterError, now: datetime) -> bool:
    detail = {**_both(error.text), "code": getattr(error, "code", "")}
    if isinstance(error, TryAgain):
        back_off = _BACK_OFF[min(claimed.attempt_no, len(_BACK_OFF)) - 1]
        at = max(now + back_off, error.at or now)  # the far side's time is the earliest, not ours
        later = machine.try_later(claimed, error.text, at)
        return _change(context, claimed, later, "again", detail, now)
    if isinstance(error, OutcomeUnknown):
        unknown = machine.lose(claimed, error.text, _quarantine(context, now))
        return _change(context, claimed, unknown, "unknown", detail, now)
    return _change(context, claimed, machine.refuse(claimed, error.text), "refused", detail, now)


def _quarantine(context: Context, now: datetime) -> datetime:
    return now + timedelta(seconds=context.config.delivery.quarantine)


def _lost(context: Context, one: Delivery, now: datetime) -> bool:
    unknown = machine.lose(one, _WORKER_DIED, _quarantine(context, now))
    return _change(context, one, unknown, "lost", {}, now)


# --- settling ----------------------------------------------------------------------------------


def _look_up(context: Context, one: Delivery, now: datetime) -> bool:
    """Ask the far side whether a post with our reference exists."""
    rendition, since = _evidence(context, one)
    waits = context.config.delivery.look_up
    next_look = timedelta(seconds=waits[min(one.absent_seen + 1, len(waits) - 1)])
    try:
        with _held_to_its_promise(one.target):
            channel = context.channel(one.target)
            found = channel.look_up(rendition.content, one.marker, since, now)
    except BroadcasterError as error:
        log.warning("look-up of delivery %s: %s", one.id, error.text.en)
        return _change(context, one, machine.look_again(one, context.clock() + next_look))
    after = context.clock()
    if found is None:
        return _change(context, one, machine.not_seen(one, after, after + next_look))
    taken = found.at or since
    accepted = machine.accept(one, found.remote_id, found.link, taken, after)
    return _change(context, one, _finished(accepted, found) if found.visible else accepted)


def _evidence(context: Context, one: Delivery) -> tuple[Rendition, datetime]:
    with context.database.read() as connection:
        rendition = announcements.rendition_by_id(connection, one.rendition_id)
        tries = deliveries.attempts(connection, one.id)
    return rendition, tries[0]["started_at"] if tries else one.due_at


def _verify(context: Context, one: Delivery, now: datetime) -> bool:
    """Whether the public can really see what was accepted."""
    waited = now - (one.actual_at or now)  # what stays hidden for long is asked about less often
    wait = max(timedelta(seconds=context.config.delivery.verify), min(waited / 4, _RAREST_LOOK))
    known = Receipt(one.remote_id, one.link, at=one.actual_at)
    try:
        with _held_to_its_promise(one.target):
            receipt = context.channel(one.target).verify(known, now)
    except Refused as refused:
        return _change(context, one, machine.refuse(one, refused.text))
    except BroadcasterError as error:
        log.warning("verifying delivery %s: %s", one.id, error.text.en)
        at = error.at if isinstance(error, TryAgain) and error.at else context.clock() + wait
        return _change(context, one, machine.look_again(one, at))
    if receipt is None:
        gone = Text(
            "Kênh đã nhận bài nhưng nay bài không còn ở đó.",
            "The post was accepted but is not there any more.",
        )
        return _change(context, one, machine.refuse(one, gone))
    if not receipt.visible:
        later = context.clock() + wait
        again = machine.look_again(one, later, receipt.remote_id, receipt.link)
        return _change(context, one, again)
    return _change(context, one, _finished(one, receipt))


def settle(
    context: Context, person: Person, delivery_id: int, now: datetime, *, posted: str | None
) -> Delivery:
    """A person decides an unknown outcome: posted at this link, or certainly not posted."""
    person.must_have(Right.SETTLE)
    with context.database.write() as connection:
        one = deliveries.by_id(connection, context.commune_id, delivery_id)
        settled = (
            machine.settle_not_posted(one, now)
            if posted is None
            else machine.settle_posted(one, posted, person.name, now)
        )
        if not deliveries.swap(connection, one, settled):
            raise Conflict(
                f"Lượt phát số {delivery_id} vừa thay đổi. Hãy xem lại.",
                f"Delivery {delivery_id} changed meanwhile. Look again.",
            )
        events.note(
            connection, context.commune_id, person.name, "delivery.settled",
            f"delivery {delivery_id}", now, posted=posted,
        )  # fmt: skip
    return settled


def _change(
    context: Context,
    old: Delivery,
    new: Delivery,
    outcome: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> bool:
    """Write a change (and the end of its attempt) if nobody was faster."""
    with context.database.write() as connection:
        if not deliveries.swap(connection, old, new):
            return False
        if outcome and now is not None:
            deliveries.end_attempt(connection, old, outcome, detail or {}, now)
    log.info("delivery %s %s: %s -> %s", old.id, old.target, old.state, new.state)
    return True


def _detail(receipt: Receipt) -> dict[str, Any]:
    return {
        "remote_id": receipt.remote_id,
        "link": receipt.link,
        "visible": receipt.visible,
        "proof": _plain(receipt.proof),
    }


def _both(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _plain(proof: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON, whatever a channel put in: what has been posted must be possible to write down."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(proof), default=str))
    return plain


@contextmanager
def _held_to_its_promise(target: str) -> Iterator[None]:
    """A channel of somebody else may raise anything; what is not ours leaves it unknown."""
    try:
        yield
    except BroadcasterError:
        raise
    except Exception as error:
        name = type(error).__name__
        # Where, but not what: the message of a stranger's error may hold a token.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("the channel of %s broke: %s\n%s", target, name, where)
        raise OutcomeUnknown(
            f"Phần mềm của kênh “{target}” bị lỗi ({name}); chương trình sẽ tra cứu xem bài đã "
            "lên hay chưa. Nếu lặp lại, hãy báo người bảo trì.",
            f"The software of the channel “{target}” broke ({name}); it is looked up whether it "
            "was posted. If it happens again, tell whoever maintains it.",
            code="broken",
        ) from None
