"""A clock that a test moves: waiting costs nothing, and it can be set like any bad clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
"""12:00 in Việt Nam."""


class FakeClock:
    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._steady = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._steady

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=max(seconds, 0.001))
        self._steady += max(seconds, 0.001)

    def set(self, now: datetime) -> None:
        """As a hand, NTP or an empty battery does: the steady clock does not move."""
        self._now = now
