"""The demo's programs: sandbox and server as processes of their own, started again when killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import requests

from broadcaster.errors import Unavailable


class Program:
    """One long-running command with its log; `address` is set once it answers."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path, health: str) -> None:
        self.name, self._arguments, self._log, self._health = name, arguments, log, health
        self._process: subprocess.Popen[bytes] | None = None
        self.restarts = -1

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self, deadline_s: float = 30) -> None:
        """Start and wait until it answers. Raises Unavailable with the end of its log."""
        self.restarts += 1
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *self._arguments], stdout=out, stderr=out
            )
        ends = time.monotonic() + deadline_s
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise self._silent()
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            return requests.get(self._health, timeout=2).ok
        except requests.RequestException:
            return False

    def keep_alive(self) -> bool:
        """Start it again if it died and nobody else did; whether it was started."""
        if self._process is None or self._process.poll() is None or self.answers():
            return False
        with contextlib.suppress(Unavailable):
            self.start()
        return True

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _silent(self) -> Unavailable:
        said = self._log.read_text("utf-8", "replace").strip().splitlines()[-5:]
        tail = "\n".join(said)
        return Unavailable(
            f"Không khởi động được {self.name}. Xem {self._log}:\n{tail}",
            f"Could not start {self.name}. See {self._log}:\n{tail}",
        )


def free_port() -> int:
    """A port that nobody uses right now on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_station(home: Path) -> None:
    """A station outlives a killed server by design; with the demo it has to go."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int((home / "station" / "station.pid").read_text()), signal.SIGTERM)
