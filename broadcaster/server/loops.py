"""What wakes the services: fixed ticks that carry nothing. The database says what is due."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import ParamSpec

from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster.services import dispatching
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.services.dispatching import Due
from broadcaster.services.stations import alarming
from broadcaster.services.timetable import planning

log = logging.getLogger(__name__)
P = ParamSpec("P")
Lane = tuple[int, str, str]
"""Commune, target, class."""
_AT_ONCE = 64
"""Of each target and class at one look: more than its workers finish until the next one."""
_PLAN_ALL_EVERY = timedelta(minutes=10)
_RECENTLY = timedelta(minutes=1)
_PLAN_EVERY_S = 2.0
_DISPATCH_EVERY_S = 0.5
_ALARM_EVERY_S = 10.0


class Loops:
    """Ticks and workers of one process: a lane of a few workers for each target and class.

    A dead Page so holds up its own lane and no other target; an emergency never waits behind
    routine posts. A lane that has been emptied asks at once for more: a backlog drains as fast as
    the far side takes it, not one a tick.
    """

    def __init__(self, communes: Communes, at_once: int = _AT_ONCE) -> None:
        self._communes = communes
        self._at_once = at_once
        self._lock = threading.Lock()
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._handed: dict[int, Lane] = {}  # by delivery: waiting in its lane, or in hand
        self._in_hand: set[int] = set()
        self._fetching = threading.Lock()
        self._ended = False
        self._planned_all: dict[int, datetime] = {}  # by commune
        self._alarms: dict[int, alarming.Watch] = {}
        # With the defaults a tick that is late by a second would be dropped.
        self._ticks = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Settle what a dead predecessor left, then tick until `stop`."""
        now = self._communes.clock()
        recovered = sum(dispatching.recover(one, now) for one in self._communes.every())
        if recovered:
            log.warning("%s deliveries were being sent when the program died", recovered)
        self._ticks.add_job(_safely(self._plan), "interval", seconds=_PLAN_EVERY_S)
        self._ticks.add_job(_safely(self.dispatch), "interval", seconds=_DISPATCH_EVERY_S)
        self._ticks.add_job(_safely(self._watch), "interval", seconds=_ALARM_EVERY_S)
        self._ticks.start()

    def stop(self, patience_s: float = 4.0) -> None:
        """No new work; what is being sent is waited for a while.

        A far side that keeps silent for longer does not keep the program: the attempt is written
        down, and the next start looks up what became of it.
        """
        if self._ticks.running:
            self._ticks.shutdown()
        with self._lock:
            self._ended = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + patience_s
        while self._in_hand and time.monotonic() < deadline:
            time.sleep(0.02)

    def _watch(self) -> None:
        for one in self._communes.every():
            watch = self._alarms.setdefault(one.commune_id, alarming.Watch(one))
            _safely(watch.look)(one.clock())

    def _plan(self) -> None:
        for one in self._communes.every():
            _safely(self._plan_one)(one)

    def _plan_one(self, context: Context) -> None:
        """What is new at every tick; all rules now and then, as days come within the horizon."""
        now = context.clock()
        before = self._planned_all.get(context.commune_id)
        everything = before is None or abs(now - before) > _PLAN_ALL_EVERY
        planning.plan(context, now, None if everything else now - _RECENTLY)
        if everything:
            self._planned_all[context.commune_id] = now

    def dispatch(self) -> None:
        """Hand everything that is due to the workers; returns at once."""
        with self._fetching:  # a tick and an emptied lane: one after the other
            due = dispatching.due(self._communes.database, self._communes.clock(), self._at_once)
            served = {one.commune_id: one for one in self._communes.every()} if due else {}
            with self._lock:
                for one in due:
                    if one.commune_id in served and one.id not in self._handed and not self._ended:
                        self._hand_over(served[one.commune_id], one)

    def _hand_over(self, context: Context, one: Due) -> None:
        lane = _lane(one)
        if lane not in self._lanes:
            workers = context.config.delivery.parallel
            self._lanes[lane] = ThreadPoolExecutor(workers, f"dispatch-{lane[1]}")
        self._handed[one.id] = lane
        self._lanes[lane].submit(self._work, context, one, lane)

    def _work(self, context: Context, one: Due, lane: Lane) -> None:
        self._in_hand.add(one.id)
        changed = False
        try:
            changed = dispatching.handle(context, one.id, context.clock())
        except Exception:
            log.exception("delivery %s", one.id)
        finally:
            with self._lock:
                del self._handed[one.id]
                left = sum(other == lane for other in self._handed.values())
                self._in_hand.discard(one.id)
        # What could not be done now would be handed out again and again: that is for the next tick.
        if changed and left < context.config.delivery.parallel and not self._ended:
            _safely(self.dispatch)()


def _lane(one: Due) -> Lane:
    """What stations have or have not done needs no far side: all of that is one lane."""
    target, priority = ("", "") if one.pulled else (one.target, one.priority)
    return one.commune_id, target, priority


def _safely(tick: Callable[P, object]) -> Callable[P, None]:
    """A tick that fails (disk full, database busy) is logged and comes again."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            tick(*args, **kwargs)
        except Exception:
            log.exception("tick failed")

    return run
