"""How far this clock is from the server's: the quickest of the last few exchanges tells it best."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = 8
SET_ANEW = timedelta(seconds=2)
"""Two measurements that differ by more than this and the way there and back: a clock was set."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer; `offset`: server minus clock, wrong by at most half of `rtt`."""

    offset: timedelta
    rtt: timedelta

    @classmethod
    def of(cls, server: datetime, asked: datetime, rtt: timedelta) -> Exchange:
        """`asked`: by the clock; `rtt`: by the steady clock, which nobody sets meanwhile."""
        return cls(server - (asked + rtt / 2), rtt)


class Offset:
    """Of one line. Measurements from before the clock was set are thrown away."""

    def __init__(self) -> None:
        self._last: deque[Exchange] = deque(maxlen=KEPT)

    def add(self, one: Exchange) -> timedelta:
        """The best offset now that `one` is known too."""
        if self._last and abs(one.offset - self.best().offset) > SET_ANEW + one.rtt:
            self._last.clear()
        self._last.append(one)
        return self.best().offset

    def best(self) -> Exchange:
        return min(self._last, key=lambda one: one.rtt)
