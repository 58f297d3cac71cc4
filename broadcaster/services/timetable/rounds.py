"""Whose timetable a planner goes through, and when: by one question for all communes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.store import approvals
from broadcaster.store.database import Database

BACK = timedelta(minutes=10)
"""Rules and decisions bear the time of whichever server wrote them: further than clocks differ."""
_AFTER_A_BREAK = timedelta(days=1)
_TRIED_FOR = timedelta(minutes=1)
_TRIED_EVERY = timedelta(seconds=15)
"""What found its place taken may find it free a little later."""
_WHOLE_EVERY = timedelta(minutes=10)
_WHOLE_AGAIN = timedelta(minutes=1)
_TICKS = 250
"""Over so many ticks all communes are gone through whole: somewhat less than that time holds."""


class Rounds:
    """What is new at every tick; whole timetables in turn, as days come within the horizon."""

    def __init__(self, communes: Communes) -> None:
        self._communes = communes
        self._news = _News(communes.database)
        self._next_whole: dict[int, datetime] = {}

    def at(self, now: datetime) -> Iterator[tuple[Context, datetime | None]]:
        """Whom to plan, and since when things count as new; None: the whole timetable."""
        new, since = self._news.look(now)
        served = self._communes.every()
        whole = self._in_turn(served, now)
        for one in served:
            if one.commune_id in whole:
                self._next_whole[one.commune_id] = now + _WHOLE_AGAIN
                yield one, None
            elif one.commune_id in new:
                yield one, since

    def went_through(self, context: Context, now: datetime) -> None:
        """The whole timetable of a commune has been planned."""
        self._next_whole[context.commune_id] = now + _WHOLE_EVERY

    def _in_turn(self, served: list[Context], now: datetime) -> set[int]:
        """Those that have waited longest, never so many at once that a tick takes long."""
        waits = {one.commune_id: self._next_whole.get(one.commune_id) for one in served}
        ripe = [
            (at is not None, at or now, one)
            for one, at in waits.items()
            if at is None or now >= at or at - now > _WHOLE_EVERY  # the clock was set back
        ]
        return {one for _, _, one in sorted(ripe)[: ceil(len(served) / _TICKS)]}


class _News:
    """In which communes somebody has written a rule or decided something."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[approvals.New, datetime] = {}
        self._tried: dict[int, datetime] = {}
        self._back = _AFTER_A_BREAK

    def look(self, now: datetime) -> tuple[set[int], datetime]:
        """Their ids, and since when it looked.

        What was written is shown at once, and now and then for a while from when it was first seen.
        """
        since = now - self._back
        with self._database.glance() as connection:
            found = approvals.news(connection, since)
        self._seen = {one: self._seen.get(one, now) for one in found}
        self._back = BACK
        fresh = {one.commune_id for one, at in self._seen.items() if at == now}
        going = {one.commune_id for one, at in self._seen.items() if abs(now - at) <= _TRIED_FOR}
        again = {one for one in going - fresh if abs(now - self._tried[one]) >= _TRIED_EVERY}
        self._tried = {one: self._tried[one] for one in going - fresh - again} | dict.fromkeys(
            fresh | again, now
        )
        return fresh | again, since
