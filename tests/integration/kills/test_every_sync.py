"""Killed with -9 at every single file-sync of one delivery: it is neither lost nor doubled."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import tracing
from commune import Commune
from fixtures import IN_CI
from outlets import Outlets, found_with_outlets

from broadcaster.bootstrap import connect
from broadcaster.domain.delivery import State
from broadcaster.sandbox import running
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState
from broadcaster.services import dispatching

WORKER = Path(tracing.__file__).with_name("sync_worker.py")
MOST = 40
KILLED = -signal.SIGKILL


@pytest.fixture
def outlets(tmp_path: Path) -> Iterator[Outlets]:
    try:
        tracing.check()
    except tracing.NotTraced as error:
        if IN_CI:
            raise
        pytest.skip(f"no strace: {error}")
    with running(SandboxState(Settings())) as url:
        yield found_with_outlets(tmp_path / "xa", url)


def killed(outlets: Outlets, home: Path, sync: int) -> bool:
    """Handle what is due in a process of its own; whether it was killed before it was done."""
    work = [sys.executable, str(WORKER), str(home), outlets.xa.clock().isoformat()]
    done = subprocess.run(tracing.killed_at_sync(sync, work), capture_output=True, check=False)
    assert done.returncode in {0, KILLED, 128 + signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0


def begun_anew(outlets: Outlets, before: Path, home: Path) -> Outlets:
    """The same commune as before the delivery, and a far side that has seen nothing of it."""
    shutil.copytree(before, home)
    now = outlets.xa.clock()
    outlets.door("POST", "reset")
    xa = Commune(
        replace(connect(home, {}), clock=outlets.xa.clock, owner="after"), outlets.xa.clock
    )
    outlets.door("POST", "clock", {"at": now.isoformat()})
    return replace(outlets, xa=xa)


def test_one_delivery_killed_at_each_sync_ends_as_exactly_one_public_post(
    outlets: Outlets, tmp_path: Path
) -> None:
    number = outlets.planned("fanpage")
    outlets.xa.context.database.close()
    seen: list[tuple[State, int]] = []
    for sync in range(1, MOST):
        one = begun_anew(outlets, tmp_path / "xa", tmp_path / f"xa-{sync}")
        if not killed(outlets, one.xa.context.home, sync):
            break
        dispatching.recover(one.xa.context, one.xa.clock())
        state, public = one.xa.one(number).state, one.public("fanpage")
        seen.append((state, public))
        there = {State.ACCEPTED, State.CONFIRMED}
        assert state == State.UNKNOWN or public == (1 if state in there else 0)
        assert public <= 1
        ended = one.run(number)
        assert (ended.state, one.public("fanpage")) == (State.CONFIRMED, 1), f"sync {sync}"
        one.xa.context.database.close()
    assert sync < MOST - 1, "in the end nothing was left to kill"
    assert seen[0] == (State.PLANNED, 0), "killed before the attempt was written down"
    assert (State.UNKNOWN, 1) in seen, "killed when it was public and not yet written down"
