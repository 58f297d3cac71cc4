"""The process that is killed: sends what is due until nothing is open, `ours` or `naive`.

kills_worker.py HOME ours|server|naive|jobs. `ours` is woken more often than the `server` wakes
itself, whose ticks would make a measurement of kills long. `naive` is the usual order: post, then
write down that it was posted; so is `jobs`, where several such processes get their work from
Procrastinate and the job of a dead one is run again. It says "ready" before it begins.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from broadcaster import bootstrap
from broadcaster.channels.facebook.versions import Versions
from broadcaster.domain import delivery as machine
from broadcaster.domain.delivery import FINAL, Delivery, State
from broadcaster.engine.port import Look
from broadcaster.engine.procrastinate import Procrastinate
from broadcaster.engine.workers import Workers
from broadcaster.secrecy.store import Secrets
from broadcaster.server.loops import Loops
from broadcaster.services import dispatching
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.store import announcements, deliveries

_PAUSE_S = 0.01
_LOOK_EVERY_S = 0.3
_JOBS_AT_ONCE = 4
OPEN = {state for state in State if state not in FINAL}


def server(context: Context) -> None:
    """What `broadcaster run` does, with its own ticks."""
    loops = Loops(Communes.only(context))
    loops.start()
    while _open_ones(context):
        time.sleep(_LOOK_EVERY_S)
    loops.stop()


def ours(context: Context) -> None:
    """What the server does, woken more often."""
    dispatching.recover(context, context.clock())
    loops = Loops(Communes.only(context))
    looked = 0.0
    while True:
        loops.dispatch()
        time.sleep(_PAUSE_S)
        if time.monotonic() - looked > _LOOK_EVERY_S:
            looked = time.monotonic()
            if not _open_ones(context):
                loops.stop()
                return


def _open_ones(context: Context) -> list[Delivery]:
    with context.database.read() as connection:
        return deliveries.find(connection, context.commune_id, states=OPEN)


def naive(context: Context) -> None:
    """As many lanes as ours has, each posting and then recording."""
    todo = _open_ones(context)
    lanes = [
        threading.Thread(target=_lane, args=(context, [d for d in todo if d.target == target]))
        for target in sorted({d.target for d in todo})
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def _lane(context: Context, todo: list[Delivery]) -> None:
    for one in sorted(todo, key=lambda one: one.due_at):
        time.sleep(max(0.0, (one.due_at - context.clock()).total_seconds()))
        _post_and_record(context, one)


def _post_and_record(context: Context, one: Delivery) -> None:
    with context.database.read() as connection:
        content = announcements.rendition_by_id(connection, one.rendition_id).content
    _post(context, one, content)
    now = context.clock()
    posted = machine.accept(machine.claim(one, "naive", now), "posted", "", now, now)
    with context.database.write() as connection:
        deliveries.swap(connection, one, machine.confirm(posted, {}))


def jobs(context: Context) -> None:
    """A job is done when it is written down; what a dead worker had in hand is done again."""
    engine = Procrastinate(context.database.arguments)
    engine.start()

    def handle(_commune_id: int, delivery_id: int) -> bool:
        with context.database.read() as connection:
            one = deliveries.by_id(connection, context.commune_id, delivery_id)
        if not one.final:
            _post_and_record(context, one)
        return True

    workers = Workers(engine, handle, _JOBS_AT_ONCE)
    workers.start()
    open_ones = _open_ones(context)
    engine.wake(
        [Look(one.commune_id, one.id, one.target, one.priority, one.due_at) for one in open_ones]
    )
    while _open_ones(context):
        engine.retry_stalled()
        time.sleep(1)
    workers.stop()
    engine.stop()


def _post(context: Context, one: Delivery, content: Mapping[str, Any]) -> None:
    options = context.config.target(one.target).options
    secrets = Secrets(context.home, {})
    base = options["base_url"]
    request: dict[str, Any]
    if one.channel == "facebook_page":
        url = f"{base}/{Versions.read().default}/{options['page_id']}/feed"
        token = secrets.get(one.target, "page_token")
        request = {"data": {"message": content["message"], "access_token": token}}
    elif one.channel == "zalo_oa":
        url = f"{base}/v2.0/article/create"
        token = secrets.get(one.target, "access_token")
        request = {"json": dict(content), "headers": {"access_token": token}}
    else:
        url = f"{base}/wp-json/wp/v2/posts"
        password = secrets.get(one.target, "app_password")
        article = {name: content[name] for name in ("title", "content", "slug")}
        request = {"json": {**article, "status": "publish"}, "auth": (options["user"], password)}
    answer = requests.post(url, timeout=30, **request)
    answer.raise_for_status()


def main(home: Path, order: str) -> None:
    logging.basicConfig(level=logging.WARNING)
    context = bootstrap.connect(home, {})
    print("ready", flush=True)
    {"ours": ours, "server": server, "naive": naive, "jobs": jobs}[order](context)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
