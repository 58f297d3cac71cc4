"""Whom a server process serves: one commune on a PC of its own, or all of a province."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.errors import BroadcasterError, NotFound
from broadcaster.services.context import Context
from broadcaster.settings.province import EngineSettings, Province
from broadcaster.store import people
from broadcaster.store.database import Database

log = logging.getLogger(__name__)


_LOOK_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of a commune's settings: what told them apart, and when somebody looked."""

    key: str
    stamp: object
    at: datetime


class Communes:
    """`database`: the pool of all of them. `alone`: the one commune of an ordinary folder.

    `make` puts a commune together from its id and key, and raises when its folder does not allow
    it; each is made at its first use and kept. `stamp` tells a folder's settings from those of
    before: once they are others the commune is made anew, unless they are wrong.
    """

    def __init__(
        self,
        home: Path,
        settings: Province,
        database: Database,
        clock: Callable[[], datetime],
        owner: str,
        make: Callable[[int, str], Context],
        stamp: Callable[[str], object] = lambda _key: None,
    ) -> None:
        self.home, self.settings, self.database = home, settings, database
        self.clock, self.owner = clock, owner
        self.alone: Context | None = None
        self._make, self._stamp = make, stamp
        self._made: dict[int, Context] = {}
        self._seen: dict[int, _Seen] = {}
        self._lock = threading.Lock()
        self._told: dict[str, str] = {}

    @classmethod
    def only(cls, context: Context) -> Communes:
        """The one commune of an ordinary folder."""

        def nobody(commune_id: int, _key: str) -> Context:
            raise _unknown(commune_id)

        settings = Province(server=context.config.server, engine=EngineSettings(kind="embedded"))
        made = cls(context.home, settings, context.database, context.clock, context.owner, nobody)
        made.alone = context
        made._made[context.commune_id] = context
        return made

    def of(self, commune_id: int) -> Context:
        """Raises NotFound for one that is not here, InputError for one whose settings are wrong."""
        if commune_id in self._made:
            self._renew(commune_id)
            return self._made[commune_id]
        with self.database.read() as connection:
            key = people.commune_key(connection, commune_id)
        return self._take_in(commune_id, key)

    def made(self, commune_id: int) -> Context | None:
        """The same for who must not wait: None when nobody has used it yet."""
        return self._made.get(commune_id)

    def every(self) -> list[Context]:
        """All whose folder and row are there, in order of id.

        One with a mistake in its settings is left out, said once in the log, and tried again.
        """
        if self.alone is not None:
            return [self.alone]
        with self.database.read() as connection:
            known = people.communes(connection)
        return [one for row in known if (one := self._usable(*row)) is not None]

    def _usable(self, commune_id: int, key: str) -> Context | None:
        try:
            found = self._take_in(commune_id, key)
        except BroadcasterError as error:
            self._tell("commune %s is left out: %s", key, error)
            return None
        self._told.pop(key, None)
        self._renew(commune_id)
        return self._made.get(commune_id, found)

    def _tell(self, words: str, key: str, error: BroadcasterError) -> None:
        """Once for each mistake, however often it is met."""
        if self._told.get(key) != error.text.vi:
            log.warning(words, key, error.text.vi)
            self._told[key] = error.text.vi

    def _take_in(self, commune_id: int, key: str) -> Context:
        if commune_id not in self._made:
            stamp = self._stamp(key)  # before they are read: what changes meanwhile is seen later
            made = self._make(commune_id, key)
            with self._lock:  # two threads may have made it; all work with the first one's
                self._seen.setdefault(commune_id, _Seen(key, stamp, self.clock()))
                self._made.setdefault(commune_id, made)
        return self._made[commune_id]

    def _renew(self, commune_id: int) -> None:
        """Look now and then whether its settings are others; wrong ones leave it as it was."""
        seen, now = self._seen.get(commune_id), self.clock()
        if seen is None or abs(now - seen.at) < _LOOK_EVERY:
            return
        stamp = self._stamp(seen.key)
        self._seen[commune_id] = _Seen(seen.key, stamp, now)
        if stamp == seen.stamp:
            return
        try:
            self._made[commune_id] = self._make(commune_id, seen.key)
        except BroadcasterError as error:
            self._tell("commune %s goes on with its settings of before: %s", seen.key, error)
        else:
            log.info("commune %s has other settings", seen.key)


def _unknown(commune_id: int) -> NotFound:
    return NotFound(
        f"Xã số {commune_id} không thuộc máy chủ này.", f"Commune {commune_id} is not served here."
    )
