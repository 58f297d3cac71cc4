"""The station as a program: the line to the server, and the watch over the engine that plays."""

from __future__ import annotations

import argparse
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.station.audio import Vault
from broadcaster.station.bell import Bell
from broadcaster.station.clock import SystemClock
from broadcaster.station.database import FILE, check
from broadcaster.station.deeds import DEEDS
from broadcaster.station.link import Link
from broadcaster.station.notify import notify
from broadcaster.station.plan import Plan
from broadcaster.station.process import Seat, set_on_signal, set_up_logging
from broadcaster.station.settings import StationSettings, read_settings, read_token
from broadcaster.station.supervisor import Supervisor
from broadcaster.station.sync import Pace, Sync
from broadcaster.station.upkeep import UPKEEP

log = logging.getLogger("broadcaster.station")

LOOK_EVERY = 0.1


def run(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="broadcaster.station", description="Máy phát của cụm loa. Không có lệnh: chạy máy."
    )
    parser.add_argument("--home", type=Path, help="thư mục của máy phát")
    deeds = parser.add_subparsers(metavar="LỆNH", dest="deed")
    for deed in (*DEEDS, *UPKEEP):
        deed.add_to(deeds)
    given = parser.parse_args(arguments)
    if given.home is None:
        parser.error("thiếu --home THƯ_MỤC")
    try:
        if given.deed:
            given.do(given)
        else:
            set_up_logging(given.home)
            start(given.home)
    except BroadcasterError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


def start(home: Path) -> None:
    settings = read_settings(home)
    token = read_token(home, settings)
    with Seat(home, "station").taken():
        check(home / FILE)
        serve(home, settings, token)


def serve(home: Path, settings: StationSettings, token: str) -> None:
    """Until a signal comes. Whichever side dies, the other goes on and the dead one is started."""
    stop = threading.Event()
    set_on_signal(stop)
    clock = SystemClock(stop)
    supervisor = Supervisor(home, SystemClock(threading.Event()))
    line = Line(home, settings, token, lambda: supervisor.note)
    line.start()
    notify("READY=1")
    try:
        while not stop.is_set():
            supervisor.tend()
            if not line.is_alive():
                line = Line(home, settings, token, lambda: supervisor.note)
                line.start()
            clock.wait(LOOK_EVERY)
    finally:
        supervisor.stop()
        line.finish()


class Line(threading.Thread):
    """The side that talks to the server; it ends last, to hand in the last proof."""

    def __init__(
        self,
        home: Path,
        settings: StationSettings,
        token: str,
        engine_note: Callable[[], str],
    ) -> None:
        super().__init__(name="line", daemon=True)
        self._home = home
        self._settings = settings
        self._token = token
        self._engine_note = engine_note
        self._end = threading.Event()
        self._bell = self._hung_up() if Pace.of(settings).poll > 1 else None

    def _hung_up(self) -> Bell:
        """Not for who asks every second anyway."""
        return Bell(self._home, self._link(), Pace.of(self._settings))

    def _link(self) -> Link:
        return Link(self._settings.server, self._token, self._settings.ca_file)

    def run(self) -> None:
        clock = SystemClock(self._end)
        link = self._link()
        if self._bell:
            self._bell.start()
        try:
            plan = Plan(self._home / FILE)
            sync = Sync(
                self._settings.station,
                Pace.of(self._settings),
                plan,
                Vault(self._home),
                link,
                clock,
                self._engine_note,
                self._bell,
            )
            sync.run(lambda: not self._end.is_set())
            sync.finish()
            plan.close()
        except Exception:
            log.exception("Phần liên lạc bị lỗi; khởi động lại.")
            clock.wait(1.0)  # whatever it was, not many times a second
        finally:
            link.close()
            if self._bell:
                self._bell.finish()

    def finish(self) -> None:
        self._end.set()
        if self._bell:
            self._bell.finish()
        self.join(timeout=20)
