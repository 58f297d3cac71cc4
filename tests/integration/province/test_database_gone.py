"""The database ends in the middle of a post and comes back; every role goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
import requests
from commune import Commune
from databases import own_server
from province_processes import due_now, until
from province_servers import TO_START_S, Server, province, public, slow_page

from broadcaster.domain.delivery import State

_BACK_S = 60.0


@pytest.fixture
def server() -> Iterator[Path]:
    with own_server() as folder:
        yield folder


@pytest.fixture
def page() -> Iterator[str]:
    with slow_page() as url:
        yield url


@pytest.fixture
def xa(tmp_path: Path, server: Path, page: str) -> Iterator[Commune]:
    made = province(tmp_path, postgres.start(server), page)
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
    until(lambda: public(page))
    (row,) = xa.rows()
    assert row.state == State.SENDING
    postgres.stop(server)
    until(lambda: _answer(f"{web}/ready") == 503)
    assert _answer(f"{web}/health") == 200, "nobody is to start it anew: it waits"
    until(lambda: all("the database is away" in one.said for one in roles))
    until(lambda: f"delivery {row.id}: " in roles[-1].said)  # what became of it is not written
    assert all(one.ready for one in roles), "none has ended"
    postgres.start(server)
    until(lambda: all("the database is back" in one.said for one in roles), _BACK_S)
    until(lambda: _answer(f"{web}/ready") == 200, _BACK_S)
    due_now(xa, "fanpage")
    # Whose answer nobody could write down is looked up when its worker's lease is over.
    until(lambda: xa.states() == {State.SENDING: 1, State.CONFIRMED: 1}, _BACK_S)
    assert len(public(page)) == 2, "each once"
    assert all(one.ended_well() for one in roles), [one.said for one in roles]


def _answer(url: str) -> int:
    return requests.get(url, timeout=20).status_code
