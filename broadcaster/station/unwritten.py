"""What the playing side could not write for want of room, until there is some."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from broadcaster.station import causes
from broadcaster.station.journal import Journal

log = logging.getLogger(__name__)


class Unwritten:
    """Of one engine. What it holds is lost with the process, and then told as after a power cut."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._deeds: list[Callable[[], object]] = []
        self._hindered: dict[str, None] = {}
        self._is_full = False

    def write(self, deed: Callable[[], object]) -> None:
        """Do it now, or before anything else as soon as there is room."""
        self._deeds.append(deed)
        self.catch_up()

    def catch_up(self) -> None:
        """Raises NoRoom when it is still not possible."""
        while self._deeds:
            self._deeds[0]()
            del self._deeds[0]
        while self._hindered:
            uid = next(iter(self._hindered))
            row = self._journal.row(uid)
            if row and row.cause is None:
                self._journal.hinder(uid, causes.DISK_FULL)
            del self._hindered[uid]

    def note(self, now: datetime) -> None:
        """Remember which items are due and cannot be begun, since no start can be recorded."""
        if not self._is_full:
            log.error("%s Không phát được gì mà không ghi sổ.", causes.DISK_FULL.vi)
        self._is_full = True
        self._hindered |= dict.fromkeys(row.uid for row in self._journal.due(now))

    def note_room(self) -> None:
        if self._is_full:
            log.info("Ổ đĩa lại ghi được.")
        self._is_full = False
