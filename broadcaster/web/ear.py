"""Hears within milliseconds what another process of the province has changed (LISTEN/NOTIFY)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from broadcaster.errors import Unavailable
from broadcaster.store.database import Database
from broadcaster.store.session import Session
from broadcaster.store.stations import CHANGES

log = logging.getLogger(__name__)
_ASK_FOR_S = 1.0
_AGAIN_AFTER_S = 1.0


class Ear(threading.Thread):
    """A connection of its own in a thread of its own, which comes back when it was cut.

    `tell` is called there with the id of a station. What is said while the line is down is lost:
    whoever relies on it looks by himself as long as `is_listening` is false, and now and then.
    """

    def __init__(self, database: Database, tell: Callable[[int], None]) -> None:
        super().__init__(name="ear", daemon=True)
        self._session = Session(database)
        self._tell = tell
        self._ended = threading.Event()
        self.is_listening = False

    def finish(self) -> None:
        """It goes by itself, within a second or so; nobody waits for it."""
        self._ended.set()

    def run(self) -> None:
        with self._session:
            while not self._ended.is_set():
                try:
                    said = self._session.heard(CHANGES, _ASK_FOR_S)
                except Unavailable as error:
                    self.is_listening = False
                    log.warning("nothing is heard of changes, looking for them: %s", error.text.en)
                    self._session.drop()
                    self._ended.wait(_AGAIN_AFTER_S)
                    continue
                self.is_listening = True
                for number in said:
                    self._tell(int(number))
