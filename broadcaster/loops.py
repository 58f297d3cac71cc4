"""What wakes the services: fixed ticks that carry nothing. The database says what is due."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import Delivery
from broadcaster.services import dispatching, planning
from broadcaster.services.context import Context

log = logging.getLogger(__name__)
_WORKERS = 6
_PLAN_ALL_EVERY = timedelta(minutes=10)
_RECENTLY = timedelta(minutes=1)
_PLAN_EVERY_S = 2.0
_DISPATCH_EVERY_S = 0.5


class Loops:
    """Ticks and workers of one process; one delivery of a target at a time.

    A dead Page so holds up one thread and no other target. Emergencies have workers of their own.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._busy: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._planned_all: datetime | None = None
        self._routine = ThreadPoolExecutor(_WORKERS, "dispatch")
        self._urgent = ThreadPoolExecutor(_WORKERS, "dispatch-urgent")
        # With the defaults a tick that is late by a second would be dropped.
        self._ticks = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Settle what a dead predecessor left, then tick until `stop`."""
        recovered = dispatching.recover(self._context, self._context.clock())
        if recovered:
            log.warning("%s deliveries were being sent when the program died", recovered)
        self._ticks.add_job(_safely(self._plan), "interval", seconds=_PLAN_EVERY_S)
        self._ticks.add_job(_safely(self.dispatch), "interval", seconds=_DISPATCH_EVERY_S)
        self._ticks.start()

    def stop(self, patience_s: float = 4.0) -> None:
        """No new work; what is being sent is waited for a while.

        A far side that keeps silent for longer does not keep the program: the attempt is written
        down, and the next start looks up what became of it.
        """
        if self._ticks.running:
            self._ticks.shutdown()
        for pool in (self._routine, self._urgent):
            pool.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + patience_s
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.02)

    def _plan(self) -> None:
        """What is new at every tick; all rules now and then, as days come within the horizon."""
        now = self._context.clock()
        everything = self._planned_all is None or abs(now - self._planned_all) > _PLAN_ALL_EVERY
        planning.plan(self._context, now, None if everything else now - _RECENTLY)
        if everything:
            self._planned_all = now

    def dispatch(self) -> None:
        """Hand everything that is due to the workers; returns at once."""
        for one in dispatching.due(self._context, self._context.clock()):
            lane = (one.target, one.priority)
            with self._lock:
                if lane in self._busy:
                    continue
                self._busy.add(lane)
            urgent = one.priority == Priority.EMERGENCY
            pool = self._urgent if urgent else self._routine
            pool.submit(self._handle, one).add_done_callback(partial(self._free, lane))

    def _handle(self, one: Delivery) -> None:
        try:
            dispatching.handle(self._context, one.id, self._context.clock())
        except Exception:
            log.exception("delivery %s", one.id)

    def _free(self, lane: tuple[str, str], _done: Future[None]) -> None:
        with self._lock:
            self._busy.discard(lane)


def _safely(tick: Callable[[], None]) -> Callable[[], None]:
    """A tick that fails (disk full, database busy) is logged and comes again."""

    def run() -> None:
        try:
            tick()
        except Exception:
            log.exception("tick failed")

    return run
