"""What a process of a province is made of: planner, workers, and how it stands among the others."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from broadcaster.engine.port import Lane, Look
from broadcaster.engine.procrastinate import Procrastinate
from broadcaster.engine.workers import Workers
from broadcaster.server.handling import Handler
from broadcaster.server.planner import Planner, safely
from broadcaster.server.presence import GONE_AFTER_S, Absences, Presence
from broadcaster.services import dispatching
from broadcaster.services.communes import Communes

log = logging.getLogger(__name__)
_RECOVER_EVERY_S = 1.0
_STALLED_EVERY_S = 5.0
_PULLED = 16
"""Of what a commune's stations have not accounted for: many at once when the line was down."""


@contextmanager
def planning(communes: Communes, engine: Procrastinate, presence: Presence) -> Iterator[Planner]:
    """A planner, which works while its process is the elected one."""
    planner = Planner(
        communes,
        engine,
        leads=lambda: presence.leads,
        fitting=Sluice(communes),
        chores=[
            (Recovery(communes, lambda: presence.others), _RECOVER_EVERY_S),
            (engine.retry_stalled, _STALLED_EVERY_S),
        ],
    )
    planner.start()
    try:
        yield planner
    finally:
        planner.stop()


@contextmanager
def working(communes: Communes, engine: Procrastinate, presence: Presence) -> Iterator[Workers]:
    """Workers, which begin nothing while the others cannot know that they live."""
    handler = Handler(communes, may_begin=lambda: presence.here)
    workers = Workers(engine, handler, communes.settings.engine.workers)
    workers.start()
    try:
        yield workers
    finally:
        workers.stop()


class Sluice:
    """Lets through so many of each target and class as may be sent there at once.

    A dead Page so holds `parallel` workers of the province and no more. What is being sent counts,
    whoever sends it; what is let through again every time until it is done, counts once.
    """

    def __init__(self, communes: Communes) -> None:
        self._communes = communes

    def __call__(self, looks: Sequence[Look]) -> list[Look]:
        if not looks:
            return []
        taken = Counter(
            (one.commune_id, one.target, one.priority)
            for one in dispatching.under_way(self._communes.database)
        )
        return [look for look in looks if self._fits(look, taken)]

    def _fits(self, look: Look, taken: Counter[Lane]) -> bool:
        taken[look.lane] += 1
        if look.pulled:
            return taken[look.lane] <= _PULLED
        return taken[look.lane] <= self._communes.of(look.commune_id).config.delivery.parallel


class Recovery:
    """Finds out what became of the attempts of workers that are gone.

    An attempt whose worker is there goes on until its own lease has run out, however long it takes.
    `others`: who is there, by `number_of` their names. `steady`: seconds of a clock nobody sets.
    """

    def __init__(
        self,
        communes: Communes,
        others: Callable[[], Collection[int]],
        gone_after_s: float = GONE_AFTER_S,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._communes, self._others, self._steady = communes, others, steady
        self._absences = Absences(gone_after_s)

    def __call__(self) -> None:
        under_way = dispatching.under_way(self._communes.database)
        owners = {one.owner for one in under_way}
        gone = self._absences.gone(owners, self._others(), self._steady())
        for one in under_way:
            if one.owner in gone:
                log.warning("delivery %s: its worker %s is gone", one.id, one.owner)
                safely(self._give_up)(one)

    def _give_up(self, one: dispatching.UnderWay) -> None:
        context = self._communes.of(one.commune_id)
        dispatching.give_up(context, one.id, one.owner, context.clock())
