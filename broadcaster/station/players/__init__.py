"""The port to everything that makes sound: one item at a time, placed in time, told truthfully."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from broadcaster.errors import Text
from broadcaster.station.clock import Clock
from broadcaster.station.settings import StationSettings

POLL = 0.1
"""Seconds, at the most, between two questions of a player whether it shall fall silent."""

Halt = Callable[[float], bool]
"""Called with the seconds heard so far, every POLL at the latest; True: fall silent now."""


@dataclass(frozen=True, slots=True)
class Job:
    """Play `paths` in order and without gaps, the first sample at `at` (aware UTC).

    `volume`: percent, at the most; the machine's own setting may be lower.
    """

    uid: str
    paths: tuple[Path, ...]
    at: datetime
    volume: int = 100


@dataclass(frozen=True, slots=True)
class PlayResult:
    """What was heard. `cause`: why the player could not go on; None: it was not at fault.

    `unproved`: it was sent, and nobody knows whether it was heard: no proof is handed in for it.
    `pace`: how many times faster than life it went; more than 1 only for a demonstration's file.
    """

    frames_played: int
    seconds: float
    started_at: datetime | None
    device: str
    underruns: int
    finished: bool
    cause: Text | None = None
    recording: str = ""
    pace: float = 1.0
    unproved: bool = False


def wait_until(at: datetime, clock: Clock, halt: Halt) -> bool:
    """False: told to fall silent before. By the steady clock: one that is set meanwhile neither
    hastens nor holds up the sound."""
    begin = clock.monotonic() + (at - clock.now()).total_seconds()
    while (left := begin - clock.monotonic()) > 0:
        if halt(0.0):
            return False
        clock.wait(min(left, POLL))
    return not halt(0.0)


class Player(Protocol):
    """Built with (settings, home, clock) by its entry point in the group "broadcaster.players"."""

    device: str

    @property
    def pulse(self) -> int:
        """A number that changes while this player is alive: of a sound card, its callbacks."""

    @property
    def level(self) -> tuple[int | None, bool | None]:
        """(volume in percent, muted) of the machine's output; None where nobody says."""

    def open(self) -> None:
        """Get ready, silent. Raises Unavailable when this machine cannot play this way."""

    def trouble(self) -> Text | None:
        """None when it could play now. Called at least once a second; reopens what came back."""

    def recording_of(self, job: Job) -> str:
        """Where the sound of `job` will be found as a file; "" for a player that keeps none."""

    def play(self, job: Job, halt: Halt) -> PlayResult:
        """Play to the end or until `halt` says so; returns when the last sample has been heard."""

    def close(self) -> None:
        """Give everything back, without hanging."""


class PlayerFactory(Protocol):
    def __call__(self, settings: StationSettings, home: Path, clock: Clock) -> Player: ...
