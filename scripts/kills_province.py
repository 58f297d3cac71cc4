"""A province in roles whose processes are killed with -9: workers, planners and a web server.

Four workers and two planners on two hosts, one web server; whatever is killed is started again at
once, as systemd would. They are `broadcaster run --role …`, with their own ticks. Beside it the
usual way with a queue of jobs: four workers that post, then record (see kills_worker.py).
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import kills_commune
from kills_hosts import Host
from sqlalchemy import func, select

from broadcaster import bootstrap
from broadcaster.domain.delivery import FINAL, State
from broadcaster.settings.province import FILE, FOLDER
from broadcaster.store.database import Database
from broadcaster.store.schema import delivery

WORKERS = 4
_KEY = "binh-minh"
_NAIVE = Path(__file__).with_name("kills_worker.py")
_TO_START_S = 120.0
_PATIENCE_S = 900.0
_LOOK_S = 0.5
_PROVINCE = """
database_url = "{database_url}"
[server]
port = 0
[engine]
kind = "procrastinate"
workers = 4
"""


def founded(
    home: Path, kind: str, outlets: Sequence[str], count: int, url: str
) -> tuple[Path, list[str]]:
    """A province with one commune; that one's folder, and the references of its posts."""
    home.mkdir()
    (home / FILE).write_text(_PROVINCE.format(database_url=url), encoding="utf-8")
    commune = home / FOLDER / _KEY
    return commune, kills_commune.found(commune, kind, outlets, count)


@dataclass
class Member:
    """One process of the province, started again after each kill. `words`: what it is told."""

    home: Path
    words: Sequence[str]
    host: Host
    role: str
    number: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = self.host.command([sys.executable, *self.words])
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    @property
    def _log(self) -> Path:
        return self.home / f"{self.role}-{self.number}.log"

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8", errors="replace")

    @property
    def ready(self) -> bool:
        return "Ctrl-C" in self.said or "ready" in self.said

    @property
    def leads(self) -> bool:
        return "is the planner now" in self.said

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def killed(self) -> None:
        self.end()
        self.start()


def ours(home: Path, there: Sequence[Host], workers: int = WORKERS) -> list[Member]:
    """The province in roles."""
    roles = ["worker"] * workers + ["planner"] * len(there) + ["web"]
    run = ["-m", "broadcaster", "--home", str(home), "run", "--role"]
    return [
        Member(home, [*run, role], there[n % len(there)], role, n) for n, role in enumerate(roles)
    ]


def naive(home: Path, there: Sequence[Host], workers: int = WORKERS) -> list[Member]:
    """Workers with nothing but a queue of jobs."""
    words = [str(_NAIVE), str(home / FOLDER / _KEY), "jobs"]
    return [Member(home, words, there[n % len(there)], "jobs", n) for n in range(workers)]


@contextlib.contextmanager
def at_work(members: Sequence[Member]) -> Iterator[None]:
    """All of them, ready for work; they are gone afterwards."""
    try:
        for one in members:
            one.start()
        deadline = time.monotonic() + _TO_START_S
        while not all(one.ready for one in members):
            ended = next((one for one in members if not one.lives), None)
            if ended is not None or time.monotonic() > deadline:
                raise RuntimeError(f"not started: {(ended or members[0]).said}")
            time.sleep(_LOOK_S)
        yield
    finally:
        for one in members:
            one.end()


def work_and_kill(
    commune: Path,
    members: Sequence[Member],
    taken: Callable[[], int],
    when: Sequence[int],
    dice: random.Random,
) -> int:
    """Kill somebody each time that the far side has `taken` so many; how many kills there were.

    The planner that leads and the web server are among them, whatever the dice say.
    """
    done, deadline = 0, time.monotonic() + _PATIENCE_S
    with contextlib.closing(bootstrap.connect(commune, {}).database) as database:
        for instant in when:
            while taken() < instant and _open_ones(database):
                time.sleep(dice.uniform(0, 0.2))
            if not _open_ones(database):
                break
            _victim(members, done, dice).killed()
            done += 1
        while _open_ones(database) and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
    return done


def _open_ones(database: Database) -> int:
    open_ones = [state.value for state in State if state not in FINAL]
    question = select(func.count()).where(delivery.c.state.in_(open_ones))
    with database.glance() as connection:
        return connection.scalar(question) or 0


def _victim(members: Sequence[Member], done: int, dice: random.Random) -> Member:
    leading = [one for one in members if one.leads and one.lives]
    if done == 0 and leading:
        return dice.choice(leading)
    web = [one for one in members if one.role == "web"]
    if done == 1 and web:
        return web[0]
    return dice.choice(members)
