"""The station as a program: one folder, one lock, the playing side and the line to the server."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from broadcaster.errors import BroadcasterError, Unavailable
from broadcaster.station.audio import Vault
from broadcaster.station.clock import SystemClock
from broadcaster.station.database import FILE, Database
from broadcaster.station.engine import Engine
from broadcaster.station.link import Link
from broadcaster.station.plan import Plan
from broadcaster.station.players.choose import choose_player
from broadcaster.station.settings import StationSettings, read_settings, read_token
from broadcaster.station.sync import Sync

log = logging.getLogger("broadcaster.station")


def run(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="broadcaster.station", description="Máy phát của cụm loa."
    )
    parser.add_argument("--home", type=Path, required=True, help="thư mục của máy phát")
    home = parser.parse_args(arguments).home
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    try:
        settings = read_settings(home)
        token = read_token(home, settings)
        with sole_owner(home):
            serve(home, settings, token)
    except BroadcasterError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


class sole_owner:  # noqa: N801 — used as `with sole_owner(home):`
    """Hold the folder's lock and leave the process id beside it; Unavailable if it is taken."""

    def __init__(self, home: Path) -> None:
        self._pid = home / "station.pid"
        self._lock = FileLock(home / "station.lock")

    def __enter__(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            owner = self._pid.read_text().strip() if self._pid.exists() else "?"
            raise Unavailable(
                f"Một máy phát khác (tiến trình {owner}) đang dùng thư mục {self._pid.parent}.",
                f"Another station (process {owner}) is using the folder {self._pid.parent}.",
            ) from None
        self._pid.write_text(f"{os.getpid()}\n")

    def __exit__(self, *_: object) -> None:
        self._pid.unlink(missing_ok=True)
        self._lock.release()


def serve(home: Path, settings: StationSettings, token: str) -> None:
    """Until a signal comes or one of the two sides has died: half a station must not look alive."""
    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: stop.set())
    line = Line(home, settings, token, stop)
    line.start()
    try:
        play(home, settings, stop)
    finally:
        stop.set()
        line.finish()
    if line.failed:
        raise Unavailable("Máy phát dừng vì lỗi.", "The station stopped because of a fault.")


def play(home: Path, settings: StationSettings, stop: threading.Event) -> None:
    """The playing side, until `stop`."""
    clock = SystemClock(stop)
    database = Database(home / FILE)
    player, why = choose_player(settings, home, clock)
    try:
        database.put("player_note", why.vi)
        log.info("Phát bằng: %s. %s", player.device, why.vi)
        quiet = settings.own_quiet()
        Engine(database, Vault(home), player, quiet, clock, lambda: not stop.is_set()).run()
    finally:
        player.close()
        database.close()


class Line(threading.Thread):
    """The side that talks to the server; it ends last, to hand in the last proof."""

    def __init__(
        self, home: Path, settings: StationSettings, token: str, stop: threading.Event
    ) -> None:
        super().__init__(name="line", daemon=True)
        self._home = home
        self._settings = settings
        self._token = token
        self._stop_station = stop
        self._end = threading.Event()
        self.failed = False

    def run(self) -> None:
        try:
            plan = Plan(self._home / FILE)
            link = Link(self._settings.server, self._token)
            sync = Sync(
                self._settings.station,
                self._settings.poll_seconds,
                plan,
                Vault(self._home),
                link,
                SystemClock(self._end),
            )
            sync.run(lambda: not self._end.is_set())
            sync.finish()
            link.close()
            plan.close()
        except Exception:
            log.exception("Phần liên lạc bị lỗi.")
            self.failed = True
            self._stop_station.set()

    def finish(self) -> None:
        self._end.set()
        self.join(timeout=20)
