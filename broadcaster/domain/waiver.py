"""An exception to the policy: which limit, for which item, on which days, by whom and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.domain.policy import Limit


@dataclass(frozen=True, slots=True)
class Waiver:
    """`place`: where it was given, as the log names machines. Days are local, both included."""

    id: int
    commune_id: int
    announcement_id: int
    limit: Limit
    first_day: date
    last_day: date
    reason: str
    person: str
    place: str
    created_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""


def waived(waivers: Iterable[Waiver], day: date) -> frozenset[Limit]:
    """What the exceptions in force allow on that day."""
    return frozenset(
        one.limit
        for one in waivers
        if one.revoked_at is None and one.first_day <= day <= one.last_day
    )
