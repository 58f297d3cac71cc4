"""`broadcaster run` as a process, and who of its people is alive."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clerk import command, environment

from broadcaster.station.process import Seat


def until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class ServerProcess:
    """One commune's server; `stop` is how long an orderly end took, in seconds."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._process: subprocess.Popen[str] | None = None

    def start(self, *words: str, **environ: str) -> str:
        """Start and wait until it answers; its address."""
        self._process = subprocess.Popen(
            command(self.home, "run", *words),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(**environ),
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if found := re.search(r"http://[\d.:]+", line):
                return found[0].rstrip(".")
        raise AssertionError("the server ended before it was ready")

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        self.process.kill()
        self._gone(10)

    def stop(self, number: int = signal.SIGTERM) -> tuple[float, int, str]:
        """Seconds it took, exit code, and what it said."""
        begin = time.monotonic()
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return time.monotonic() - begin, self.process.returncode, said

    def _gone(self, seconds: float) -> None:
        self.process.wait(seconds)
        if self.process.stderr is not None:
            self.process.stderr.close()

    def alive(self) -> list[str]:
        """Command lines of all processes that work in this commune's folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if any(word.startswith(str(self.home)) for word in words):
                    found.append(" ".join(words))
        return found

    def station(self) -> int:
        """The number of the living station's process, else 0."""
        seat = Seat(self.home / "station", "station")
        return seat.pid() if (self.home / "station").is_dir() and seat.is_taken() else 0

    def engine(self) -> int:
        return Seat(self.home / "station", "engine").pid()

    def log(self) -> str:
        path = self.home / "station" / "station.log"
        return path.read_text("utf-8") if path.exists() else ""

    def clean_up(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        for name in ("station", "engine"):
            seat = Seat(self.home / "station", name)
            if (self.home / "station").is_dir() and seat.is_taken() and (pid := seat.pid()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
