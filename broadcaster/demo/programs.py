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

_END_WITHIN_S = 20.0


class Program:
    """One long-running command with its log.

    One that an earlier, killed demo has left behind and that still answers is taken over.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path, health: str) -> None:
        self.name, self._arguments, self._log, self._health = name, arguments, log, health
        self._pid_file = log.with_suffix(".pid")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """0 when there never was such a process."""
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return 0

    def start(self, deadline_s: float = 30) -> None:
        """Start and wait until it answers. Raises Unavailable with the end of its log."""
        if self.answers():
            return
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *self._arguments], stdout=out, stderr=out
            )
        self._pid_file.write_text(str(self._process.pid))
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
        """Start it again if it died; whether it was started."""
        running = self._process is not None and self._process.poll() is None
        if running or self.answers():
            return False
        with contextlib.suppress(Unavailable):
            self.start()
        return True

    def stop(self) -> None:
        if self._process is not None:
            self._end_child(self._process)
        elif self.pid and self.answers():
            self._end_left_behind()

    def _end_child(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()

    def _end_left_behind(self) -> None:
        """It is nobody's child: only its number and its answers are known."""
        ends = time.monotonic() + _END_WITHIN_S
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
            while self.answers() and time.monotonic() < ends:
                time.sleep(0.1)

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
