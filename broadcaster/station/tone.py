"""A test tone that a person beside the loudspeakers asks for: is the way to the horn whole?"""

from __future__ import annotations

import tempfile
import threading
import wave
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from broadcaster.errors import PolicyRefused, Unavailable
from broadcaster.station import causes
from broadcaster.station.clock import SystemClock
from broadcaster.station.database import FILE, Database
from broadcaster.station.local import stopped_here
from broadcaster.station.orders import Orders
from broadcaster.station.players import Job, PlayResult
from broadcaster.station.players.choose import build_player
from broadcaster.station.settings import StationSettings
from broadcaster.station.trust import Trust

RATE = 48_000
FADE = 0.03
AHEAD = timedelta(seconds=0.5)


def write_tone(path: Path, seconds: float, level: float, hertz: float = 1000.0) -> None:
    """A sine of `level` dBFS (0 is the loudest there is) as a WAV file, with soft edges."""
    t = np.arange(round(seconds * RATE)) / RATE
    edge = np.clip(np.minimum(t, seconds - t) / FADE, 0, 1)
    sound = 32767 * 10 ** (level / 20) * edge * np.sin(2 * np.pi * hertz * t)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.asarray(np.round(sound), dtype="<i2").tobytes())


def refuse_at_a_bad_time(
    home: Path, settings: StationSettings, now: datetime, length: timedelta
) -> None:
    """A tone is no emergency: raises PolicyRefused in quiet hours, while stopped, or on the air."""
    database = Database(home / FILE)
    try:
        standing = Orders(database, Trust(home), settings.station).standing()
        stopped = standing.stopped or stopped_here(database)
        playing = database.one("SELECT uid FROM play WHERE status = 'started'")
    finally:
        database.close()
    for quiet in (settings.own_quiet(), standing.quiet):
        if quiet and quiet.touches(now, length):
            cause = causes.quiet(str(quiet.hours))
            raise PolicyRefused(cause.vi, cause.en)
    if stopped:
        raise PolicyRefused(causes.STOPPED.vi, causes.STOPPED.en)
    if playing:
        raise PolicyRefused(
            "Cụm loa đang phát tin: hãy thử lại khi tin xong.",
            "The station is playing: try again when it has finished.",
        )


def play_tone(
    home: Path, settings: StationSettings, device: str, seconds: float, level: float
) -> PlayResult:
    """On `device`, or the configured one. Raises Unavailable when it cannot be opened."""
    clock = SystemClock(threading.Event())
    refuse_at_a_bad_time(home, settings, clock.now(), timedelta(seconds=seconds))
    chosen = replace(settings, device=device or settings.device)
    name = "sounddevice" if device or settings.player == "auto" else settings.player
    player = build_player(name, chosen, home, clock)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tone.wav"
        write_tone(path, seconds, level)
        try:
            player.open()
            if trouble := player.trouble():
                raise Unavailable(trouble.vi, trouble.en)
            return player.play(Job("test-tone", (path,), clock.now() + AHEAD), lambda _: False)
        finally:
            player.close()
