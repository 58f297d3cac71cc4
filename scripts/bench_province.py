"""A province on PostgreSQL: posts and stations at once, with every role a process of its own.

[--communes 150] [--stations 5000] [--seconds 30] [--webs 1] [--workers 1] [--rows 1000000].
Every commune has 20 posts a day, three of them within the measured time, and a programme on all
its loudspeakers. For so many seconds (of posts, a minute at most) stations ask, each every 30 s:
over 64 connections, while posts fall due one after the other; then over 1000, while as many more
fall due all in one second. All posts have been approved and planned before. Lateness is from the
due time until the far side has accepted; that is the sandbox, in another process, which takes
10 ms for a post. PostgreSQL waits for the disk, as in earnest. `alone`: the same of one commune on
one PC with SQLite. `due`: the question "what is due?" with 1000 and with --rows rows in the future.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import keep_alive
import postgres
import province_land
import province_roles
from bench_dispatch import looked
from bench_station import Progress
from keep_alive import Stations
from province_roles import Process
from sqlalchemy import Select, func, select

from broadcaster.services.communes import Communes
from broadcaster.store.schema import delivery

_AT_ONCE = 8
_LEAD, _LEAD_EACH = timedelta(seconds=5), timedelta(seconds=0.15)
"""From the first approval to the due time, and more for each commune; in life it is hours."""
_POLLING_FIRST_S = 3.0
_REST_S = 15.0
"""How long after the polling posts may still come."""


@dataclass(frozen=True)
class _Asked:
    communes: int
    stations: int
    seconds: float
    webs: int
    workers: int
    rows: int


def run(as_json: bool) -> dict[str, object]:  # noqa: ARG001 - the signature of every measurement
    parser = argparse.ArgumentParser(prog="bench.py province", description=__doc__)
    parser.add_argument("--communes", type=int, default=150)
    parser.add_argument("--stations", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--webs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = _Asked(**vars(parser.parse_args()))
    if reason := postgres.missing():
        raise SystemExit(reason)
    say = Progress()
    with postgres.running(durable=True) as url:
        province = _measured(asked, url, say)
    share = max(asked.stations // asked.communes, 1)
    alone = _measured(_Asked(1, share, min(asked.seconds, 20), 0, 0, 0), "", say)
    figures: dict[str, object] = {"province": province, "alone": alone}
    if asked.rows:
        say("what is due, with few rows and with many")
        few, many = looked("postgresql", 1000), looked("postgresql", asked.rows)
        ratio = many["ten_due"]["median_ms"] / few["ten_due"]["median_ms"]
        figures["due"] = {"rows": [few, many], "ratio_many_to_few": round(ratio, 2)}
    say("done")
    return figures


def _measured(asked: _Asked, url: str, say: Progress) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-province-") as name,
        province_roles.far_side(Path(name)) as far,
    ):
        say(f"{asked.communes} communes are founded" if url else "one commune on SQLite")
        home, begun = Path(name) / "home", time.monotonic()
        served = province_land.found(home, url, asked.communes, asked.stations, far.url)
        took = round(time.monotonic() - begun, 1)
        with province_roles.running(home, url, asked.webs, asked.workers) as processes:
            found = _watched(asked, served, processes, far, say)
        served.database.close()
    return {"communes": asked.communes, "stations": asked.stations, "founded_s": took, **found}


def _watched(
    asked: _Asked, served: Communes, processes: list[Process], far: Process, say: Progress
) -> dict[str, Any]:
    ports = [one.port for one in processes if one.port]
    stations = Stations(asked.stations, province_land.token)
    say("every station gets its first plan")
    begun = province_roles.used(processes)
    asyncio.run(keep_alive.first_plans(ports, stations, _AT_ONCE))
    first = sum(province_roles.used(processes).values()) - sum(begun.values())
    found: dict[str, Any] = {"first_plan_cpu_ms": round(first * 1000 / asked.stations, 2)}
    minute = timedelta(seconds=min(asked.seconds, 60))
    for connections, within in ((64, minute), (1000, timedelta())):
        say(f"polling over {connections} connections")
        before, begun_at = province_roles.used([*processes, far]), time.monotonic()
        with _rush(served, within) as posts:
            polling = keep_alive.poll(ports, stations, connections, asked.seconds)
            polled = asyncio.run(polling).summary()
        used, took = province_roles.used([*processes, far]), time.monotonic() - begun_at
        cpu = {name: round(used[name] - before[name], 2) for name in used}
        found[f"connections_{connections}"] = {
            "rundown": polled, "posts": posts, "seconds": round(took, 1), "cpu_s": cpu,
        }  # fmt: skip
    found["memory_mb"] = {one.name: one.memory_mb() for one in processes}
    found["deliveries"] = _states(served)
    return found


@contextlib.contextmanager
def _rush(served: Communes, within: timedelta) -> Iterator[dict[str, object]]:
    """Posts that fall due meanwhile; what is yielded tells in the end how late they were."""
    told: dict[str, object] = {}
    lead = _LEAD + len(served.every()) * _LEAD_EACH
    begins = (served.clock() + lead).replace(microsecond=0)
    ends = begins + within + timedelta(seconds=1)
    count = province_land.rush(served, begins, within)
    while _planned(served, begins, ends) < count:
        if served.clock() > begins:
            raise SystemExit("the posts were not planned in time")
        time.sleep(0.2)
    early = (begins - served.clock()).total_seconds()
    time.sleep(max(0.0, early - _POLLING_FIRST_S))
    yield told
    deadline = time.monotonic() + _REST_S
    while len(late := _lateness(served, begins, ends)) < count and time.monotonic() < deadline:
        time.sleep(0.5)
    told |= {
        "due": count, "within_s": within.total_seconds(), "planned_early_s": round(early, 1),
        "accepted": len(late),
    }  # fmt: skip
    if len(late) > 1:
        cuts = statistics.quantiles(late, n=100)
        told |= {
            "late_p50_s": round(cuts[49], 2),
            "late_p99_s": round(cuts[98], 2),
            "late_max_s": round(max(late), 2),
        }


def _planned(served: Communes, begins: datetime, ends: datetime) -> int:
    with served.database.read() as connection:
        return len(connection.execute(_posts(begins, ends)).all())


def _lateness(served: Communes, begins: datetime, ends: datetime) -> list[float]:
    done = _posts(begins, ends).where(delivery.c.actual_at.is_not(None))
    with served.database.read() as connection:
        rows = connection.execute(done)
        return [(row.actual_at - row.due_at).total_seconds() for row in rows]


def _posts(begins: datetime, ends: datetime) -> Select[tuple[datetime, datetime]]:
    return select(delivery.c.due_at, delivery.c.actual_at).where(
        delivery.c.due_at >= begins,
        delivery.c.due_at < ends,
        delivery.c.channel == "facebook_page",
    )


def _states(served: Communes) -> dict[str, int]:
    query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    with served.database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
