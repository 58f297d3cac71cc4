"""An emergency order: what kind of word it is, whether it is meant, and how often it is said.

Kinds and statuses are those of the Common Alerting Protocol (OASIS CAP 1.2, msgType and status).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.errors import Conflict, InputError

LONGEST = timedelta(hours=24)
"""No order outlives a day: whoever still needs it gives it again."""

UNTIL_STOPPED = 0
"""As a number of rounds: again and again until the order ends."""

ROUNDS = {"once": 1, "three-times": 3, "five-times": 5, "until-stopped": UNTIL_STOPPED}

EXERCISE = "Đây là bản tin diễn tập. " * 3
"""What is said, three times, before anything that is not meant."""


class Kind(StrEnum):
    ALERT = "alert"
    UPDATE = "update"  # takes the place of another
    CANCEL = "cancel"  # it was a mistake
    ALL_CLEAR = "all_clear"  # the danger is over


class Status(StrEnum):
    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Emergency:
    """One order; times aware UTC. `level`: of the danger, 1 (low) to 5, as the commune's plan says.

    `rounds`: UNTIL_STOPPED or how often. In force until `until`, or `ended_at` if that is earlier.
    """

    id: int
    commune_id: int
    announcement_id: int
    rule_id: int
    kind: Kind
    status: Status
    level: int
    rounds: int
    until: datetime
    person: str
    sent_at: datetime
    follows_id: int | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_as: str = ""
    reason: str = ""

    def in_force(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.until


def check_until(until: datetime, now: datetime) -> None:
    """Raises InputError for an end that has passed or is too far off."""
    if not now < until <= now + LONGEST:
        raise InputError(
            "Lệnh khẩn cấp phải có giờ hết hạn, trong vòng 24 giờ: --until 11:00",
            "An emergency needs an end within 24 hours: --until 11:00",
        )


def check_in_force(order: Emergency, now: datetime) -> None:
    if not order.in_force(now):
        raise Conflict(
            f"Lệnh khẩn cấp số {order.id} đã kết thúc. Xem: broadcaster emergency list",
            f"Emergency {order.id} is over. See: broadcaster emergency list",
        )
