"""Whether this process still fits its database: somebody may have brought it up meanwhile."""

from __future__ import annotations

import logging
import time

from broadcaster.errors import Outdated, Unavailable
from broadcaster.store.database import Database, check_version

log = logging.getLogger(__name__)
_EVERY_S = 5.0


class Current:
    """`look` as often as one likes; the database is asked every few seconds.

    What is due in between is safe all the same: no write of an older program is let through.
    """

    def __init__(self, database: Database, every_s: float = _EVERY_S) -> None:
        self._database = database
        self._every_s = every_s
        self._next = time.monotonic() + every_s

    def look(self) -> None:
        """Raises Outdated, upon which the process ends in good order."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._every_s
        try:
            check_version(self._database)
        except Outdated:
            raise
        except Unavailable as error:  # away for a minute: everything waits for it
            log.warning("the database cannot be asked: %s", error.text.en)
