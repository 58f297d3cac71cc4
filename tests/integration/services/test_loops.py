"""The workers of one process: a dead outlet holds up nobody else, a backlog drains by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from commune import Commune, found
from scripted import Scripted
from silent import PATIENCE_S, Silent

from broadcaster.domain.announcement import Priority
from broadcaster.domain.delivery import State
from broadcaster.server.loops import Loops
from broadcaster.services.communes import Communes


class Counting:
    """Takes posts so many at a time, no sooner than they are all there; says when it has all."""

    def __init__(self, wanted: int, together: int = 1) -> None:
        self.left, self.now, self.most = wanted, 0, 0
        self.together = threading.Barrier(together, timeout=PATIENCE_S)
        self.lock, self.all_there = threading.Lock(), threading.Event()

    def __call__(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.together.wait()
        with self.lock:
            self.now -= 1
            self.left -= 1
            if self.left == 0:
                self.all_there.set()


@pytest.fixture
def outlets() -> dict[str, Scripted]:
    return {key: Scripted() for key in ("fanpage", "zalo", "website")}


@pytest.fixture
def xa(tmp_path: Path, outlets: dict[str, Scripted]) -> Commune:
    made = found(tmp_path)
    return Commune(replace(made.context, channel=outlets.__getitem__), made.clock)


@pytest.fixture
def loops(xa: Commune) -> Iterator[Loops]:
    running = Loops(Communes.only(xa.context), at_once=5)
    yield running
    running.stop()


def due_now(xa: Commune, target: str, count: int, priority: Priority = Priority.NORMAL) -> None:
    """So many posts, all due at 09:00, and it is 09:30."""
    for n in range(count):
        number = xa.approved((target,), text=f"Tin {n}\nNội dung {n}.", priority=priority)
        xa.schedule(number, on="23/11/2026", at="09:00")
    xa.plan()


def test_a_silent_page_delays_neither_another_outlet_nor_an_emergency_on_itself(
    xa: Commune, outlets: dict[str, Scripted], loops: Loops
) -> None:
    silent, taken, urgent = Silent(), Counting(1), Counting(1)
    due_now(xa, "fanpage", 6)
    due_now(xa, "zalo", 1)
    xa.clock.move(hours=1, minutes=30)
    outlets["fanpage"].answer, outlets["zalo"].answer = silent, taken
    loops.dispatch()
    for _ in range(xa.context.config.delivery.parallel):
        assert silent.calls.acquire(timeout=PATIENCE_S), "every worker of its lane hangs"
    assert taken.all_there.wait(PATIENCE_S)
    outlets["fanpage"].answer = urgent
    xa.clock.move(hours=-1, minutes=-30)
    due_now(xa, "fanpage", 1, Priority.EMERGENCY)
    xa.clock.move(hours=1, minutes=30)
    loops.dispatch()
    assert urgent.all_there.wait(PATIENCE_S)
    silent.told.set()


def test_one_wake_drains_a_whole_backlog_a_few_at_a_time_and_each_once(
    xa: Commune, outlets: dict[str, Scripted], loops: Loops
) -> None:
    workers = xa.context.config.delivery.parallel
    taken = Counting(24, together=workers)
    due_now(xa, "website", 24)
    xa.clock.move(hours=1, minutes=30)
    outlets["website"].answer = taken
    loops.dispatch()
    assert taken.all_there.wait(PATIENCE_S), "no second tick was needed"
    loops.stop(PATIENCE_S)
    assert xa.states() == {State.CONFIRMED: 24}
    posts = outlets["website"].posts
    assert (len(posts), len(set(posts))) == (24, 24)
    assert taken.most == workers
