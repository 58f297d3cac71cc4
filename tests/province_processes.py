"""Processes of a province within a test: the parts that `broadcaster run --role …` is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import commune
from commune import Commune
from scripted import Scripted
from sqlalchemy import text

from broadcaster.domain.announcement import Priority
from broadcaster.engine.procrastinate import SCHEMA, Procrastinate
from broadcaster.engine.workers import Workers
from broadcaster.server import province
from broadcaster.server.presence import Presence
from broadcaster.services.communes import Communes
from broadcaster.services.context import Context
from broadcaster.settings.province import EngineSettings, Province
from broadcaster.store.database import Database

PATIENCE_S = 30.0
KEYS = ("an-binh", "binh-minh")
OUTLETS = ("fanpage", "zalo", "website")


def right_now() -> datetime:
    """The engine goes by PostgreSQL's clock, which no test sets."""
    return datetime.now(UTC)


def until(condition: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
    """Return as soon as `condition` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def due_now(xa: Commune, target: str, count: int = 1, priority: Priority = Priority.NORMAL) -> None:
    """So many posts, due a moment ago."""
    due = right_now() - timedelta(minutes=2)
    xa.clock.now = due - timedelta(minutes=5)
    local = due.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    for n in range(count):
        words = f"Tin {n} {priority} {target}\nNội dung {n}."
        number = xa.approved((target,), text=words, priority=priority)
        xa.schedule(number, on=f"{local:%d/%m/%Y}", at=f"{local:%H:%M}")
    xa.plan()


@dataclass
class Land:
    """Two communes in one PostgreSQL, whose outlets answer as a test says."""

    home: Path
    url: str
    workers: int = 4
    communes: dict[str, Commune] = field(default_factory=dict)
    outlets: dict[str, dict[str, Scripted]] = field(default_factory=dict)
    opened: list[Database] = field(default_factory=list)

    def __post_init__(self) -> None:
        text_ = f'database_url = "{self.url}"\n'
        (self.home / "province.toml").write_text(text_, encoding="utf-8")
        for key in KEYS:
            made = commune.found(self.home / "communes" / key, at=right_now())
            self.outlets[key] = {outlet: Scripted() for outlet in OUTLETS}
            scripted = replace(made.context, channel=self.outlets[key].__getitem__)
            self.communes[key] = Commune(scripted, made.clock)

    def served(self, owner: str) -> Communes:
        """As another process sees it."""
        database = Database(self.url)
        self.opened.append(database)
        known = {one.context.commune_id: one.context for one in self.communes.values()}

        def make(commune_id: int, _key: str) -> Context:
            of = known[commune_id]
            at = database.of(commune_id)
            return replace(of, database=at, clock=right_now, owner=owner)

        settings = Province(
            database_url=self.url, engine=EngineSettings(kind="procrastinate", workers=self.workers)
        )
        return Communes(self.home, settings, database, right_now, owner, make)

    def due_now(
        self, key: str, target: str, count: int, priority: Priority = Priority.NORMAL
    ) -> None:
        due_now(self.communes[key], target, count, priority)

    def states(self) -> Mapping[str, int]:
        counted: dict[str, int] = {}
        for xa in self.communes.values():
            for state, count in xa.states().items():
                counted[str(state)] = counted.get(str(state), 0) + count
        return counted

    def drop_tables_of_the_engine(self) -> None:
        with self.opened[0].engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))

    def close(self) -> None:
        for database in [*self.opened, *(xa.context.database for xa in self.communes.values())]:
            database.close()


@dataclass
class Process:
    communes: Communes
    presence: Presence
    engine: Procrastinate
    workers: Workers | None = None


@contextmanager
def process(
    land: Land, owner: str, *, plans: bool = False, works: bool = False
) -> Iterator[Process]:
    """Alive until the end of the block."""
    communes = land.served(owner)
    presence = Presence(communes.database, owner, plans=plans)
    presence.start()
    engine = Procrastinate(communes.database.arguments)
    engine.start()
    made = Process(communes, presence, engine)
    try:
        with _parts(made, plans=plans, works=works):
            yield made
    finally:
        engine.stop()
        presence.stop()


@contextmanager
def _parts(made: Process, *, plans: bool, works: bool) -> Iterator[None]:
    if works:
        with province.working(made.communes, made.engine, made.presence) as workers:
            made.workers = workers
            with _parts(made, plans=plans, works=False):
                yield
    elif plans:
        with province.planning(made.communes, made.engine, made.presence):
            yield
    else:
        yield
