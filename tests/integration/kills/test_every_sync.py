"""Killed with -9 at every single file-sync of one delivery: neither lost, doubled nor half done."""

from __future__ import annotations

import copy
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import tracing
from commune import Commune, HandClock
from fixtures import IN_CI
from outlets import Outlets, found_with_outlets

from broadcaster.bootstrap import connect
from broadcaster.domain.delivery import Action, Delivery, State
from broadcaster.sandbox import running
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState, World
from broadcaster.services import dispatching
from broadcaster.services.content import withdrawing

WORKER = Path(tracing.__file__).with_name("sync_worker.py")
MOST = 40
KILLED = -signal.SIGKILL


@dataclass
class Stage:
    """The commune before the delivery, and the far side as it was then."""

    outlets: Outlets
    far_side: SandboxState
    folder: Path

    def frozen(self) -> World:
        self.outlets.xa.context.database.close()
        self.far_side.world.stopped_at = self.outlets.xa.clock()
        return copy.deepcopy(self.far_side.world)

    def begun_anew(self, world: World, sync: int) -> Outlets:
        """A copy of both, as if nothing had been tried yet."""
        home = self.folder / f"xa-{sync}"
        shutil.copytree(self.folder / "xa", home)
        self.far_side.world = copy.deepcopy(world)
        clock = HandClock(self.outlets.xa.clock())
        xa = Commune(replace(connect(home, {}), clock=clock, owner="after"), clock)
        return replace(self.outlets, xa=xa)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    try:
        tracing.check()
    except tracing.NotTraced as error:
        if IN_CI:
            raise
        pytest.skip(f"no strace: {error}")
    state = SandboxState(Settings())
    with running(state) as url:
        yield Stage(found_with_outlets(tmp_path / "xa", url), state, tmp_path)


def killed(outlets: Outlets, sync: int) -> bool:
    """Handle what is due in a process of its own; whether it was killed before it was done."""
    xa = outlets.xa
    work = [sys.executable, str(WORKER), str(xa.context.home), xa.clock().isoformat()]
    done = subprocess.run(tracing.killed_at_sync(sync, work), capture_output=True, check=False)
    assert done.returncode in {0, KILLED, 128 + signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0


def newest(outlets: Outlets) -> Delivery:
    return max(outlets.xa.rows(), key=lambda one: one.id)


def ended(outlets: Outlets) -> Delivery:
    """Do what is due, and go on to when something is, until all has ended."""
    for _ in range(MOST):
        while outlets.xa.tick():
            pass
        waiting = [one.next_at for one in outlets.xa.rows() if one.next_at]
        if not waiting:
            break
        outlets.go_to(max(min(waiting), outlets.xa.clock() + timedelta(seconds=1)))
    return newest(outlets)


def every_sync(stage: Stage) -> Iterator[tuple[Outlets, State]]:
    """What a restart finds after a kill at each of them, until one run was not killed at all."""
    world = stage.frozen()
    for sync in range(1, MOST):
        one = stage.begun_anew(world, sync)
        if not killed(one, sync):
            one.xa.context.database.close()
            assert sync > 3, "there was something to kill"
            return
        dispatching.recover(one.xa.context, one.xa.clock())
        yield one, newest(one).state
        one.xa.context.database.close()
    raise AssertionError("it never ended by itself")


def test_one_delivery_killed_at_each_sync_ends_as_exactly_one_public_post(stage: Stage) -> None:
    stage.outlets.planned("fanpage")
    seen: list[tuple[State, int]] = []
    for one, state in every_sync(stage):
        public = one.public("fanpage")
        seen.append((state, public))
        there = {State.ACCEPTED, State.CONFIRMED}
        assert public <= 1
        assert state == State.UNKNOWN or public == (1 if state in there else 0)
        assert (ended(one).state, one.public("fanpage")) == (State.CONFIRMED, 1)
    assert seen[0] == (State.PLANNED, 0), "killed before the attempt was written down"
    assert (State.UNKNOWN, 1) in seen, "killed when it was public and not yet written down"


def test_a_withdrawal_killed_at_each_sync_ends_with_nothing_public(stage: Stage) -> None:
    xa = stage.outlets.xa
    number = stage.outlets.planned("fanpage")
    stage.outlets.run(number)
    withdrawing.withdraw(xa.context, xa.minh, number, "sai giờ", xa.clock())
    seen: list[tuple[State, int]] = []
    for one, state in every_sync(stage):
        public = one.public("fanpage")
        seen.append((state, public))
        assert state in {State.PLANNED, State.UNKNOWN} or public == 0
        done = ended(one)
        assert (done.action, done.state) == (Action.WITHDRAW, State.CONFIRMED)
        assert one.public("fanpage") == 0
    assert (State.UNKNOWN, 0) in seen, "killed when it was gone and not yet written down"


def test_a_correction_killed_at_each_sync_leaves_one_post_with_the_new_words(stage: Stage) -> None:
    xa = stage.outlets.xa
    number = stage.outlets.planned("fanpage")
    stage.outlets.run(number)
    xa.edit(number, "Họp thôn\nĐổi giờ họp sang 20 giờ tối mai, mời bà con.")
    xa.render(number)
    at = xa.context.policy.local(xa.clock() + timedelta(minutes=2))
    xa.schedule(number, on=f"{at:%d/%m/%Y}", at=f"{at:%H:%M}")
    xa.approve(number)
    xa.plan()
    stage.outlets.go_to(newest(stage.outlets).due_at)
    for one, _state in every_sync(stage):
        assert one.public("fanpage") == 1
        done = ended(one)
        assert (done.action, done.state) == (Action.CORRECT, State.CONFIRMED)
        (public,) = one.posts("fanpage")
        assert "20 giờ" in str(public)
