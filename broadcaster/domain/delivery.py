"""One target at one time: its states, and the only moves allowed between them.

Those of corrections and withdrawals alone are in `changing`.

Every function takes the delivery as it was read and returns the changed copy. The store writes the
copy only if state, attempt number, owner, look-ups and call-back are still the ones that were read
(compare-and-set), so two workers, a late answer or a second recoverer can never both win.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcaster.errors import Conflict, Text


class State(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"  # an attempt is under way, or the station has been handed the item
    ACCEPTED = "accepted"  # the far side took it; not yet proved visible or heard
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"  # nobody knows; looked up, never sent again blindly
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    PARTLY_AIRED = "partly_aired"


class Action(StrEnum):
    """What is to be done there. All but POST change something that is there, so doing them again
    changes nothing more: after an unclear answer they are repeated, not looked up."""

    POST = "post"
    CORRECT = "correct"  # put these words in the place of an earlier post's
    WITHDRAW = "withdraw"  # delete or hide an earlier post


FINAL = frozenset(
    {State.CONFIRMED, State.FAILED, State.MISSED, State.CANCELLED, State.PARTLY_AIRED}
)
LOUDSPEAKER = "loudspeaker"
"""The one channel that is pulled: stations fetch it and play by themselves."""

LEASE = timedelta(minutes=5)
"""How long one attempt may take before its worker counts as dead. Longer than every time-out."""

ABSENT_NEEDED = 3
"""So many authoritative look-ups must say "not there" before another try: lists lag."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """All times aware UTC. `next_at`: when somebody must look at it again; None once final.

    `about_id`: the delivery whose post is corrected or withdrawn.
    """

    id: int
    uid: str
    commune_id: int
    announcement_id: int
    revision_id: int
    rendition_id: int
    approval_id: int
    rule_id: int
    channel: str
    target: str
    priority: str
    due_at: datetime
    expires_at: datetime
    state: State
    next_at: datetime | None
    attempt_no: int = 0
    owner: str = ""
    absent_seen: int = 0
    marker: str = ""
    remote_id: str = ""
    link: str = ""
    actual_at: datetime | None = None
    cause: Text | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)
    cancel_asked_at: datetime | None = None
    action: Action = Action.POST
    about_id: int | None = None
    occurs_at: datetime | None = None
    slot_id: int | None = None

    @property
    def occurrence(self) -> datetime:
        """The instant of the rule that it stands for: a slot or a stagger may have moved it."""
        return self.occurs_at or self.due_at

    @property
    def pulled(self) -> bool:
        return self.channel == LOUDSPEAKER

    @property
    def final(self) -> bool:
        return self.state in FINAL


def must_be(delivery: Delivery, *allowed: State) -> None:
    """Raises Conflict in any other state: the move is not one of this machine's."""
    if delivery.state not in allowed:
        raise Conflict(
            f"Lượt phát số {delivery.id} đang ở trạng thái “{delivery.state}”, "
            "không thể đổi như yêu cầu.",
            f"Delivery {delivery.id} is {delivery.state}; that change is not possible.",
        )


def ended(delivery: Delivery, state: State, **changes: Any) -> Delivery:
    """In a final state: nobody has to look at it again."""
    return replace(delivery, state=state, next_at=None, owner="", **changes)


# --- pushed channels: an attempt row is written before the call ---------------------------------


def claim(delivery: Delivery, owner: str, now: datetime) -> Delivery:
    """planned -> sending. Refused past the expiry: a late post is missed, not sent."""
    must_be(delivery, State.PLANNED)
    if delivery.pulled or now < (delivery.next_at or delivery.due_at) or now >= delivery.expires_at:
        raise Conflict(
            f"Lượt phát số {delivery.id} chưa đến giờ hoặc đã quá hạn.",
            f"Delivery {delivery.id} is not due, or past its time.",
        )
    return replace(
        delivery,
        state=State.SENDING,
        owner=owner,
        attempt_no=delivery.attempt_no + 1,
        next_at=now + LEASE,
        absent_seen=0,
        cause=None,
    )


def hold_back(delivery: Delivery, cause: Text | None, at: datetime) -> Delivery:
    """planned, looked at again at `at`: something of ours keeps it from being tried, or no more."""
    must_be(delivery, State.PLANNED)
    return replace(delivery, next_at=min(at, delivery.expires_at), cause=cause)


def accept(
    delivery: Delivery, remote_id: str, link: str, now: datetime, look_at: datetime
) -> Delivery:
    """sending | unknown -> accepted: the far side has it under `remote_id`."""
    must_be(delivery, State.SENDING, State.UNKNOWN)
    return replace(
        delivery,
        state=State.ACCEPTED,
        owner="",
        remote_id=remote_id,
        link=link,
        actual_at=delivery.actual_at or now,
        next_at=look_at,
        cause=None,
    )


def confirm(delivery: Delivery, proof: Mapping[str, Any], **changes: Any) -> Delivery:
    """accepted -> confirmed, with what the far side showed as proof."""
    must_be(delivery, State.ACCEPTED)
    return ended(delivery, State.CONFIRMED, proof=dict(proof), cause=None, **changes)


def refuse(delivery: Delivery, cause: Text) -> Delivery:
    """sending | accepted -> failed: certainly not delivered, and a person must act."""
    must_be(delivery, State.SENDING, State.ACCEPTED)
    return ended(delivery, State.FAILED, cause=cause)


