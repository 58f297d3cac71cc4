"""One time of day for all processes of a province: the database's.

A machine whose own clock is minutes off so posts neither early nor late, and its stations are told
the right time. Between two questions a steady count of seconds carries on, which nobody sets.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

log = logging.getLogger(__name__)
TOLERATED = timedelta(seconds=2)
_SLOW_S = 1.0
"""An answer that took longer says the time too vaguely to replace an older one."""


class CommonClock:
    """Gives aware UTC. `ask`: the database's time of day; `local`: this machine's, to compare."""

    def __init__(
        self,
        ask: Callable[[], datetime],
        local: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._local, self._steady = local, steady
        self._asked, self._answer = self._sample(ask)[1:]
        self.off_by = timedelta()
        """How far this machine's own clock is ahead."""
        self._compare()

    def __call__(self) -> datetime:
        return self._answer + timedelta(seconds=self._steady() - self._asked)

    def measure(self, ask: Callable[[], datetime]) -> None:
        """Ask again: steady clocks drift, and stand still while a machine sleeps."""
        took, asked, answer = self._sample(ask)
        if took <= _SLOW_S:
            self._asked, self._answer = asked, answer
        self._compare()

    def _sample(self, ask: Callable[[], datetime]) -> tuple[float, float, datetime]:
        before = self._steady()
        answer = ask()
        after = self._steady()
        return after - before, (before + after) / 2, answer

    def _compare(self) -> None:
        was, self.off_by = self.off_by, self._local() - self()
        if abs(self.off_by) > TOLERATED and abs(self.off_by - was) > TOLERATED:
            log.warning(
                "đồng hồ máy này lệch %+.0f giây so với cơ sở dữ liệu; chương trình đi theo giờ "
                "của cơ sở dữ liệu. Hãy bật đồng bộ giờ (chrony) trên mọi máy chủ",
                self.off_by.total_seconds(),
            )
