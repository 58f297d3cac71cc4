"""Simulated stations that ask for their plan over connections that stay open.

As behind a reverse proxy, which keeps a pool of connections to every web process.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

RUNDOWN = "/api/station/v1/rundown"
BROKEN = 0
"""In the place of a status: the connection broke, or the answer was none."""
_PATIENCE_S = 30.0


@dataclass
class Stations:
    """`token` names each, `every` so many seconds it asks; `tags` are of the plans they hold."""

    count: int
    token: Callable[[int], str]
    every: float = 30.0
    tags: dict[int, str] = field(default_factory=dict)


@dataclass
class Polled:
    """What became of the questions: seconds from when each was to be asked to its answer's end."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def summary(self) -> dict[str, object]:
        found: dict[str, object] = {
            "polls": len(self.waits),
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
        }
        if len(self.waits) < 2:
            return found
        cuts = statistics.quantiles(self.waits, n=100)
        return found | {
            "p50_ms": round(cuts[49] * 1000, 1),
            "p99_ms": round(cuts[98] * 1000, 1),
            "max_ms": round(max(self.waits) * 1000, 1),
        }


async def first_plans(ports: Sequence[int], stations: Stations, at_once: int) -> None:
    """Every station gets the plan that is made at its first question."""
    whom, now = iter(range(stations.count)), time.perf_counter()
    done = Polled()
    shared = ((now, n) for n in whom)  # whoever is free takes the next one
    async with asyncio.TaskGroup() as group:
        for n in range(at_once):
            group.create_task(_ask_all(ports[n % len(ports)], shared, stations, done))
    if set(done.statuses) - {200, 304}:
        raise SystemExit(f"first plans: {dict(done.statuses)}")


async def poll(
    ports: Sequence[int], stations: Stations, connections: int, seconds: float
) -> Polled:
    """Questions at even distances for so long, whether or not those before have been answered."""
    begun, gap = time.perf_counter() + 0.5, stations.every / stations.count
    turns = [(begun + k * gap, k % stations.count) for k in range(round(seconds / gap))]
    done = Polled()
    async with asyncio.TaskGroup() as group:
        for n in range(connections):
            mine = iter(turns[n::connections])
            group.create_task(_ask_all(ports[n % len(ports)], mine, stations, done))
    return done


async def _ask_all(
    port: int, turns: Iterator[tuple[float, int]], stations: Stations, done: Polled
) -> None:
    """One connection: what comes after a late answer is late itself, and counts as such."""
    line: _Line | None = None
    for due, n in turns:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        status, line = await _ask(port, line, stations, n)
        done.statuses[status] += 1
        done.waits.append(time.perf_counter() - due)
    if line is not None:
        line.close()


async def _ask(
    port: int, kept: _Line | None, stations: Stations, n: int
) -> tuple[int, _Line | None]:
    """Over the line that was kept; one that the server has closed meanwhile is opened anew."""
    for line in (kept, None) if kept else (None,):
        try:
            line = line or await _Line.to(port)  # noqa: PLW2901 - the one that is used
            asked = line.ask(stations.token(n), stations.tags.get(n, ""))
            status, tag = await asyncio.wait_for(asked, _PATIENCE_S)
        except (OSError, EOFError, TimeoutError, ValueError):
            if line is not None:
                line.close()
            continue
        if status == 200:
            stations.tags[n] = tag
        return status, line
    return BROKEN, None


class _Line:
    """A connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> _Line:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, token: str, tag: str) -> tuple[int, str]:
        """(status, tag). Raises IncompleteReadError or ValueError where that was no answer."""
        head = f"GET {RUNDOWN} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        head += f"If-None-Match: {tag}\r\n" if tag else ""
        self._writer.write(f"{head}\r\n".encode())
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        told = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        await self._reader.readexactly(int(told.get("content-length", "0")))
        return int(lines[0].split()[1]), told.get("etag", "")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._writer.close()
