"""This process among the others of the province: that it lives, and whether it is the planner.

Both are locks of one PostgreSQL session that stays open, so they go with the process, however it
ends, and nobody reads a clock to find out who is dead.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from broadcaster.common_clock import CommonClock
from broadcaster.errors import Unavailable
from broadcaster.store.database import Database
from broadcaster.store.session import PLANNER, PRESENT, Session, number_of

log = logging.getLogger(__name__)
_LOOK_EVERY_S = 1.0
_GOOD_FOR_S = 3.0
"""A look that is older says nothing any more: the line may be cut, and another be the planner."""
_MEASURE_EVERY_S = 20.0
GONE_AFTER_S = 6.0
"""Longer than a living process needs to come back after its line or the database was gone."""


class Presence:
    """Looks once a second, in a thread of its own.

    `plans`: whether it stands for the planner. `clock`: put right by the same line now and then.
    """

    def __init__(
        self, database: Database, owner: str, *, plans: bool, clock: CommonClock | None = None
    ) -> None:
        self._session, self._number, self._plans = Session(database), number_of(owner), plans
        self._clock = clock
        self._looked = self._led = float("-inf")
        self._measured = time.monotonic()
        self._away = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="presence", daemon=True)
        self.others: frozenset[int] = frozenset()
        """Who was there at the last look, by `number_of` their owner."""

    def start(self) -> None:
        """Raises Unavailable when the database cannot be reached."""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Everything is given back at once: another planner need not wait."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_GOOD_FOR_S)
        self._looked = self._led = float("-inf")
        self._session.drop()

    def alone(self) -> bool:
        """Whether no other process serves this database; before `start`. Raises Unavailable."""
        self._look()
        self._look()  # whoever came at the same moment is seen now, by one of the two at least
        return self.others <= {self._number}

    @property
    def here(self) -> bool:
        """Whether the others can know that this process lives; else it begins nothing new."""
        return time.monotonic() - self._looked < _GOOD_FOR_S

    @property
    def leads(self) -> bool:
        """Whether it is the planner. A line that hangs ends this before another one begins.

        Even if two thought so for a moment: all that a planner does is idempotent.
        """
        return time.monotonic() - self._led < _GOOD_FOR_S

    def _keep(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            try:
                self._look()
            except Unavailable as error:
                self._led = float("-inf")
                self._session.drop()
                if not self._away:
                    log.warning("the database is away: %s", error.text.en)
                self._away = True
            else:
                if self._away:
                    log.warning("the database is back")
                self._away = False

    def _look(self) -> None:
        led, before = self.leads, time.monotonic()
        self.others = self._session.holders(PRESENT)
        if self._number not in self.others:
            self._session.take(PRESENT, self._number)
            self._led = float("-inf")
        self._looked = before
        if self._plans and (led or self._session.take(PLANNER, 0)):
            self._led = before
            if not led:
                log.warning("this process is the planner now")
        if self._clock is not None and before - self._measured > _MEASURE_EVERY_S:
            self._clock.measure(self._session.now)
            self._measured = before


class Absences:
    """Owners that nobody has seen for a while, at every single look.

    It counts only its own looks: after a gap (the database was gone, another was the planner) it
    begins anew, as the living, too, have to come back first.
    """

    def __init__(self, gone_after_s: float = GONE_AFTER_S, gap_s: float = _GOOD_FOR_S) -> None:
        self._gone_after, self._gap = gone_after_s, gap_s
        self._last = float("-inf")
        self._since: dict[str, float] = {}

    def gone(self, owners: Collection[str], others: Collection[int], at: float) -> frozenset[str]:
        """Which of the `owners` have been away for long; `at`: seconds of a steady clock."""
        if at - self._last > self._gap:
            self._since = {}
        self._last = at
        away = {owner for owner in owners if number_of(owner) not in others}
        self._since = {owner: self._since.get(owner, at) for owner in away}
        return frozenset(
            owner for owner, since in self._since.items() if at - since >= self._gone_after
        )
