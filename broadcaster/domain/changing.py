"""The moves that only a correction or a withdrawal makes: what changes a post that stands already.

The same machine as `delivery`, under the same compare-and-set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from broadcaster.domain.delivery import Action, Delivery, State, ended, must_be
from broadcaster.errors import Conflict, Text

PATIENCE_WITH_CHANGES = timedelta(days=30)
"""A post grows stale within hours; wrong words do harm for as long as they stand there."""

BY_HAND = "by_hand"
"""How a post was changed, in the proof of a correction or withdrawal that a person did."""


def aim(delivery: Delivery, about_id: int, now: datetime) -> Delivery:
    """planned, and from now on a correction of the post of delivery `about_id`."""
    must_be(delivery, State.PLANNED)
    until = max(delivery.expires_at, now + PATIENCE_WITH_CHANGES)
    return replace(delivery, action=Action.CORRECT, about_id=about_id, expires_at=until)


def pointed_at(delivery: Delivery, post: Delivery) -> Delivery:
    """The same about a post whose id and address are known."""
    return replace(delivery, remote_id=post.remote_id, link=post.link)


def post_anew(delivery: Delivery, cause: Text, now: datetime) -> Delivery:
    """sending -> planned as a post of its own: what it was to correct certainly is not there.

    `about_id` stays: it names the post that is gone, so that nobody aims at it again.
    """
    must_be(delivery, State.SENDING)
    return replace(
        delivery, state=State.PLANNED, owner="", next_at=now, action=Action.POST, cause=cause
    )


def repeat(delivery: Delivery, now: datetime) -> Delivery:
    """unknown -> planned without a look-up, for what changes nothing more when done twice."""
    must_be(delivery, State.UNKNOWN)
    if delivery.action == Action.POST:
        raise ValueError(delivery.action)
    if now >= delivery.expires_at:
        cause = Text(
            "Đã quá hạn mà vẫn chưa biết chắc đã sửa hoặc gỡ được chưa; hãy mở kênh xem.",
            "Too late, and still not known whether it was corrected or withdrawn; look there.",
        )
        return ended(delivery, State.MISSED, cause=cause)
    return replace(delivery, state=State.PLANNED, owner="", next_at=now)


def taken_back(delivery: Delivery, proof: Mapping[str, Any], now: datetime) -> Delivery:
    """sending -> confirmed: a withdrawal; the public does not see the post any more."""
    must_be(delivery, State.SENDING)
    return ended(delivery, State.CONFIRMED, proof=dict(proof), cause=None, actual_at=now)


def removed_by_hand(delivery: Delivery, person: str, now: datetime) -> Delivery:
    """failed | missed -> confirmed on a person's word: a withdrawal that the outlet did not do."""
    if delivery.action != Action.WITHDRAW:
        raise Conflict(
            f"Lượt số {delivery.id} không phải lượt gỡ bài.",
            f"Delivery {delivery.id} is no withdrawal.",
        )
    return _by_hand(delivery, person, now)


def corrected_by_hand(delivery: Delivery, post: Delivery, person: str, now: datetime) -> Delivery:
    """failed | missed -> confirmed on a person's word: a correction that the outlet did not do.

    `post`: the delivery whose words stood there; the corrected one stands at the same address.
    """
    if delivery.action != Action.CORRECT:
        raise Conflict(
            f"Lượt số {delivery.id} không phải lượt sửa bài.",
            f"Delivery {delivery.id} is no correction.",
        )
    return _by_hand(pointed_at(delivery, post), person, now)


def _by_hand(delivery: Delivery, person: str, now: datetime) -> Delivery:
    """The one move out of a final state: the row had ended with what a person has to do."""
    must_be(delivery, State.FAILED, State.MISSED)
    proof = {
        "how": BY_HAND,
        "settled_by": person,
        "settled_at": now.isoformat(),
        "link": delivery.link,
    }
    return ended(delivery, State.CONFIRMED, proof=proof, cause=None, actual_at=now)


def gone_before_seen(delivery: Delivery, cause: Text) -> Delivery:
    """accepted -> cancelled: a post that was withdrawn before it had become visible."""
    must_be(delivery, State.ACCEPTED)
    return ended(delivery, State.CANCELLED, cause=cause)
