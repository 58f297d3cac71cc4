"""The process that is killed at a file-sync: sends what is due, later looks whether it is there.

sync_worker.py HOME NOW. `NOW` (ISO 8601) is its time of day, and then five minutes after it. No
thread is started, so that the syncs can be counted.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster import bootstrap
from broadcaster.services import dispatching

LATER = timedelta(minutes=5)


def main(home: Path, now: datetime) -> None:
    connected = bootstrap.connect(home, {})
    clock = [now]
    context = replace(connected, clock=lambda: clock[0])
    for moment in (now, now + LATER):
        clock[0] = moment
        for one in dispatching.due(context.database, moment):
            dispatching.handle(context, one.id, moment)
    connected.database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
