"""What is done once for all: deliveries planned, wake-ups given, alarms raised.

Everything here is idempotent, so a planner that comes back after another has begun does no harm:
rows have unique keys, a wake-up may be repeated, an alarm is looked for before it is written.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import cycle
from typing import ParamSpec

from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster.engine.port import Engine, Look
from broadcaster.errors import Unavailable
from broadcaster.services import dispatching
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.services.dispatching import Due
from broadcaster.services.stations import alarming
from broadcaster.services.timetable import planning
from broadcaster.services.timetable.rounds import Rounds

log = logging.getLogger(__name__)
P = ParamSpec("P")
AT_ONCE = 64
"""Of each target and class at one look: more than its workers finish until the next one."""
Chore = tuple[Callable[[], object], float]
"""What else is to be done, and every how many seconds."""
_PLAN_EVERY_S = 2.0
_SWEEP_EVERY_S = 0.5
_ALARM_EVERY_S = 10.0
_PARTS = 10


class Planner:
    """Ticks that carry nothing: the database says what is due, the engine wakes whoever does it.

    `leads`: asked before every tick, where several processes stand for it.
    """

    def __init__(
        self,
        communes: Communes,
        engine: Engine,
        *,
        at_once: int = AT_ONCE,
        leads: Callable[[], bool] = lambda: True,
        fitting: Callable[[Sequence[Look]], Sequence[Look]] = lambda looks: looks,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._communes, self._engine = communes, engine
        self._at_once, self._leads, self._fitting = at_once, leads, fitting
        self._sweeping = threading.Lock()
        self._rounds = Rounds(communes)
        self._alarms: dict[int, alarming.Watch] = {}
        self._parts = cycle(range(_PARTS))
        # With the defaults a tick that is late by a second would be dropped.
        self._ticks = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        own: list[Chore] = [
            (self.plan, _PLAN_EVERY_S),
            (self.sweep, _SWEEP_EVERY_S),
            (self.watch, _ALARM_EVERY_S / _PARTS),
        ]
        for chore, seconds in [*own, *chores]:
            self._ticks.add_job(self._when_leading(chore), "interval", seconds=seconds)

    def start(self) -> None:
        self._ticks.start()

    def stop(self) -> None:
        """Waits for the ticks under way."""
        if self._ticks.running:
            self._ticks.shutdown()

    def _when_leading(self, chore: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            if self._leads():
                safely(chore)()

        return run

    def watch(self) -> None:
        """A tenth of the communes at a tick, each in its turn: never all of a province at once."""
        part, now = next(self._parts), self._communes.clock()
        for one in self._communes.every()[part::_PARTS]:
            watch = self._alarms.setdefault(one.commune_id, alarming.Watch(one))
            safely(watch.look)(now)

    def plan(self) -> None:
        now = self._communes.clock()
        for context, since in self._rounds.at(now):
            safely(self._plan_one)(context, now, since)

    def _plan_one(self, context: Context, now: datetime, since: datetime | None) -> None:
        planning.plan(context, now, since)
        if since is None:
            self._rounds.went_through(context, now)

    def sweep(self) -> None:
        """Have everything looked at that is due, or will be soon; returns at once.

        It is also what repairs an engine that forgot: what was not done is still due.
        """
        with self._sweeping:  # a tick and a lane that ran dry: one after the other
            now, ahead = self._communes.clock(), self._engine.ahead
            due = dispatching.due(self._communes.database, now, self._at_once, ahead)
            served = {one.commune_id for one in self._communes.every()} if due else set()
            looks = [_look(one) for one in due if one.commune_id in served]
            self._engine.wake(self._fitting(looks))


def _look(one: Due) -> Look:
    return Look(one.commune_id, one.id, one.target, one.priority, one.next_at, one.pulled)


def safely(tick: Callable[P, object]) -> Callable[P, None]:
    """A tick that fails (disk full, database busy) is logged and comes again."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            tick(*args, **kwargs)
        except Unavailable as error:  # nobody is helped by where in the program it was missed
            log.warning("tick failed: %s", error.text.en)
        except Exception:
            log.exception("tick failed")

    return run
