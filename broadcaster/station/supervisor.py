"""Keep one engine alive: started when there is none, started again when it dies or hangs."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from broadcaster.station.clock import Clock
from broadcaster.station.process import Seat

log = logging.getLogger(__name__)

HUNG_AFTER = 30.0
"""Seconds without a sign of life. Verifying an hour of sound on a slow disk takes some."""

SETTLED_AFTER = 10.0
START_EVERY = 1.0
"""Seconds at least from start to start: an engine that cannot live must not eat the machine."""

LEAVE_WITHIN = 5.0

NICE = -10
"""Before everything else on this PC, from its first line on: a late answer to the sound card is a
gap in the air, and a dead engine is to be back within two seconds on a busy PC, too."""


class Supervisor:
    """Asked a few times a second. Takes over an engine that outlived an earlier station."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._seat = Seat(home, "engine")
        self._child: subprocess.Popen[bytes] | None = None
        self._started = float("-inf")
        self._deaths = self._last_code = 0
        self._beat = (0, clock.monotonic())

    def tend(self) -> None:
        now = self._clock.monotonic()
        if self._child is not None and self._child.poll() is not None:
            self._note_death(self._child.returncode, now)
            self._child = None
        if self._child is None and not self._seat.is_taken():
            if now >= self._started + START_EVERY:
                self._start(now)
        elif self._is_hung(now):
            log.error("Phần phát bị treo; khởi động lại.")
            self._kill()

    def _note_death(self, code: int, now: float) -> None:
        log.error("Phần phát đã tắt (mã %s); khởi động lại.", code)
        self._deaths = self._deaths + 1 if now < self._started + SETTLED_AFTER else 1
        self._last_code = code

    @property
    def note(self) -> str:
        """For the server, when the engine does not stay alive."""
        settled = self._clock.monotonic() > self._started + SETTLED_AFTER
        if self._deaths < 2 or settled:
            return ""
        return f"Phần phát tắt {self._deaths} lần liên tiếp (mã {self._last_code})."

    def _start(self, now: float) -> None:
        self._started = now
        self._beat = (0, now)
        command = [sys.executable, "-m", "broadcaster.station.engine_main"]
        command += ["--home", str(self._home)]
        try:
            self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        except OSError as error:
            log.error("Không khởi động được phần phát: %s", error)
            return
        with contextlib.suppress(OSError, AttributeError):  # not every user may; Windows has none
            os.setpriority(os.PRIO_PROCESS, self._child.pid, NICE)

    def _is_hung(self, now: float) -> bool:
        beat = self._seat.last_beat()
        if beat != self._beat[0]:
            self._beat = (beat, now)
        return now > self._beat[1] + HUNG_AFTER

    def _kill(self) -> None:
        self._beat = (0, self._clock.monotonic())
        if self._child is not None:
            self._child.kill()
        elif (pid := self._seat.pid()) and self._seat.is_taken():
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def stop(self) -> None:
        """End the engine in good order: it records what it was playing. By force if it must be."""
        until = self._clock.monotonic() + LEAVE_WITHIN
        while self._is_there():
            self._seat.ask_to_leave()
            if self._clock.monotonic() > until:
                self._kill()
                return
            self._clock.wait(0.05)

    def _is_there(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._seat.is_taken()
