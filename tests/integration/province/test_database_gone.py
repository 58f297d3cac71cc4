"""The database ends in the middle of a post and comes back; every role goes on by itself."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
import requests
from commune import Commune, found
from province_processes import due_now, right_now, until
from province_servers import TO_START_S, Server

from broadcaster.domain.delivery import State
from broadcaster.sandbox import running
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.settings import Settings
from broadcaster.sandbox.state import SandboxState

_BRISK = "[delivery]\nquarantine = 1\nlook_up = [1]\nverify = 1"
_SLOW_S = 2.0
_AWAY_S = 8.0
"""Long enough for every loop of every role to have missed it, some of them several times."""
_BACK_S = 60.0


@pytest.fixture
def server(postgres_url: str) -> Iterator[Path]:  # noqa: ARG001 - says whether there can be one
    """A PostgreSQL of this test's own, as it is to be stopped."""
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-pg-"))
    try:
        yield folder
    finally:
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def page() -> Iterator[str]:
    """A Page that takes its time before it says that it has a post."""
    state = SandboxState(Settings())
    state.add_faults([Fault("graph", "delay", "feed.create", after=True, seconds=_SLOW_S)])
    with running(state) as url:
        yield url


@pytest.fixture
def xa(tmp_path: Path, server: Path, page: str) -> Iterator[Commune]:
    settings = f'database_url = "{postgres.start(server)}"\n[server]\nport = 0\n'
    (tmp_path / "province.toml").write_text(settings, encoding="utf-8")
    made = found(tmp_path / "communes" / "an-binh", sandbox=page, more=_BRISK, at=right_now())
    yield made
    made.context.database.close()


@pytest.fixture
def roles(tmp_path: Path, xa: Commune) -> Iterator[list[Server]]:  # noqa: ARG001 - its settings
    begun = [Server(tmp_path, role, "--role", role) for role in ("web", "planner", "worker")]
    try:
        until(lambda: all(one.ready for one in begun), TO_START_S)
        yield begun
    finally:
        for one in begun:
            one.kill()


def test_every_role_outlives_a_database_that_ends_in_the_middle_of_a_post(
    xa: Commune, server: Path, page: str, roles: list[Server]
) -> None:
    web = roles[0].url
    until(lambda: _answer(f"{web}/ready") == 200)
    due_now(xa, "fanpage")
    until(lambda: xa.states() == {State.SENDING: 1})
    postgres.stop(server)
    until(lambda: _answer(f"{web}/ready") == 503)
    assert _answer(f"{web}/health") == 200, "nobody is to start it anew: it waits"
    time.sleep(_AWAY_S)
    assert all(one.ready for one in roles), "none has ended"
    postgres.start(server)
    until(lambda: _answer(f"{web}/ready") == 200, _BACK_S)
    due_now(xa, "fanpage")
    # Whose answer nobody could write down is looked up when its worker's lease is over.
    until(lambda: xa.states() == {State.SENDING: 1, State.CONFIRMED: 1}, _BACK_S)
    public = requests.get(f"{page}/_control/public", timeout=10).json()["graph"]
    assert len(public) == 2, "each once"
    assert all(one.ended_well() for one in roles), [one.said for one in roles]


def _answer(url: str) -> int:
    return requests.get(url, timeout=20).status_code
