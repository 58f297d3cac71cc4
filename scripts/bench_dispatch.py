"""How fast what is due goes out, and how fast one sees what is due.

[--deliveries 1000] [--rows 1000000] [--store sqlite|postgresql] [--outlets 4].
`dispatch`: so many deliveries fall due within one second; the far side (the sandbox, in another
process) takes 10 ms for each. Beside ours the usual order: post, then record. Lateness is from the
due time until the outcome is on the disk. `due`: the median of the question "what is due?" with so
many rows in the future, beside the same question without an index of its own.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import kills_commune
from bench_kills import STORES, database_of, far_side, startable
from sqlalchemy import Connection, func, select, text, update

from broadcaster import bootstrap
from broadcaster.services import dispatching
from broadcaster.services.context import Context
from broadcaster.store.schema import attempt, delivery

WORKER = Path(__file__).with_name("kills_worker.py")
_SLOW_S = 0.01
_START_IN = timedelta(seconds=5)
"""Until the workers are up: they are measured, not Python's start."""
_PATIENCE_S = 900
_TIMES = 300


def run(as_json: bool) -> dict[str, object]:
    parser = argparse.ArgumentParser(prog="bench.py dispatch", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--outlets", type=int, default=4)
    parser.add_argument("--store", choices=STORES, action="append")
    asked = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {"dispatch": [], "due": []}

    def keep(kind: str, result: dict[str, Any]) -> None:
        found[kind].append(result)
        if not as_json:
            print(kind, result, flush=True)

    for store in asked.store or startable():
        for order in ("ours", "naive"):
            keep("dispatch", _dispatched(store, order, asked.deliveries, asked.outlets))
        if asked.rows:
            keep("due", looked(store, asked.rows))
    return dict(found)


def _dispatched(store: str, order: str, count: int, outlets: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-dispatch-") as name,
        far_side("facebook_page", outlets, _SLOW_S) as made,
        database_of(store) as url,
    ):
        home = Path(name) / "home"
        addresses = [one.url for one in made]
        kills_commune.found(home, "facebook_page", addresses, -(-count // outlets), url)
        context = bootstrap.connect(home, {})
        begins = _due_within_a_second(context)
        command = [sys.executable, str(WORKER), str(home), _MODES[order]]
        subprocess.run(command, check=True, timeout=_PATIENCE_S, stdout=subprocess.DEVNULL)
        late, ended = _lateness(context, order)
        context.database.close()
    seconds = (ended - begins).total_seconds()
    return {
        "store": store,
        "order": order,
        "deliveries": len(late),
        "outlets": outlets,
        "seconds": round(seconds, 2),
        "per_second": round(len(late) / seconds, 1),
        "late_p50_ms": round(statistics.median(late)),
        "late_p99_ms": round(statistics.quantiles(late, n=100)[98]),
    }


_MODES = {"ours": "server", "naive": "naive"}


def _due_within_a_second(context: Context) -> datetime:
    """Spread what is planned over the second that begins soon; when that is."""
    begins = context.clock() + _START_IN
    with context.database.write() as connection:
        ids = list(connection.scalars(select(delivery.c.id).order_by(delivery.c.id)))
        for place, one in enumerate(ids):
            due = begins + timedelta(seconds=1) * place / len(ids)
            connection.execute(
                update(delivery).where(delivery.c.id == one).values(due_at=due, next_at=due)
            )
    return begins


def _lateness(context: Context, order: str) -> tuple[list[float], datetime]:
    """In ms, of each delivery that got there; and when the last one had."""
    ended = attempt.c.ended_at if order == "ours" else delivery.c.actual_at
    query = select(delivery.c.due_at, ended).where(delivery.c.state == "confirmed")
    if order == "ours":
        query = query.join(attempt, attempt.c.delivery_id == delivery.c.id)
    with context.database.read() as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    late = [(done - due).total_seconds() * 1000 for due, done in rows]
    return late, max(done for _, done in rows)


# --- what is due ---------------------------------------------------------------------------------


def looked(store: str, rows: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-due-") as name,
        far_side("facebook_page", 1, _SLOW_S) as made,
        database_of(store) as url,
    ):
        home = Path(name) / "home"
        kills_commune.found(home, "facebook_page", [one.url for one in made], 10, url)
        context = bootstrap.connect(home, {})
        now = context.clock()
        early = now - timedelta(days=1)  # when nothing was due yet
        with context.database.write() as connection:
            _multiply(connection, rows)
        figures = {
            "nothing_due": _median(lambda: dispatching.due(context.database, early)),
            "ten_due": _median(lambda: dispatching.due(context.database, now, 10)),
            "naive_ten_due": _median(lambda: _naive_due(context, now), times=5),
        }
        assert len(dispatching.due(context.database, now, 10)) == 10  # noqa: S101 - else it measures nothing
        with context.database.read() as connection:
            total = connection.scalar(select(func.count()).select_from(delivery))
        context.database.close()
    return {"store": store, "rows": total, **figures}


def _naive_due(context: Context, now: datetime) -> list[Any]:
    """The usual question, to a table whose index is on something else."""
    query = select(delivery).where(delivery.c.state == "planned", delivery.c.due_at <= now)
    with context.database.read() as connection:
        return list(connection.execute(query.order_by(delivery.c.due_at).limit(10)))


def _median(ask: Callable[[], object], times: int = _TIMES) -> dict[str, float]:
    """In ms."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return {"median_ms": round(statistics.median(took), 3), "worst_ms": round(max(took), 3)}


def _multiply(connection: Connection, rows: int) -> None:
    """Copies of the first delivery, one a minute far ahead: the database makes them."""
    same = [c.name for c in delivery.c if c.name not in {"id", "uid", "due_at", "next_at"}]
    columns = ", ".join(same)
    first = "delivery WHERE id = (SELECT min(id) FROM delivery)"
    numbers, at = _on_postgresql(rows)
    if connection.dialect.name == "sqlite":
        numbers, at = _on_sqlite(rows)
    made = f"SELECT {columns}, 'copy-' || i, {at}, {at} FROM ({numbers}) AS n, {first}"  # noqa: S608 - our own words
    connection.execute(text(f"INSERT INTO delivery ({columns}, uid, due_at, next_at) {made}"))


def _on_sqlite(rows: int) -> tuple[str, str]:
    """Numbers from 1 on, and a time for each."""
    more = f"SELECT i + 1 FROM c WHERE i < {rows}"  # noqa: S608 - a number
    numbers = f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL {more}) SELECT i FROM c"  # noqa: S608 - same
    at = "strftime('%Y-%m-%d %H:%M:%S.000000', '2030-01-01', '+' || i || ' minutes')"
    return numbers, at


def _on_postgresql(rows: int) -> tuple[str, str]:
    numbers = f"SELECT i FROM generate_series(1, {rows}) AS i"  # noqa: S608 - a number
    return numbers, "timestamptz '2030-01-01 00:00+00' + i * interval '1 minute'"
