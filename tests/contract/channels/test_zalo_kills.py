"""Processes killed with -9 at every step of a refresh lose no grant that Zalo still honours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import tracing
from fixtures import IN_CI

from broadcaster.channels.http import Limits
from broadcaster.channels.options import Options
from broadcaster.channels.zalo.pair import Kept
from broadcaster.channels.zalo.tokens import ZaloTokens
from broadcaster.errors import BroadcasterError
from broadcaster.sandbox import credentials as demo
from broadcaster.sandbox import running
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.state import SandboxState
from channels.far_side import zalo
from channels.refresher import START

TESTS = Path(__file__).parents[2]
DUE = 60 * 21
"""Minutes after which the first pair is due to be refreshed, and its access token still lives."""
IN_MEMORY_ONLY = {
    "_ask", "_kept", "_pair", "_refresh", "_save", "is_token", "life_of", "must_be_private",
    "write_private",
}  # fmt: skip
"""Between Zalo's answer and its first byte on the disk; no program can make that nothing."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has neither fork nor kill -9")


class Bench:
    """A sandbox of our own, whose grants can be looked at, and the process that is killed."""

    def __init__(self, url: str, state: SandboxState, folder: Path) -> None:
        self.url, self.state, self.folder = url, state, folder
        self._driver = subprocess.Popen(
            [sys.executable, "-m", "channels.refresher", url, str(folder)],
            cwd=TESTS / "contract", env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def afresh(self) -> None:
        self.state.reset()
        shutil.rmtree(self.folder / "state", ignore_errors=True)

    def refresh(self, step: int, minutes: float = DUE) -> str:
        """One refresh that dies at this step; where, or "done"."""
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(f"{step} {minutes}\n")
        self._driver.stdin.flush()
        return self._driver.stdout.readline().strip()

    def tokens(self) -> ZaloTokens:
        options = Options(zalo(self.url, self.folder).settings())
        return ZaloTokens(options, "OA", Limits(5, 5, 5, 20))

    def held(self) -> Kept:
        return self.tokens().kept(START + timedelta(minutes=DUE))

    def honoured(self, refresh: str) -> bool:
        grant = self.state.world.zalo.refresh.get(refresh)
        return grant is not None and not grant.used

    def rotations(self) -> int:
        return len(self.state.world.zalo.refresh) - 1

    def close(self) -> None:
        self._driver.communicate("", timeout=20)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS / "contract")])}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    state = SandboxState()
    with running(state) as url:
        bench = Bench(url, state, tmp_path_factory.mktemp("oa"))
        yield bench
        bench.close()


@pytest.fixture
def bench(made: Bench) -> Bench:
    made.afresh()
    return made


def test_killed_before_any_line_of_a_refresh_the_grant_is_kept(bench: Bench) -> None:
    assert bench.refresh(0, minutes=0) == "done"  # the first pair is on the disk
    shutil.copytree(bench.folder / "state", bench.folder / "before")
    lost: list[str] = []
    died, before, step = "", "", 0
    while died != "done":
        step += 1
        bench.afresh()
        shutil.copytree(bench.folder / "before", bench.folder / "state")
        died = bench.refresh(step)
        assert not died.startswith("failed"), (step, died)
        held = bench.held()  # by another process, as after a restart
        # Two processes never have two grants: what Zalo honours is what we hold, or was
        # in nobody's hands but the dead process's.
        if bench.honoured(held.pair.refresh):
            if died == before:
                continue
            before = died
            # And it goes on from there, with one more rotation if that one had not come through.
            at = START + timedelta(minutes=DUE + 6)
            after = bench.tokens().current(at)
            assert bench.honoured(after.refresh), (step, died)
            assert bench.rotations() == 1, (step, died)
        else:
            lost.append(died.partition(":")[2])
            assert held.pair.access == demo.ZALO_ACCESS_TOKEN  # still good for posting
            assert held.trying, (step, died)  # and a person will be warned
    assert step > 100, "the lines were not counted"
    assert set(lost) <= IN_MEMORY_ONLY
    assert 0 < len(lost) < 60, lost
    assert "take_up" not in lost
    shutil.rmtree(bench.folder / "before")


def test_a_lost_answer_leaves_the_old_access_token_at_work(bench: Bench) -> None:
    bench.refresh(0, minutes=0)
    bench.state.add_faults([Fault("zalo", "rotate_then_drop", "oauth.token")])
    assert bench.refresh(0) == "done"
    assert bench.rotations() == 1
    assert bench.held().pair.access == demo.ZALO_ACCESS_TOKEN
    assert bench.held().trying


def test_several_processes_at_once_rotate_once(bench: Bench) -> None:
    bench.refresh(0, minutes=0)
    call = [sys.executable, "-m", "channels.refresher", bench.url, str(bench.folder), str(DUE)]
    where = {"cwd": TESTS / "contract", "env": environment()}
    several = [subprocess.Popen(call, **where) for _ in range(4)]  # type: ignore[call-overload]  # as above
    assert [one.wait(timeout=60) for one in several] == [0] * 4
    assert bench.rotations() == 1
    assert bench.honoured(bench.held().pair.refresh)


@pytest.fixture
def traced() -> None:
    try:
        tracing.check()
    except tracing.NotTraced as error:
        if IN_CI:
            raise
        pytest.skip(f"no strace: {error}")


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("sync", range(1, 7))
def test_killed_at_every_file_sync_the_grant_is_kept(bench: Bench, sync: int) -> None:
    """1 and 2 write down the try, file and folder; then Zalo rotates; 3 and 4 the new pair."""
    bench.refresh(0, minutes=0)
    work = [sys.executable, "-m", "channels.refresher", bench.url, str(bench.folder), str(DUE)]
    done = subprocess.run(
        tracing.killed_at_sync(sync, work),
        cwd=TESTS / "contract", env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) is (sync > 4), (done.returncode, done.stderr)
    held = bench.held()
    assert bench.honoured(held.pair.refresh), "what was written before the sync is taken up"
    assert bench.rotations() == (1 if sync > 2 else 0)


def test_a_disk_that_fails_after_the_rotation_keeps_the_pair_until_it_can_be_written(
    bench: Bench,
) -> None:
    tokens, state = bench.tokens(), bench.folder / "state"
    tokens.current(START)
    blocked = state / "zalo-token.new"
    bench.state.add_faults([Fault("zalo", "delay", "oauth.token", seconds=0.4, after=True)])

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(tokens.current, START + timedelta(minutes=DUE))
        while bench.rotations() == 0:
            time.sleep(0.01)
        blocked.mkdir()  # where the new file would be written
        (blocked / "x").touch()
        assert asked.result().access == demo.ZALO_ACCESS_TOKEN
    with pytest.raises(BroadcasterError, match="đĩa"):
        tokens.current(START + timedelta(minutes=DUE + 1))
    shutil.rmtree(blocked)
    assert bench.honoured(tokens.current(START + timedelta(minutes=DUE + 2)).refresh)
    assert bench.honoured(bench.held().pair.refresh)
