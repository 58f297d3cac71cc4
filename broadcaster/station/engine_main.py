"""The playing side as a process of its own: `python -m broadcaster.station.engine_main --home DIR`.

Started and watched by the station; goes on playing what is on the disk if the station dies.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.station.audio import Vault
from broadcaster.station.clock import Clock, SystemClock
from broadcaster.station.database import FILE, Database
from broadcaster.station.engine import Engine
from broadcaster.station.notify import notify
from broadcaster.station.orders import Orders
from broadcaster.station.players import Player
from broadcaster.station.players.choose import choose_player
from broadcaster.station.process import Seat, set_on_signal, set_up_logging
from broadcaster.station.settings import StationSettings, read_settings
from broadcaster.station.trust import Trust

log = logging.getLogger("broadcaster.station")

BEAT_EVERY = 1.0
LOOK_EVERY = 0.05


def run(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="broadcaster.station.engine_main")
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args(arguments).home
    set_up_logging(home)
    seat = Seat(home, "engine")
    try:
        settings = read_settings(home)
        with seat.taken():
            play(home, settings, seat)
    except BroadcasterError as error:
        log.error("%s", error)
        return error.exit_code
    except Exception:
        log.exception("Phần phát bị lỗi.")
        return 1
    return 0


class Life:
    """Whether the engine is to go on; and its signs of life, as long as its player gives some.

    A sound library that hangs stops the callbacks, and with them the beats: then the station, or
    systemd, ends this process and starts another.
    """

    def __init__(self, seat: Seat, stop: threading.Event, clock: Clock) -> None:
        self._seat = seat
        self._stop = stop
        self._clock = clock
        self._beat_at = self._looked_at = float("-inf")
        self._pulse = -1
        self.player: Player | None = None

    def going(self) -> bool:
        now = self._clock.monotonic()
        if now > self._beat_at + BEAT_EVERY and self.player and self.player.pulse != self._pulse:
            self._beat_at, self._pulse = now, self.player.pulse
            self._seat.beat()
            notify("WATCHDOG=1")
        if now > self._looked_at + LOOK_EVERY:
            self._looked_at = now
            if self._seat.is_asked_to_leave():
                self._stop.set()
        return not self._stop.is_set()


def play(home: Path, settings: StationSettings, seat: Seat) -> None:
    """Until a signal or a request to leave comes."""
    stop = threading.Event()
    set_on_signal(stop)
    clock = SystemClock(stop)
    life = Life(seat, stop, clock)
    database = Database(home / FILE)
    player, why = choose_player(settings, home, clock)
    life.player = player
    try:
        database.put("player_note", why.vi)
        log.info("Phát bằng: %s. %s", player.device, why.vi)
        Engine(
            database,
            Vault(home),
            player,
            Orders(database, Trust(home), settings.station),
            settings.own_quiet(),
            clock,
            life.going,
            settings.own_limits(),
        ).run()
    finally:
        player.close()
        database.close()


if __name__ == "__main__":
    code = run()
    logging.shutdown()
    if sys.stderr is not None:  # a Windows program without a window has none
        sys.stderr.flush()
    # A sound library that cannot let go must not keep a dead engine in its seat.
    os._exit(code)
