"""What planning costs a province: many communes in one database, five weeks ahead.

[--communes 150] [--rules 20] [--days 35] [--rows 1000000]. Every rule is an approved announcement
of 30 seconds for one station, on four weekdays (a fifth day of the same item would be refused as a
repeat). `plan`: all communes, one after another, in one process that has settled as the server
does. `again`: the same once more, which must change nothing; `tick`: what the planner asks every
two seconds, once for all. `expand`: the rules alone, by our expansion and by dateutil. `due`: the
question "what is due?" with 1000 and with --rows rows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench_dispatch import looked
from dateutil.rrule import rrulestr
from sqlalchemy import Connection, func, select

from broadcaster import bootstrap
from broadcaster.domain.announcement import Priority, revision_digest
from broadcaster.domain.approval import Decision, digest
from broadcaster.domain.delivery import LOUDSPEAKER
from broadcaster.domain.timetable import Rule
from broadcaster.server.memory import settle
from broadcaster.services.content import authoring
from broadcaster.services.context import Context
from broadcaster.services.timetable import planning
from broadcaster.settings import config
from broadcaster.store import announcements, approvals, people
from broadcaster.store.migrate import upgrade
from broadcaster.store.rows import add
from broadcaster.store.schema import commune, delivery

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday, 08:00 in Việt Nam."""
_WEEK = ("MO", "TU", "WE", "TH", "FR")
_SETTINGS = """
[commune]
name = "xã số 1"
[[targets]]
key = "loa"
channel = "loudspeaker"
name = "Cụm loa"
village = "thôn 1"
"""


def run(as_json: bool) -> dict[str, object]:
    parser = argparse.ArgumentParser(prog="bench.py plan", description=__doc__)
    parser.add_argument("--communes", type=int, default=150)
    parser.add_argument("--rules", type=int, default=20)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    figures: dict[str, object] = {}
    for name, value in _measured(asked.communes, asked.rules, asked.days, asked.rows):
        figures[name] = value
        if not as_json:
            print(name, value, flush=True)
    return figures if as_json else {}


def _measured(communes: int, rules: int, days: int, rows: int) -> Iterator[tuple[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="bench-plan-") as name:
        contexts = _found(Path(name), communes, rules)
        horizon = timedelta(days=days)

        def plan(now: datetime) -> int:
            return sum(planning.plan(one, now, horizon=horizon) for one in contexts)

        def tick(since: datetime) -> int:
            with contexts[0].database.glance() as connection:
                return len(approvals.news(connection, since))

        settle()
        yield "plan", _timed(lambda: plan(NOW)) | {"deliveries": _count(contexts[0])}
        yield "again", _timed(lambda: plan(NOW))
        yield "tick", _timed(lambda: tick(NOW + timedelta(seconds=1)))
        contexts[0].database.close()
    yield "expand", _expanded(communes * rules, days)
    if rows:
        few, many = looked("sqlite", 1000), looked("sqlite", rows)
        yield "due", [few, many]
        ratio = many["ten_due"]["median_ms"] / few["ten_due"]["median_ms"]
        yield "due_ratio_many_to_few", round(ratio, 2)


def _timed(work: Callable[[], int]) -> dict[str, Any]:
    """`cpu_seconds` stay the same on a machine that has other things to do."""
    began, cpu = time.perf_counter(), time.process_time()
    new = work()
    took, busy = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": round(took, 2), "cpu_seconds": round(busy, 2), "new": new}


def _count(context: Context) -> dict[str, int]:
    with context.database.read() as connection:
        rows = connection.execute(select(delivery.c.state, func.count()).group_by(delivery.c.state))
        return {row[0]: row[1] for row in rows}


def _expanded(rules: int, days: int) -> dict[str, Any]:
    """The same dates twice: jumping to the window, and walking from a start a year ago."""
    start = datetime(2025, 11, 24, 17, 0)  # noqa: DTZ001 - a wall clock
    until = NOW + timedelta(days=days)
    texts = [f"FREQ=WEEKLY;BYDAY={_days(n)}" for n in range(rules)]
    ours = _timed(lambda: sum(len([*Rule(t, start).occurrences(NOW, until)]) for t in texts))
    low, high = (one.replace(tzinfo=None) + timedelta(hours=7) for one in (NOW, until))
    theirs = _timed(
        lambda: sum(len(rrulestr(t, dtstart=start).between(low, high, inc=True)) for t in texts)
    )
    return {"ours": ours, "dateutil": theirs}


def _days(number: int) -> str:
    """Four of the five weekdays, so that one item is not repeated too often."""
    return ",".join(day for place, day in enumerate(_WEEK) if place != number % 5)


def _found(home: Path, communes: int, rules: int) -> list[Context]:
    """One database with all of them; a context for each."""
    (home / "data").mkdir()
    (home / config.FILE).write_text(_SETTINGS, encoding="utf-8")
    database = bootstrap.open_database(home, config.load(home))
    upgrade(database)
    with database.write() as connection:
        ids = [people.the_commune(connection, "xã số 1")]
        ids += [
            add(connection, commune, name=f"xã số {n}", key=f"xa-{n}")
            for n in range(2, communes + 1)
        ]
    database.close()
    first = replace(bootstrap.connect(home, {}), clock=lambda: NOW)
    contexts = [replace(first, commune_id=one) for one in ids]
    for context in contexts:
        with context.database.write() as connection:
            for number in range(rules):
                _approved(connection, context, number)
    return contexts


def _approved(connection: Connection, context: Context, number: int) -> None:
    """An announcement with sound, an approval for its period, and a rule."""
    title, body = f"Thông báo {number}", f"Thông báo {number}\nHọp thôn lúc 19 giờ, lần {number}."
    owner = announcements.create(connection, context.commune_id, Priority.NORMAL, "lan", NOW)
    revision = announcements.add_revision(
        connection, owner, title=title, body=body, targets=["loa"],
        digest=revision_digest(title, body, Priority.NORMAL, ["loa"]), author="lan", now=NOW,
    )  # fmt: skip
    announcements.add_rendition(
        connection,
        {
            "revision_id": revision.id, "target": "loa", "channel": LOUDSPEAKER,
            "digest": f"{owner.uid}", "content": {"flags": []}, "duration_ms": 30_000,
            "created_at": NOW,
        },
    )  # fmt: skip
    pinned = authoring.load(connection, context, owner.number, NOW).pinned
    approvals.record(
        connection,
        {
            "revision_id": revision.id, "decision": Decision.GRANTED, "person": "minh",
            "reason": "", "digest": digest(pinned), "pinned": pinned, "decided_at": NOW,
            "valid_until": NOW + timedelta(days=60), "voided_at": None, "voided_reason": "",
        },
    )  # fmt: skip
    minutes = 32 * (number // 5)  # 30 s and the gap beside each other, in seconds
    start = datetime(2026, 11, 23, 17, 0) + timedelta(seconds=minutes + 128 * (number % 5))  # noqa: DTZ001 - a wall clock
    approvals.add_rule(
        connection,
        {
            "announcement_id": owner.id, "rrule": f"FREQ=WEEKLY;BYDAY={_days(number)}",
            "dtstart": start, "zone": context.policy.zone, "targets": ["loa"], "author": "lan",
            "created_at": NOW, "added": [], "skipped": [], "avoids": [],
        },
    )  # fmt: skip
