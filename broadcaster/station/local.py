"""What the person beside the loudspeakers has ordered: stop, and silence for a while.

Kept in the station's database, so that neither a restart nor a line that is down undoes it. It can
only silence: nothing here lets anything sound.
"""

from __future__ import annotations

from datetime import datetime

from broadcaster.errors import Text
from broadcaster.station.database import Database, moment, stamp
from broadcaster.station.playout import Mute

_STOP, _MUTE = "local_stop", "local_mute"
NO_REASON = Text("không ghi lý do", "no reason given")


def stop_here(database: Database, now: datetime) -> None:
    """Silence within a blink, emergencies too, until `release_here`."""
    database.put(_STOP, stamp(now))


def release_here(database: Database) -> None:
    database.put(_STOP, "")


def stopped_here(database: Database) -> bool:
    return bool(database.get(_STOP))


def mute_here(database: Database, until: datetime, reason: str) -> None:
    """Nothing routine before `until`; an emergency still sounds."""
    database.put(_MUTE, f"{stamp(until)} {reason.strip() or NO_REASON.vi}")


def unmute_here(database: Database) -> None:
    database.put(_MUTE, "")


def muted_here(database: Database) -> Mute | None:
    until, _, reason = database.get(_MUTE).partition(" ")
    return Mute(moment(until), reason) if until else None
