"""Wakes stations that wait for a change of their plan: one look at an index, five times a second.

Whoever changes a plan may be another process (the command line, a loop, another server), so the
database itself is asked, once for all who wait; none of them holds a session of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
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
        self._seen: dict[int, int] = {}  # by commune
        self._watch: asyncio.Task[None] | None = None

    async def changed(self, station_id: int, is_new: Callable[[], bool], seconds: float) -> bool:
        """Wait until the plan of the station may be another one, at most `seconds`.

        `is_new`: whether it is already; asked after the wait has begun, so that no change is lost.
        """
        await self._start()
        with self._place(station_id) as event:
            if await asyncio.to_thread(is_new):
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

    async def _start(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look())
            self._seen = await asyncio.to_thread(self._newest)

    async def _look(self) -> None:
        """As long as anybody waits."""
        await asyncio.sleep(LOOK_EVERY)
        while self._waiting:
            try:
                touched = await asyncio.to_thread(self._touched)
            except BroadcasterError as error:  # a busy disk: those who wait ask again by themselves
                log.warning("%s", error)
                touched = []
            for station_id in touched:
                for event in self._waiting.get(station_id, ()):
                    event.set()
            await asyncio.sleep(LOOK_EVERY)

    def _newest(self) -> dict[int, int]:
        with self._communes.database.read() as connection:
            return stations.newest_changes(connection)

    def _touched(self) -> list[int]:
        found = []
        with self._communes.database.read() as connection:
            newest = stations.newest_changes(connection)
            for commune_id, number in newest.items():
                if number > (seen := self._seen.get(commune_id, 0)):
                    found += stations.changed_since(connection, commune_id, seen)
        self._seen = newest
        return found
