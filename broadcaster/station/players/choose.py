"""Which player this machine gets: asked for by name, or the best that really works here."""

from __future__ import annotations

import logging
from importlib.metadata import entry_points
from pathlib import Path

from broadcaster.errors import Text, Unavailable
from broadcaster.station.clock import Clock
from broadcaster.station.players import Player, PlayerFactory
from broadcaster.station.settings import StationSettings

log = logging.getLogger(__name__)

GROUP = "broadcaster.players"


def choose_player(settings: StationSettings, home: Path, clock: Clock) -> tuple[Player, Text]:
    """An open player, and why this one.

    A player that was named is never replaced by another: it is returned even if it cannot be opened
    yet, and tries again by itself. "auto" takes the sound card, or the file when there is none.
    """
    if settings.player != "auto":
        player = build_player(settings.player, settings, home, clock)
        try:
            player.open()
        except Unavailable as error:
            return player, error.text
        return player, Text("", "")
    try:
        player = build_player("sounddevice", settings, home, clock)
        player.open()
    except Unavailable as error:
        reason = error.text
    else:
        return player, Text("", "")
    player = build_player("file", settings, home, clock)
    player.open()
    return player, Text(
        f"Không dùng được loa ({reason.vi}) nên ghi ra tệp WAV.",
        f"No sound card to play on ({reason.en}), so a WAV file is written.",
    )


def build_player(name: str, settings: StationSettings, home: Path, clock: Clock) -> Player:
    """Not opened yet. Raises Unavailable when there is none of that name, or it does not load."""
    for entry in entry_points(group=GROUP, name=name):
        try:
            factory: PlayerFactory = entry.load()
        except (ImportError, AttributeError, OSError) as error:
            raise Unavailable(
                f"Không nạp được cách phát “{name}”: {error}", f"Cannot load player {name}: {error}"
            ) from None
        return factory(settings, home, clock)
    raise Unavailable(f"Không có cách phát “{name}”.", f"There is no player {name}.")
