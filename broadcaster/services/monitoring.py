"""How a server is doing, for people and programs that watch over it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.alarm import SILENT_AFTER
from broadcaster.store import figures as store
from broadcaster.store.database import Database
from broadcaster.store.figures import Waiting
from broadcaster.store.session import PLANNER, holders

RECENTLY = timedelta(minutes=5)
KEPT = timedelta(seconds=10)
"""So often the database is asked at most, however many ask."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all communes. `planners`: processes that plan just now; None where nobody is elected."""

    at: datetime
    due: Sequence[Waiting]
    unknown: Mapping[str, int]
    stations: int
    silent: int
    attempts: Mapping[str, int]
    planners: int | None


class Board:
    """The figures, not older than KEPT. Asked from any thread; raises Unavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self._known: Figures | None = None

    def figures(self) -> Figures:
        with self._lock:  # many who ask at once wait for one look
            now = self._clock()
            if self._known is None or not timedelta() <= now - self._known.at < KEPT:
                self._known = _look(self._database, now)
            return self._known


def _look(database: Database, now: datetime) -> Figures:
    with database.read() as connection:
        every, silent = store.stations(connection, now - SILENT_AFTER)
        return Figures(
            at=now,
            due=store.due(connection, now),
            unknown=store.unknown(connection),
            stations=every,
            silent=silent,
            attempts=store.attempts(connection, now - RECENTLY),
            planners=None if database.is_sqlite else len(holders(connection, PLANNER)),
        )
