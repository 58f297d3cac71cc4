"""Everything the sandbox remembers: platforms, counters, faults, clock; one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadcaster.sandbox.blobs import Blobs
from broadcaster.sandbox.faults import Fault, Struck
from broadcaster.sandbox.graph.book import GraphBook
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.wordpress.book import WordPressBook
from broadcaster.sandbox.zalo.book import ZaloBook


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class World:
    """What is saved to the data file."""

    graph: GraphBook
    zalo: ZaloBook
    wordpress: WordPressBook
    settings: Settings = field(default_factory=Settings)
    faults: list[Fault] = field(default_factory=list)
    counters: dict[str, dict[str, int]] = field(default_factory=dict)
    shift_seconds: float = 0.0
    stopped_at: datetime | None = None
    serial: int = 0


class SandboxState:
    """The sandbox's memory. With `data` every change is saved to that file and read back at start.

    `clock` gives aware UTC; `settings` count only for a new world. Raises `InputError` when the
    data file cannot be read.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        data: Path | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self.lock = threading.RLock()
        self.data = data
        self.clock = clock
        self.blobs = Blobs(data.with_name(data.name + ".files") if data else None)
        self._first = settings or Settings()
        self.world = self._load() or self._fresh(self._first, serial=0)

    def _load(self) -> World | None:
        if self.data is None or not self.data.exists():
            return None
        from broadcaster.sandbox.saving import load  # noqa: PLC0415 - pydantic is slow to import

        return load(self.data)

    def _fresh(self, settings: Settings, serial: int) -> World:
        now = self.clock()
        return World(
            graph=GraphBook(),
            zalo=ZaloBook.fresh(settings.zalo, now),
            wordpress=WordPressBook.fresh(),
            settings=deepcopy(settings),
            serial=serial,
        )

    @property
    def settings(self) -> Settings:
        return self.world.settings

    def now(self) -> datetime:
        """The sandbox's time, aware UTC: stopped, or the clock plus its shift."""
        base = self.world.stopped_at or self.clock()
        return base + timedelta(seconds=self.world.shift_seconds)

    def next_serial(self) -> int:
        """A number never given before, also not before a reset."""
        self.world.serial += 1
        return self.world.serial

    @contextmanager
    def changing(self) -> Iterator[World]:
        """Hold the world, and save it at the end, also when the block raises."""
        with self.lock:
            try:
                yield self.world
            finally:
                self.save()

    def save(self) -> None:
        """Write the data file, if there is one: whole or not at all."""
        if self.data is None:
            return
        from broadcaster.sandbox.saving import save  # noqa: PLC0415 - pydantic is slow to import

        save(self.world, self.data)

    def reset(self) -> None:
        """Forget everything but the settings the state was made with."""
        with self.changing():
            self.world = self._fresh(self._first, self.world.serial)

    def arrive(self, platform: str, operation: str) -> Struck:
        """Count one request and say which faults hit it."""
        with self.lock:
            counted = self.world.counters.setdefault(platform, {})
            counted[operation] = counted.get(operation, 0) + 1
            return Struck.of(self.world.faults, platform, operation)

    def add_faults(self, faults: list[Fault]) -> None:
        with self.changing() as world:
            world.faults.extend(faults)

    def calls(self, platform: str) -> int:
        """How many requests that platform has had."""
        return sum(self.world.counters.get(platform, {}).values())
