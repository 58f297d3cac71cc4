"""A station's playing side for tests: its folder, a plan, somebody who listens, and crashes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from station_clock import NOON, FakeClock
from station_sounds import hold, rundown, sealed, trusting, wav

from broadcaster.domain.policy import ZONE
from broadcaster.errors import Text
from broadcaster.station import causes
from broadcaster.station.audio import Vault
from broadcaster.station.clock import Clock
from broadcaster.station.database import FILE, Database
from broadcaster.station.engine import Engine
from broadcaster.station.journal import Journal
from broadcaster.station.orders import Orders
from broadcaster.station.plan import Plan
from broadcaster.station.players import POLL, Halt, Job, PlayResult
from broadcaster.station.playout import Quiet
from broadcaster.station.settings import parse_quiet
from broadcaster.station.tape import Tape
from broadcaster.wire import AsRunEntry, RundownItem

HOURS = parse_quiet("21:00-06:00")
assert HOURS is not None
NIGHT = Quiet(HOURS, ZONE)


class Killed(BaseException):
    """The power went at this instant."""


class BombClock(FakeClock):
    """Kills whoever waits when its steady time has come."""

    fuse = float("inf")

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        if self.monotonic() >= self.fuse:
            self.fuse = float("inf")
            raise Killed


class Ear:
    """A player that plays for whoever listens to it: which uid sounded at which instants."""

    device = "tai nghe thử"
    pulse = 0
    level = (None, None)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.starts: list[tuple[str, datetime]] = []
        self.instants: list[tuple[str, datetime]] = []
        self.lost = False
        self.fails = False
        self.unproved = False
        self.volumes: dict[str, int] = {}
        self.during: Callable[[float], None] = lambda _: None

    def open(self) -> None:
        """Always ready."""

    def trouble(self) -> Text | None:
        return causes.NO_DEVICE if self.lost else None

    def recording_of(self, job: Job) -> str:
        return f"{job.uid}.rec"

    def play(self, job: Job, halt: Halt) -> PlayResult:
        if self.fails:
            raise RuntimeError("a player of somebody else")
        self.volumes[job.uid] = job.volume
        rate, frames = (tape := Tape(job.paths)).rate, tape.frames
        begin = self._clock.monotonic() + (job.at - self._clock.now()).total_seconds()
        while self._clock.monotonic() < begin:
            if halt(0.0):
                return PlayResult(0, 0.0, None, self.device, 0, False)
            self._clock.wait(min(POLL, begin - self._clock.monotonic()))
        started, heard = self._clock.now(), 0.0
        self.starts.append((job.uid, started))
        while heard < frames / rate:
            if halt(heard):
                break
            self.instants.append((job.uid, self._clock.now()))
            self.during(heard)
            heard += POLL
            self._clock.wait(POLL)
        heard = min(heard, frames / rate)
        done = heard == frames / rate and not self.unproved
        frames_heard = round(heard * rate)
        return PlayResult(
            frames_heard, heard, started, self.device, 0, done, unproved=self.unproved
        )

    def close(self) -> None:
        """Nothing to give back."""


class Village:
    """One station's folder with a plan, its engine, and a way to crash it."""

    def __init__(self, home: Path, start: datetime = NOON - timedelta(minutes=2)) -> None:
        self.home = home
        self.clock = BombClock(start)
        self.ear = Ear(self.clock)
        self.vault = Vault(home)
        self.trust = trusting(home)
        self.plan = Plan(home / FILE)
        self.journal = Journal(self.plan.database)
        self.version = 0
        self.boot()

    def boot(self) -> None:
        self.database = database = Database(self.home / FILE)
        self.engine = Engine(
            database,
            self.vault,
            self.ear,
            Orders(database, self.trust, "thon-1"),
            NIGHT,
            self.clock,
            self.going,
        )
        self.until = float("inf")
        self.engine.begin()

    def going(self) -> bool:
        return self.clock.monotonic() < self.until

    def tell(self, *items: RundownItem, **more: Any) -> None:
        self.version += 1
        plan = rundown(self.version, self.clock.now(), list(items), **more)
        self.plan.apply(sealed(plan), "", "thon-1", self.clock.now())

    def run(self, seconds: float) -> None:
        """Step by step, as the engine's own loop does; what is playing then plays to its end."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.wait(self.engine.step())

    def crash(self, after: float) -> None:
        self.clock.fuse = self.clock.monotonic() + after
        try:
            self.run(after + 1)
        except Killed:
            self.boot()

    def entries(self) -> list[AsRunEntry]:
        return self.journal.outbox(1000)

    def outcome(self, uid: str) -> AsRunEntry:
        (entry,) = [entry for entry in self.entries() if entry.uid == uid]
        return entry

    def sound(self, seconds: float, seed: int = 1) -> list[Any]:
        return [hold(self.vault, wav(seconds, seed))]
