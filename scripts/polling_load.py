"""Thousands of simulated stations that ask one server process for their plan every 30 seconds.

Part of `bench.py station`. The server is the real application on SQLite; beside it the same
requests go to a bare route of the same web framework that answers 304 and does nothing else. Every
request has a connection of its own, as a station that asks seldom has.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from processes import cpu_seconds

EVERY = 30.0
"""Seconds from one question of a station to its next."""

RUNDOWN = "/api/station/v1/rundown"
_HEAD = 'database_url = ""\n[commune]\nname = "xã Bình Minh"\n'
_TARGET = '[[targets]]\nkey = "loa-{n}"\nchannel = "loudspeaker"\nname = "Loa {n}"\n'


AT_ONCE = 8
"""First plans that are asked for at the same time."""


def measure(stations: int, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Milliseconds from the connection's begin to the answer's end; of CPU, the server's alone."""
    count = round(stations / EVERY * seconds)
    order = random.Random(1).sample(range(stations), stations)  # noqa: S311 - spreads load only
    whom = [order[n % stations] for n in range(count)]
    with tempfile.TemporaryDirectory(prefix="bench-polls-") as folder:
        home = Path(folder)
        say(f"{stations} stations are enrolled")
        _found(home, stations)
        with _serving(home) as (port, pid):
            say(f"{len(set(whom))} of them get their first plan")
            begun = cpu_seconds(pid)
            tags = asyncio.run(_first_plans(port, sorted(set(whom))))
            first = (cpu_seconds(pid) - begun) * 1000 / len(tags)
            say(f"{count} polls")
            ours = _polled(port, pid, whom, EVERY / stations, tags)
            say(f"{count} polls of a bare route")
            bare = _polled(port, pid, whom, EVERY / stations, {}, path="/bare")
    return {
        "polls_per_second": round(stations / EVERY, 1),
        "polls": count,
        "first_plan_cpu_ms": round(first, 2),
        **_summary("sync", *ours),
        **_summary("bare_304", *bare),
    }


def _polled(
    port: int, pid: int, whom: list[int], gap: float, tags: dict[int, str], path: str = RUNDOWN
) -> tuple[list[float], float]:
    """(seconds of each poll, CPU seconds of the server for all of them)."""
    begun = cpu_seconds(pid)
    waits = asyncio.run(_poll(port, whom, gap, tags, path))
    return waits, cpu_seconds(pid) - begun


def _summary(name: str, waits: list[float], cpu: float) -> dict[str, object]:
    cuts = statistics.quantiles(waits, n=100)
    return {
        f"{name}_p50_ms": round(cuts[49] * 1000, 1),
        f"{name}_p99_ms": round(cuts[98] * 1000, 1),
        f"{name}_max_ms": round(max(waits) * 1000, 1),
        f"{name}_cpu_ms": round(cpu * 1000 / len(waits), 2),
    }


def token(n: int) -> str:
    return f"tram-do-{n:06d}-khong-bi-mat"


def _found(home: Path, stations: int) -> None:
    """A commune with so many enrolled stations and nothing planned."""
    # Only here: the process that asks needs nothing of the server.
    from broadcaster import bootstrap  # noqa: PLC0415 - see above
    from broadcaster.settings import config  # noqa: PLC0415 - see above
    from broadcaster.store import people  # noqa: PLC0415 - see above
    from broadcaster.store.migrate import upgrade  # noqa: PLC0415 - see above
    from broadcaster.store.schema_stations import station  # noqa: PLC0415 - see above

    targets = "".join(_TARGET.format(n=n) for n in range(stations))
    (home / "data").mkdir()
    (home / config.FILE).write_text(_HEAD + targets, encoding="utf-8")
    settings = config.load(home)
    database = bootstrap.open_database(home, settings)
    upgrade(database)
    with database.write() as connection:
        commune = people.the_commune(connection, settings.commune.name)
        connection.execute(station.insert(), [_row(commune, n) for n in range(stations)])
    database.close()


def _row(commune: int, n: int) -> dict[str, object]:
    """As enrolling leaves it."""
    return {
        "commune_id": commune,
        "key": f"loa-{n}",
        "token_digest": hashlib.sha256(token(n).encode()).hexdigest(),
        "rundown_version": 0,
        "rundown_digest": "",
        "seen_at": None,
        "status": {},
    }


@contextlib.contextmanager
def _serving(home: Path) -> Iterator[tuple[int, int]]:
    """Its port, and its process."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(home)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None  # noqa: S101 - it was asked for
    try:
        yield json.loads(process.stdout.readline())["port"], process.pid
    finally:
        process.terminate()
        process.wait(20)


def _serve(home: Path) -> None:
    """The whole application in this one process, and the bare route beside it."""
    import socket  # noqa: PLC0415 - only in the server's process

    import uvicorn  # noqa: PLC0415 - same
    from fastapi import Response  # noqa: PLC0415 - same

    from broadcaster import bootstrap  # noqa: PLC0415 - same
    from broadcaster.web.app import create_app  # noqa: PLC0415 - same

    app = create_app(bootstrap.connect_all(home, {}))

    @app.get("/bare")
    async def bare() -> Response:
        return Response(status_code=304)

    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    settings = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(settings).run(sockets=[listener])


Answer = tuple[int, str]
"""Status and ETag."""


async def _ask(port: int, path: str, n: int, tag: str) -> Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    head += f"Authorization: Bearer {token(n)}\r\n"
    head += f"If-None-Match: {tag}\r\n" if tag else ""
    writer.write(f"{head}\r\n".encode())
    answer = await reader.read()
    writer.close()
    lines = answer.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    found = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("etag:")]
    return int(lines[0].split()[1]), found[0] if found else ""


async def _first_plans(port: int, whom: list[int]) -> dict[int, str]:
    """The tags of the plans that are made at a station's first question: not part of the figure."""
    tags: dict[int, str] = {}
    few = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> None:
        async with few:
            status, tags[n] = await _ask(port, RUNDOWN, n, "")
        if status != 200:
            raise SystemExit(f"the server answered {status}")

    await asyncio.gather(*map(one, whom))
    return tags


async def _poll(
    port: int, whom: list[int], gap: float, tags: dict[int, str], path: str
) -> list[float]:
    """Questions at even distances, whether or not the ones before have been answered."""
    waits: list[float] = []
    begun = time.perf_counter()

    async def one(n: int, due: float) -> None:
        status, tag = await _ask(port, path, n, tags.get(n, ""))
        # Twice a day each plan gets new dates, every station at an hour of its own: of thousands,
        # some have theirs just now, and their longer answer counts among the others.
        if status not in {304, 200}:
            raise SystemExit(f"the server answered {status} and not 304")
        if status == 200:
            tags[n] = tag
        waits.append(time.perf_counter() - due)

    running = set()
    for k, n in enumerate(whom):
        due = begun + k * gap
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(n, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return waits


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=Path, required=True)
    _serve(parser.parse_args().serve)
