"""Waits at the server for a change of the plan, so that an emergency need not wait for a poll."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.station.clock import LONGEST_WAIT
from broadcaster.station.database import FILE, Database
from broadcaster.station.link import Link
from broadcaster.station.sync import Pace

log = logging.getLogger(__name__)

ASK_FOR = 25.0
"""Seconds of one question: shorter than most proxies bear, long enough to be cheap."""

TAKING = 0.5
"""Seconds that the line gets to take a plan over before the same change rings again."""


class Bell(threading.Thread):
    """Beside the line, which works without it: plain polling goes on at its own pace."""

    def __init__(self, home: Path, link: Link, pace: Pace) -> None:
        super().__init__(name="bell", daemon=True)
        self._home = home
        self._link = link
        self._pace = pace
        self._rung = threading.Event()
        self._end = threading.Event()

    def wait(self, seconds: float) -> bool:
        """At most LONGEST_WAIT; True, once, when it has rung."""
        rung = self._rung.wait(min(seconds, LONGEST_WAIT))
        self._rung.clear()
        return rung

    def is_ringing(self) -> bool:
        return self._rung.is_set()

    def finish(self) -> None:
        self._end.set()
        self._rung.set()

    def run(self) -> None:
        database = Database(self._home / FILE)
        try:
            self._listen(lambda: database.get("etag"))
        finally:
            database.close()
            self._link.close()

    def _listen(self, etag: Callable[[], str]) -> None:
        failures, rung_for, again = 0, None, TAKING
        while not self._end.is_set():
            known = etag()
            try:
                changed = self._link.wait(known, ASK_FOR)
                failures = 0
            except BroadcasterError:  # the line says so already
                failures += 1
                self._end.wait(self._pace.after(failures))
                continue
            if changed:
                again = min(again * 2, 60.0) if known == rung_for else TAKING
                rung_for = known
                self._rung.set()
                self._end.wait(again)
