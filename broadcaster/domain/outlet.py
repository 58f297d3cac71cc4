"""How one target is doing: whether it is worth calling now, and how much of its day is used.

A circuit in the electrician's sense. It opens after repeated failures, or at once on news that is
about the whole target (a dead token, a rate limit); while it is open nothing is tried, so no
attempt is burnt. When its rest is over, one question that posts nothing decides whether it closes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.domain.delivery import LEASE
from broadcaster.domain.patience import back_off
from broadcaster.errors import Text

FAILURES_ALLOWED = 3
"""So many in a row, and the target rests."""

TIRED_FOR = timedelta(minutes=15)
"""Rest near the end of the call allowance when the far side does not say how long; [?] there."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """`failures` in a row; `rests_until` (UTC) while open; `used` tries on the local `day`."""

    commune_id: int
    target: str
    failures: int = 0
    rests_until: datetime | None = None
    cause: Text | None = None
    day: str = ""
    used: int = 0

    @property
    def resting(self) -> bool:
        return self.rests_until is not None

    @property
    def doubtful(self) -> bool:
        """It rests because it failed: ask before posting. A mere limit needs no question."""
        return self.resting and self.failures > 0

    def used_on(self, day: str) -> int:
        return self.used if self.day == day else 0


def failed(outlet: Outlet, cause: Text, now: datetime) -> Outlet:
    """One more failure in a row that may be the target's; from the third on it rests.

    What was under way or is looked up meanwhile and fails as well tells nothing new.
    """
    if outlet.rests_until is not None and now < outlet.rests_until:
        return outlet
    failures = outlet.failures + 1
    if failures < FAILURES_ALLOWED:
        return replace(outlet, failures=failures)
    return _rest(replace(outlet, failures=failures), cause, now)


def broken(outlet: Outlet, cause: Text, now: datetime) -> Outlet:
    """Certainly the target's fault (a dead token): it rests at once."""
    return _rest(replace(outlet, failures=max(outlet.failures + 1, FAILURES_ALLOWED)), cause, now)


def limited(outlet: Outlet, cause: Text, until: datetime) -> Outlet:
    """The far side named a time before which it wants no call: no failure, but a rest."""
    if outlet.rests_until is not None and outlet.rests_until >= until:
        return outlet
    return replace(outlet, rests_until=until, cause=cause)


def well(outlet: Outlet) -> Outlet:
    """It works: the circuit closes."""
    return replace(outlet, failures=0, rests_until=None, cause=None)


def answered(outlet: Outlet) -> Outlet:
    """It answers questions again; the failures count until it has taken a post, too."""
    return replace(outlet, rests_until=None)


def probing(outlet: Outlet, now: datetime) -> Outlet:
    """One worker asks; the others wait, no longer than that worker can live."""
    return replace(outlet, rests_until=now + LEASE)


def spent(outlet: Outlet, day: str) -> Outlet:
    """One more try on that day."""
    return replace(outlet, day=day, used=outlet.used_on(day) + 1)


def _rest(outlet: Outlet, cause: Text, now: datetime) -> Outlet:
    wait = back_off(outlet.failures - FAILURES_ALLOWED + 1, outlet.target)
    return replace(outlet, rests_until=now + wait, cause=cause)
