"""A server of the province dies in the middle of a post; the other one takes over all of its work.

Real processes, as a kill is the point: each is web, planner and worker at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from commune import Commune
from databases import fresh_url
from province_processes import due_now, until
from province_servers import TO_START_S, Server, province, public, slow_page

from broadcaster.domain.delivery import State


@pytest.fixture
def page() -> Iterator[str]:
    with slow_page() as url:
        yield url


@pytest.fixture
def xa(request: pytest.FixtureRequest, tmp_path: Path, page: str) -> Iterator[Commune]:
    made = province(tmp_path, fresh_url("postgresql", tmp_path, request), page)
    yield made
    made.context.database.close()


def test_the_others_take_over_planning_posting_and_answering(
    xa: Commune, page: str, tmp_path: Path
) -> None:
    """Killed are the planner and whoever is posting, which may be the same; one always stays."""
    servers = [Server(tmp_path, f"may-{n}") for n in range(3)]
    try:
        until(lambda: all(one.ready for one in servers), TO_START_S)
        until(lambda: any(one.plans for one in servers))
        due_now(xa, "fanpage")
        # Killed before the call has left, it would rightly be sent again, and take longer to.
        until(lambda: public(page))
        (row,) = xa.rows()
        assert row.state == State.SENDING, "nobody has been told yet"
        dead = [one for one in servers if one.plans or f":{one.process.pid}:" in row.owner]
        for one in dead:
            one.process.kill()
        left = [one for one in servers if one not in dead]
        until(lambda: any(one.plans for one in left), 10)
        assert [requests.get(f"{one.url}/health", timeout=10).status_code for one in left] == [
            200 for _ in left
        ]
        until(lambda: xa.states() == {State.CONFIRMED: 1})
        assert len(public(page)) == 1, "it was looked up, not sent again"
        assert [one["outcome"] for one in xa.tries(xa.rows()[0])] == ["lost"]
        assert all(one.ended_well() for one in left)
    finally:
        for one in servers:
            one.kill()
