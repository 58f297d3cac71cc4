"""This machine's own loudspeaker station: kept alive beside the server, and taken down with it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from broadcaster.services.context import Context
from broadcaster.services.stations import enrolling, signing
from broadcaster.station.clock import SystemClock
from broadcaster.station.process import Seat
from broadcaster.station.settings import FILE, TOKEN_FILE, StationSettings, write_settings
from broadcaster.station.supervisor import Supervisor
from broadcaster.station.trust import Trust

log = logging.getLogger(__name__)

_START_EVERY_S = 2.0
_END_WITHIN_S = 7.0
"""An engine that plays gets 5 s to record what it has played."""


class LocalStation:
    """A process of its own, started again when it dies.

    It goes on playing when the server is killed. The next server takes over the one that is still
    there, unless the settings have changed since, and ends it when it ends itself.
    """

    def __init__(self, context: Context, url: str) -> None:
        self._home = folder(context.home)
        self._done = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="station", daemon=True)
        if _prepare(context, self._home, url):
            end(self._home)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No station of this folder is left behind, whoever started it."""
        self._done.set()
        end(self._home, self._child)
        self._thread.join(timeout=_START_EVERY_S)

    def _keep(self) -> None:
        while not self._done.is_set():
            if not _seat(self._home).is_taken():
                self._run()
            self._done.wait(_START_EVERY_S)

    def _run(self) -> None:
        command = [sys.executable, "-P", "-m", "broadcaster.station", "--home", str(self._home)]
        with (self._home / "station.log").open("ab") as out:
            self._child = subprocess.Popen(command, stdout=out, stderr=out)
            if self._done.is_set():  # told to end at this very moment
                self._child.terminate()
            code = self._child.wait()
        if not self._done.is_set():
            log.warning("the station ended with %s; starting it again", code)


def folder(home: Path) -> Path:
    """Where the station of the commune's folder `home` lives."""
    return home / "station"


def end(home: Path, child: subprocess.Popen[bytes] | None = None) -> None:
    """End the station of a folder in good order, by force when it does not listen.

    Its process is asked by the number in its seat, which only a living station holds. One that
    ends before it is up leaves behind the engine that it was to take over: that is ended as well.
    """
    _tell(home, child, signal.SIGTERM)
    deadline = time.monotonic() + _END_WITHIN_S
    while _is_there(home, child):
        if time.monotonic() > deadline:
            log.error("the station does not end; killing it")
            _tell(home, child, getattr(signal, "SIGKILL", signal.SIGTERM))
            break
        time.sleep(0.05)
    if home.is_dir():
        Supervisor(home, SystemClock(threading.Event())).stop()


def _seat(home: Path) -> Seat:
    return Seat(home, "station")


def _is_there(home: Path, child: subprocess.Popen[bytes] | None) -> bool:
    if child is not None and child.poll() is None:
        return True
    return home.is_dir() and _seat(home).is_taken()


def _tell(home: Path, child: subprocess.Popen[bytes] | None, number: int) -> None:
    if child is not None and child.poll() is None:
        child.send_signal(number)
    elif home.is_dir() and _seat(home).is_taken() and (pid := _seat(home).pid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _prepare(context: Context, home: Path, url: str) -> bool:
    """Write the station's settings, and its token the first time; whether they are new."""
    local = context.config.station
    token = ""
    if not (home / TOKEN_FILE).exists():
        token = enrolling.take_in(context, local.target, context.clock())
    usual = context.policy.quiet_hours
    quiet = local.quiet_hours or (
        f"{usual.start:%H:%M}-{usual.end:%H:%M}" if usual is not None else "none"
    )
    settings = StationSettings(
        server=url,
        station=local.target,
        player=local.player,
        device=local.device,
        quiet="" if quiet == "none" else quiet,
        poll_seconds=1.0,
        file_speed=local.file_speed,
    )
    before = _written(home)
    write_settings(home, settings, token)
    Trust(home).pin(signing.signer(context).public)
    return before != _written(home)


def _written(home: Path) -> bytes:
    path = home / FILE
    return path.read_bytes() if path.exists() else b""
