"""Wakes stations that wait for a change of their plan: one look at an index, five times a second.

Whoever changes a plan may be another process (the command line, a loop, another server), so the
database itself is asked, once for all who wait, which plans are out of date. It is asked for a
state and not for news: nothing is missed, in whatever order changes become visible.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from broadcaster.errors import BroadcasterError
from broadcaster.services.communes import Communes
from broadcaster.store import stations

log = logging.getLogger(__name__)
LOOK_EVERY = 0.2


class Bell:
    """One for each application; lives on its event loop."""

    def __init__(self, communes: Communes) -> None:
        self._communes = communes
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    async def changed(
        self, station_id: int, is_new: Callable[[], Awaitable[bool]], seconds: float
    ) -> bool:
        """Wait until the plan of the station may be another one, at most `seconds`.

        `is_new`: whether it is already; asked after the wait has begun, so that no change is lost.
        """
        self._start()
        with self._place(station_id) as event:
            if await is_new():
                return True
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except TimeoutError:
                return False
            return True

    @contextmanager
    def _place(self, station_id: int) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[station_id].add(event)
        try:
            yield event
        finally:
            self._waiting[station_id].discard(event)
            if not self._waiting[station_id]:
                del self._waiting[station_id]

    def _start(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """As long as anybody waits."""
        await asyncio.sleep(LOOK_EVERY)
        while self._waiting:
            try:
                outdated = await asyncio.to_thread(self._outdated)
            except BroadcasterError as error:  # a busy disk: those who wait ask again by themselves
                log.warning("%s", error)
                outdated = []
            for station_id in outdated:
                self.ring(station_id)
            await asyncio.sleep(LOOK_EVERY)

    def ring(self, station_id: int) -> None:
        for event in self._waiting.get(station_id, ()):
            event.set()

    def _outdated(self) -> list[int]:
        with self._communes.database.read() as connection:
            return stations.outdated(connection)
