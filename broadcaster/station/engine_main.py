"""The playing side as a process of its own: `python -m broadcaster.station.engine_main --home DIR`.

Started and watched by the station; goes on playing what is on the disk if the station dies.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from broadcaster.errors import BroadcasterError
from broadcaster.station.audio import Vault
from broadcaster.station.clock import SystemClock
from broadcaster.station.database import FILE, Database
from broadcaster.station.engine import Engine
from broadcaster.station.orders import Orders
from broadcaster.station.players.choose import choose_player
from broadcaster.station.process import Seat, set_on_signal, set_up_logging
from broadcaster.station.settings import StationSettings, read_settings
from broadcaster.station.trust import Trust

log = logging.getLogger("broadcaster.station")

BEAT_EVERY = 1.0
NICE = -10
"""Before everything else on this PC: a late answer to the sound card is a gap in the air."""

LOOK_EVERY = 0.05


def run(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="broadcaster.station.engine_main")
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args(arguments).home
    set_up_logging()
    with contextlib.suppress(OSError, AttributeError):  # not every user may; Windows has none
        os.nice(NICE)
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


def play(home: Path, settings: StationSettings, seat: Seat) -> None:
    """Until a signal or a request to leave comes."""
    stop = threading.Event()
    set_on_signal(stop)
    clock = SystemClock(stop)
    beat_at = looked_at = float("-inf")

    def going() -> bool:
        nonlocal beat_at, looked_at
        if clock.monotonic() > beat_at + BEAT_EVERY:
            beat_at = clock.monotonic()
            seat.beat()
        if clock.monotonic() > looked_at + LOOK_EVERY:
            looked_at = clock.monotonic()
            if seat.is_asked_to_leave():
                stop.set()
        return not stop.is_set()

    database = Database(home / FILE)
    player, why = choose_player(settings, home, clock)
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
            going,
            settings.own_limits(),
        ).run()
    finally:
        player.close()
        database.close()


if __name__ == "__main__":
    code = run()
    logging.shutdown()
    sys.stderr.flush()
    # A sound library that cannot let go must not keep a dead engine in its seat.
    os._exit(code)
