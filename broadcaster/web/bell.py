"""Wakes stations that wait for a change of their plan.

Whoever changes a plan may be another process (the command line, a loop, another server). PostgreSQL
tells of it; besides, and alone on SQLite, the database is asked, once for all who wait, which plans
are out of date. It is asked for a state and not for news: nothing is missed, in whatever order
changes become visible.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from broadcaster.errors import BroadcasterError
from broadcaster.services.communes import Communes
from broadcaster.store import stations
from broadcaster.web.ear import Ear

log = logging.getLogger(__name__)
LOOK_EVERY = 0.2
"""Seconds between two looks at an index of a few rows, while nobody tells of changes."""

CHECK_EVERY = 5.0
"""The same while PostgreSQL tells."""


class Bell:
    """One for each application; lives on its event loop."""

    def __init__(self, communes: Communes) -> None:
        self._communes = communes
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None
        self._ear: Ear | None = None

    def close(self) -> None:
        """The application ends."""
        if self._ear is not None:
            self._ear.finish()

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
        if self._ear is None and not self._communes.database.is_sqlite:
            tell = partial(self._tell, asyncio.get_running_loop())
            self._ear = Ear(self._communes.database, tell)
            self._ear.start()

    async def _look(self) -> None:
        """As long as anybody waits."""
        looked = float("-inf")
        while self._waiting:
            now = time.monotonic()
            told = self._ear is not None and self._ear.is_listening
            if now >= looked + (CHECK_EVERY if told else LOOK_EVERY):
                looked = now
                for station_id in await self._found():
                    self._ring(station_id)
            await asyncio.sleep(LOOK_EVERY)

    async def _found(self) -> list[int]:
        try:
            return await asyncio.to_thread(self._outdated)
        except BroadcasterError as error:  # a busy disk: those who wait ask again by themselves
            log.warning("%s", error)
            return []

    def _ring(self, station_id: int) -> None:
        for event in self._waiting.get(station_id, ()):
            event.set()

    def _tell(self, loop: asyncio.AbstractEventLoop, station_id: int) -> None:
        """From another thread."""
        with suppress(RuntimeError):  # the application has ended meanwhile, and its loop with it
            loop.call_soon_threadsafe(self._ring, station_id)

    def _outdated(self) -> list[int]:
        with self._communes.database.glance() as connection:
            return stations.outdated(connection)
