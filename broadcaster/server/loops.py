"""Planner and workers of one process that has its data to itself: `broadcaster run` as it comes."""

from __future__ import annotations

import logging

from broadcaster.engine.embedded import Embedded
from broadcaster.server.handling import Handler
from broadcaster.server.planner import AT_ONCE, Planner, safely
from broadcaster.services import dispatching
from broadcaster.services.communes import Communes

log = logging.getLogger(__name__)


class Loops:
    """Ticks, and lanes of workers: see `Planner` and `Embedded`."""

    def __init__(self, communes: Communes, at_once: int = AT_ONCE) -> None:
        self._communes = communes
        self.engine = Embedded(Handler(communes), self._parallel, safely(self.dispatch))
        self._planner = Planner(communes, self.engine, at_once=at_once)

    def _parallel(self, commune_id: int) -> int:
        return self._communes.of(commune_id).config.delivery.parallel

    def start(self) -> None:
        """Settle what a dead predecessor left, then tick until `stop`."""
        now = self._communes.clock()
        recovered = sum(dispatching.recover(one, now) for one in self._communes.every())
        if recovered:
            log.warning("%s deliveries were being sent when the program died", recovered)
        self._planner.start()

    def stop(self, patience_s: float = 4.0) -> None:
        """No new work; what is being sent is waited for a while."""
        self._planner.stop()
        self.engine.stop(patience_s)

    def dispatch(self) -> None:
        """Hand everything that is due to the workers; returns at once."""
        self._planner.sweep()
