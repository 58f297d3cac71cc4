"""Posts lost and doubled when the program is killed with -9: ours beside the usual order.

[--posts 1000] [--kills 20] [--channel KIND] [--store sqlite|postgresql] [--seed N]
[--engine embedded|procrastinate]. The far side is the sandbox: it has no idempotency key, takes
10 ms for a post and finishes what a dead client has sent. Who posts is one process at a time,
killed at random instants and started again; with `procrastinate` it is a province on PostgreSQL
(see kills_province.py), of which any process may be killed. In the end the far side is asked what
the public sees.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import kills_commune
import kills_hosts
import kills_province
import postgres
import requests

from broadcaster.sandbox import running
from broadcaster.sandbox.faults import Fault, PlatformName
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState

HERE = Path(__file__).resolve().parent
ORDERS = ("ours", "naive")
STORES = ("sqlite", "postgresql")
_PLATFORMS: dict[str, tuple[PlatformName, str]] = {
    "facebook_page": ("graph", "feed.create"),
    "zalo_oa": ("zalo", "article.create"),
    "wordpress": ("wordpress", "posts.create"),
}
_OUTLETS = 4
"""Targets: one delivery of a target is sent at a time, so that many posts are cut by a kill."""

_SLOW_S = 0.005
"""Before storing, and once more after it."""

_COUNTED = (
    "channel", "store", "engine", "hosts", "order", "posts", "kills", "lost", "doubled",
    "interrupted",
)  # fmt: skip

_PATIENCE_S = 900
"""What is not settled by then stays so, and is counted."""


@dataclass(frozen=True)
class Result:
    """`lost`: posts that nobody sees; `doubled`: posts too many; `unsettled`: not final with us.

    `interrupted`: how often a kill hit an attempt of ours between its two records. `hosts`: what
    the processes ran on: one machine, "namespaces" (two networks on it) or "processes" (two names).
    """

    channel: str
    store: str
    order: str
    posts: int
    kills: int
    lost: int
    doubled: int
    unsettled: int
    interrupted: int
    seconds: float
    engine: str = "embedded"
    hosts: str = "one"


R = TypeVar("R")


def parser_of(name: str, about: str | None, posts: int, kills: int) -> argparse.ArgumentParser:
    """What every measurement of kills can be asked."""
    parser = argparse.ArgumentParser(prog=f"bench.py {name}", description=about)
    parser.add_argument("--posts", type=int, default=posts)
    parser.add_argument("--kills", type=int, default=kills)
    parser.add_argument("--channel", choices=kills_commune.KINDS, action="append")
    parser.add_argument("--store", choices=STORES, action="append")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def each(
    asked: argparse.Namespace,
    ways: Sequence[str],
    once: Callable[[str, str, str, int, int, int], R],
    as_json: bool,
) -> list[R]:
    """`once` for each store, channel and way of doing it; shown as they end."""
    results = []
    for store in asked.store or startable():
        for channel in asked.channel or kills_commune.KINDS:
            for way in ways:
                results.append(once(channel, store, way, asked.posts, asked.kills, asked.seed))
                if not as_json:
                    print(results[-1], flush=True)
    return results


def run(as_json: bool) -> dict[str, object]:
    parser = parser_of("kills", __doc__, 1000, 20)
    parser.add_argument("--engine", choices=("embedded", "procrastinate"), default="embedded")
    asked = parser.parse_args()
    if asked.engine == "embedded":
        found = each(asked, ORDERS, trial, as_json)
    else:
        asked.store = ["postgresql"]
        found = each(asked, ORDERS, trial_of_province, as_json)
    return {"results": [{key: asdict(one)[key] for key in _COUNTED} for one in found]}


def startable() -> list[str]:
    """The databases that this machine has or may install; says why one is left out."""
    reason = postgres.missing()
    if reason:
        print(reason, file=sys.stderr)
    return ["sqlite"] if reason else list(STORES)


def trial(channel: str, store: str, order: str, posts: int, kills: int, seed: int = 1) -> Result:
    """One commune, four outlets of one kind, one way of posting, killed `kills` times.

    Every announcement is a post on each outlet: `posts` is rounded up to whole announcements.
    """
    dice = random.Random(f"{seed} {channel} {store} {order}")  # noqa: S311 - no secret hangs on it
    with (
        tempfile.TemporaryDirectory(prefix="bench-kills-") as name,
        far_side(channel) as outlets,
        database_of(store) as url,
    ):
        home = Path(name) / "home"
        addresses = [outlet.url for outlet in outlets]
        references = kills_commune.found(home, channel, addresses, -(-posts // _OUTLETS), url)
        began = time.monotonic()
        done = work_and_kill(home, order, outlets, instants(dice, posts, kills), dice)
        took = round(time.monotonic() - began, 1)
        counted, seen = _counted(outlets, references, home), len(references) * len(outlets)
    return Result(channel, store, order, seen, done, *counted, took)


def trial_of_province(
    channel: str, store: str, order: str, posts: int, kills: int, seed: int = 1, workers: int = 4
) -> Result:
    """The same with a province in roles on two hosts, whose processes are killed one by one."""
    dice = random.Random(f"{seed} {channel} {store} {order}")  # noqa: S311 - no secret hangs on it
    with (
        tempfile.TemporaryDirectory(prefix="bench-kills-") as name,
        kills_hosts.hosts(2) as there,
        far_side(channel, there=there) as outlets,
        database_of(store) as url,
    ):
        addresses = [outlet.url for outlet in outlets]
        home = Path(name) / "tinh"
        commune, references = kills_province.founded(
            home, channel, addresses, -(-posts // _OUTLETS), url
        )
        crew = kills_province.ours if order == "ours" else kills_province.naive
        members = crew(home, there, workers)
        with kills_province.at_work(members):
            began = time.monotonic()
            when = instants(dice, posts, kills)
            done = kills_province.work_and_kill(
                commune, members, lambda: sum(one.taken() for one in outlets), when, dice
            )
            took = round(time.monotonic() - began, 1)
        counted, seen = _counted(outlets, references, commune), len(references) * len(outlets)
    hosts = "namespaces" if there[0].network else "processes"
    return Result(channel, store, order, seen, done, *counted, took, "procrastinate", hosts)


def _counted(
    outlets: Sequence[Outlet], references: Sequence[str], home: Path
) -> tuple[int, int, int, int]:
    """What the public sees (lost, doubled), and what we wrote down (unsettled, interrupted)."""
    seen = [count for outlet in outlets for count in outlet.seen(references)]
    doubled = sum(count - 1 for count in seen if count > 1)
    return sum(count == 0 for count in seen), doubled, *kills_commune.left(home)


def instants(dice: random.Random, posts: int, kills: int) -> list[int]:
    """How many posts the far side shall have taken before each kill."""
    return sorted(dice.choices(range(1, max(2, posts * 9 // 10)), k=kills))


def work_and_kill(
    home: Path, order: str, outlets: Sequence[Outlet], when: list[int], dice: random.Random
) -> int:
    """Let it work until all is done, killing it on the way; how many kills there were."""
    done = 0
    for instant in when:
        with _worker(home, order) as worker:
            time.sleep(dice.uniform(0, 0.3))
            while worker.poll() is None and sum(one.taken() for one in outlets) < instant:
                time.sleep(dice.uniform(0, 0.04))
            if worker.poll() is not None:
                break
            worker.kill()
            done += 1
    with _worker(home, order) as worker, contextlib.suppress(subprocess.TimeoutExpired):
        worker.wait(_PATIENCE_S)
    return done


@contextlib.contextmanager
def _worker(home: Path, order: str) -> Iterator[subprocess.Popen[str]]:
    """One process that posts; it has begun, and it has ended before the next one begins."""
    command = [sys.executable, str(HERE / "kills_worker.py"), str(home), order]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None  # noqa: S101 - it was asked for
    with worker:
        try:
            worker.stdout.readline()
            yield worker
        finally:
            worker.kill()


@dataclass(frozen=True)
class Outlet:
    """One far side, in a thread of this process: it lives through every kill."""

    url: str
    platform: str
    operation: str
    state: SandboxState

    def taken(self) -> int:
        """Requests for a new post that have come in."""
        return self.state.world.counters.get(self.platform, {}).get(self.operation, 0)

    def seen(self, references: Sequence[str]) -> list[int]:
        """How many public posts carry each reference."""
        public = requests.get(f"{self.url}/_control/public", timeout=60).json()[self.platform]
        posts = [json.dumps(post) for post in public]
        return [sum(reference in post for post in posts) for reference in references]


@contextlib.contextmanager
def far_side(
    channel: str,
    count: int = _OUTLETS,
    slow_s: float = _SLOW_S,
    there: Sequence[kills_hosts.Host] = (),
) -> Iterator[list[Outlet]]:
    """So many outlets of one kind; each takes `slow_s` before it stores a post, and after.

    `there`: hosts from which they can be reached, too.
    """
    platform, operation = _PLATFORMS[channel]
    settings = Settings()
    # Facebook may refuse the same words twice: a help on which nobody can count.
    settings.graph.refuse_duplicates = False
    with contextlib.ExitStack() as stack:
        outlets = []
        for _ in range(count):
            state = SandboxState(settings)
            for after in (False, True):
                slow = Fault(platform, "delay", operation, times=0, after=after, seconds=slow_s)
                state.add_faults([slow])
            url = stack.enter_context(running(state, sockets=kills_hosts.doors(there)))
            outlets.append(Outlet(url, platform, operation, state))
        yield outlets


@contextlib.contextmanager
def database_of(store: str) -> Iterator[str]:
    """The setting `database_url`: nothing for a file in the commune's folder."""
    if store == "sqlite":
        yield ""
        return
    with postgres.running() as url:
        yield url
