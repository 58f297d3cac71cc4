"""A real station as a process, and waiting for what it does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loopback_server import TOKEN, LoopbackServer

from broadcaster.signature import public_text
from broadcaster.station.process import Seat
from broadcaster.station.settings import StationSettings, write_settings
from broadcaster.station.trust import Trust


def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class StationProcess:
    """`python -m broadcaster.station` on a folder of its own."""

    def __init__(
        self,
        home: Path,
        server: LoopbackServer,
        environment: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self.home = home
        self.environment = dict(environment or os.environ)
        values: dict[str, Any] = {"player": "file", "quiet": "", "poll_seconds": 0.3}
        made = StationSettings(server=server.url, station="thon-1", **(values | settings))
        write_settings(home, made, TOKEN)
        Trust(home).pin(public_text(server.key))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "broadcaster.station", "--home", str(self.home)]

    def start(self) -> StationProcess:
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=self.environment
            )
        return self

    def ready(self) -> StationProcess:
        """Start it unless it runs, and return when it could play."""
        if self._process is None or self._process.poll() is not None:
            (self.home / "log").unlink(missing_ok=True)
            self.start()
        until(lambda: "Phát bằng" in self.log())
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def engine_pid(self) -> int:
        return Seat(self.home, "engine").pid()

    def engines_ready(self) -> int:
        """How many engines have got as far as to be able to play."""
        return self.log().count("Phát bằng")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def kill_engine(self) -> None:
        if pid := self.engine_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def end(self) -> int:
        """As a service manager would; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(25)

    def clean_up(self) -> None:
        """Leave no process behind, whatever the test has come to."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if Seat(self.home, "engine").is_taken():
            self.kill_engine()

    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")

    def recordings(self) -> dict[str, list[Path]]:
        """uid -> files, for uids without a dash."""
        found: dict[str, list[Path]] = {}
        for path in sorted((self.home / "played").glob("*.wav")):
            uid = path.name.removesuffix(".wav").removesuffix(".playing").split("-")[2]
            found.setdefault(uid, []).append(path)
        return found
