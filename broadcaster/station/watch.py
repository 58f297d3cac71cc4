"""What a player asks again and again while it plays, and what is done meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from broadcaster.errors import Text
from broadcaster.station.database import NoRoom
from broadcaster.station.journal import Row
from broadcaster.station.players import POLL

PROGRESS_EVERY = 5.0
"""Seconds of sound after which is written down how much was heard."""


class Asked(Protocol):
    """The engine, as far as it is asked here."""

    def cause_to_stop(self, row: Row, at: datetime) -> Text | None: ...

    def plan_has_changed(self) -> bool: ...

    def monotonic(self) -> float: ...

    def progress(self, uid: str, seconds: float) -> None: ...


class Watch:
    """The question a player asks while it plays: "shall I fall silent?" """

    def __init__(self, engine: Asked, row: Row, at: datetime, begun: Callable[[], None]) -> None:
        self._engine = engine
        self._row = row
        self._at = at
        self._begun: Callable[[], None] | None = begun
        self._noted = 0.0
        self._asked = float("-inf")
        self.heard = 0.0
        self.cause: Text | None = None

    def __call__(self, heard: float) -> bool:
        self.heard = heard
        if self._begun is not None:
            with contextlib.suppress(NoRoom):  # its start is committed, so it sounds
                self._begun()
            self._begun = None
        if heard >= self._noted + PROGRESS_EVERY:
            self._noted = heard
            self._engine.progress(self._row.uid, heard)
        now = self._engine.monotonic()
        # A changed plan is looked at immediately, an unchanged one only as time goes by.
        if self.cause is None and (
            self._engine.plan_has_changed() or now >= self._asked + POLL / 2
        ):
            self._asked = now
            self.cause = self._engine.cause_to_stop(self._row, self._at)
        return self.cause is not None
