"""The door to time: everything else in the station is given a clock or a `now`."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

LONGEST_WAIT = 1.0
"""Seconds. A longer sleep would miss a clock that is set meanwhile, or a PC that was suspended."""

SHORT = 0.05
"""Seconds that are just slept: a wait that can be cut short costs nearly twice as much."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC, as the machine believes it."""

    def monotonic(self) -> float:
        """Seconds that only grow; not moved when the clock is set."""

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, at most LONGEST_WAIT, or sooner when the program is to end."""


class SystemClock:
    """The machine's own clock; `stop` cuts every wait short that is longer than SHORT."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    @staticmethod
    def read() -> datetime:
        return datetime.now(UTC)

    def now(self) -> datetime:
        return self.read()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        if seconds > SHORT:
            self._stop.wait(min(seconds, LONGEST_WAIT))
        elif seconds > 0 and not self._stop.is_set():
            time.sleep(seconds)
