"""A station's line for tests: its disk, and rounds with a real server on demand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from loopback_server import TOKEN, LoopbackServer

from broadcaster.signature import public_text
from broadcaster.station.audio import Vault
from broadcaster.station.database import FILE
from broadcaster.station.journal import Journal
from broadcaster.station.link import Link
from broadcaster.station.plan import Plan
from broadcaster.station.sync import Pace, Sync
from broadcaster.station.trust import Trust

PACE = Pace(poll=2.0, longest=60.0)


class Steady:
    """Wall time as it is, so that it fits the server's; the steady clock moves when told to."""

    def __init__(self) -> None:
        self.steady = 0.0
        self.shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def monotonic(self) -> float:
        return self.steady

    def wait(self, seconds: float) -> None:
        self.steady += seconds


class Post:
    """One station's line: its disk, and rounds on demand."""

    def __init__(
        self,
        home: Path,
        server: LoopbackServer,
        token: str = TOKEN,
        clock: Steady | None = None,
    ) -> None:
        self.server = server
        self.clock = clock or Steady()
        Trust(home).pin(public_text(server.key))
        self.plan = Plan(home / FILE)
        self.journal = Journal(self.plan.database)
        self.vault = Vault(home)
        self.link = Link(server.url, token)
        self.sync = Sync(
            "thon-1", PACE, self.plan, self.vault, self.link, self.clock, engine_note=str
        )

    def round(self) -> float:
        """After a pause long enough for whatever was put off."""
        self.clock.steady += 15
        return self.sync.round(lambda: True)

    def held(self) -> list[str]:
        return self.server.statuses[-1].held