def try_later(delivery: Delivery, cause: Text, at: datetime) -> Delivery:
    """sending -> planned, or missed when the next try would come too late."""
    must_be(delivery, State.SENDING)
    if at >= delivery.expires_at:
        return ended(delivery, State.MISSED, cause=cause)
    return replace(delivery, state=State.PLANNED, owner="", next_at=at, cause=cause)


def lose(delivery: Delivery, cause: Text, look_at: datetime) -> Delivery:
    """sending -> unknown: a time-out, a 5xx after sending, a dead worker. Never back to planned."""
    must_be(delivery, State.SENDING)
    return replace(
        delivery, state=State.UNKNOWN, owner="", next_at=look_at, absent_seen=0, cause=cause
    )


def not_seen(delivery: Delivery, now: datetime, look_at: datetime) -> Delivery:
    """An authoritative look-up found nothing. Seen often enough, another try is allowed."""
    must_be(delivery, State.UNKNOWN)
    seen = delivery.absent_seen + 1
    if seen < ABSENT_NEEDED:
        return replace(delivery, absent_seen=seen, next_at=look_at)
    return _released(replace(delivery, absent_seen=seen), now)


def look_again(
    delivery: Delivery, look_at: datetime, remote_id: str = "", link: str = ""
) -> Delivery:
    """The far side could not be asked, or has not made it visible yet: ask later."""
    must_be(delivery, State.UNKNOWN, State.ACCEPTED)
    return replace(
        delivery,
        next_at=look_at,
        remote_id=remote_id or delivery.remote_id,
        link=link or delivery.link,
    )


def doubt(delivery: Delivery, cause: Text, look_at: datetime | None) -> Delivery:
    """planned | unknown -> unknown: the row is from an older copy of the database, and what it
    knows nothing of may have happened since. Looked up from the first look-up on."""
    must_be(delivery, State.PLANNED, State.UNKNOWN)
    return replace(
        delivery, state=State.UNKNOWN, owner="", next_at=look_at, absent_seen=0, cause=cause
    )


def settle_posted(delivery: Delivery, link: str, person: str, now: datetime) -> Delivery:
    """unknown -> confirmed on a person's word."""
    must_be(delivery, State.UNKNOWN)
    proof = {"settled_by": person, "settled_at": now.isoformat(), "link": link}
    actual = delivery.actual_at or now
    return ended(delivery, State.CONFIRMED, link=link, proof=proof, actual_at=actual, cause=None)


def settle_not_posted(delivery: Delivery, now: datetime) -> Delivery:
    """unknown -> planned (another try) or missed when it is too late, on a person's word."""
    must_be(delivery, State.UNKNOWN)
    return _released(delivery, now)


def _released(delivery: Delivery, now: datetime) -> Delivery:
    if delivery.pulled:
        cause = Text(
            "Người trực xác nhận là chưa phát; đã quá giờ nên không phát nữa.",
            "A person says that it was not heard; it is too late to play it now.",
        )
        return ended(delivery, State.MISSED, cause=cause)
    if now >= delivery.expires_at:
        cause = Text(
            "Đã tra cứu: chắc chắn chưa đăng, và đã quá giờ cho phép.",
            "Looked up: certainly not delivered, and too late for another try.",
        )
        return ended(delivery, State.MISSED, cause=cause)
    return replace(delivery, state=State.PLANNED, owner="", next_at=now, absent_seen=0)


# --- the pulled channel: the station plays, its as-run entries prove it -------------------------


def hand_over(delivery: Delivery, station: str, proof_by: datetime) -> Delivery:
    """planned -> sending: the station was given the item and may play it from now on."""
    must_be(delivery, State.PLANNED)
    return replace(
        delivery,
        state=State.SENDING,
        owner=station,
        attempt_no=delivery.attempt_no + 1,
        next_at=proof_by,
    )


def held(delivery: Delivery) -> Delivery:
    """sending -> accepted: plan and audio are on the station's disk."""
    must_be(delivery, State.SENDING)
    return replace(delivery, state=State.ACCEPTED)


def no_proof(delivery: Delivery, cause: Text) -> Delivery:
    """sending | accepted -> unknown: it should have been heard by now and nobody has said so.

    `next_at` is cleared: only the station's word, or a person's, can settle it.
    """
    must_be(delivery, State.SENDING, State.ACCEPTED)
    return replace(delivery, state=State.UNKNOWN, next_at=None, cause=cause)


def as_run(
    delivery: Delivery,
    outcome: State,
    proof: Mapping[str, Any],
    actual_at: datetime | None,
    cause: Text | None = None,
) -> Delivery:
    """The station's word ends it: confirmed, partly_aired, missed or cancelled."""
    must_be(delivery, State.SENDING, State.ACCEPTED, State.UNKNOWN)
    if outcome not in FINAL:
        raise ValueError(outcome)
    return ended(delivery, outcome, proof=dict(proof), actual_at=actual_at, cause=cause)


# --- both ----------------------------------------------------------------------------------------


def miss(delivery: Delivery, cause: Text) -> Delivery:
    """planned -> missed: its time has passed, and the cause is written down."""
    must_be(delivery, State.PLANNED)
    return ended(delivery, State.MISSED, cause=cause)


def cancel(delivery: Delivery, cause: Text, now: datetime) -> Delivery:
    """planned -> cancelled. What a station already holds is only asked back; its answer ends it."""
    if delivery.pulled and delivery.state in {State.SENDING, State.ACCEPTED}:
        return replace(delivery, cancel_asked_at=now, cause=cause)
    must_be(delivery, State.PLANNED)
    return ended(delivery, State.CANCELLED, cause=cause, cancel_asked_at=now)
