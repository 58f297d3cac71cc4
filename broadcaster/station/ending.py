"""What a play has come to, by what its player tells and why it was told to fall silent."""

from __future__ import annotations

import math

from broadcaster.errors import Text
from broadcaster.station import causes
from broadcaster.station.players import PlayResult
from broadcaster.station.playout import Status
from broadcaster.wire import Outcome


def ending(
    result: PlayResult, halted: Text | None, whole: float = math.inf
) -> tuple[Status, Outcome, Text | None]:
    """What a play has come to. `halted`: why the engine told the player to fall silent; `whole`:
    seconds of one round, so that an emergency called off in its third has been heard."""
    if result.finished:
        return Status.ENDED, "aired", None
    if halted == causes.WITHDRAWN_ON_AIR and result.seconds >= whole > 0:
        return Status.ENDED, "aired", halted
    cause = result.cause or halted or causes.POWER_CUT
    if result.seconds > 0:
        return Status.INTERRUPTED, "partly_aired", cause
    if halted == causes.WITHDRAWN_ON_AIR:
        return Status.WITHDRAWN, "cancelled", causes.WITHDRAWN
    return Status.MISSED, "missed", cause
