"""What `bench.py province` measures is real: posts are planned, stations hold their plans."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import keep_alive
import province_land
import pytest
from keep_alive import BROKEN, Stations
from province_land import OUTLETS, POSTS_A_DAY
from sqlalchemy import select
from web_server import answering

from broadcaster.services.communes import Communes
from broadcaster.services.timetable import planning
from broadcaster.store.schema import delivery

_FAR = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Communes]:
    """One commune with three stations; nothing is posted."""
    home = tmp_path_factory.mktemp("xa") / "home"
    made = province_land.found(home, "", 1, 3, _FAR)
    yield made
    made.database.close()


def _planned(served: Communes) -> Counter[tuple[str, str]]:
    with served.database.read() as connection:
        rows = connection.execute(select(delivery.c.channel, delivery.c.state))
        return Counter((row.channel, row.state) for row in rows)


def test_a_commune_has_its_usual_day_and_the_posts_of_a_rush(served: Communes) -> None:
    usual = _planned(served)
    assert usual["facebook_page", "planned"] == POSTS_A_DAY - OUTLETS
    assert usual["loudspeaker", "planned"] in {9, 12}  # three or four evenings on three of them
    assert {state for _, state in usual} == {"planned"}
    assert province_land.rush(served, served.clock() + timedelta(seconds=9), timedelta()) == OUTLETS
    planning.plan(served.every()[0], served.clock())
    assert _planned(served) == usual + Counter({("facebook_page", "planned"): OUTLETS})


def test_stations_get_their_plans_and_hear_that_nothing_is_new(served: Communes) -> None:
    stations = Stations(3, province_land.token, every=0.3)
    with answering(served) as url:
        ports = [int(url.rpartition(":")[2])]
        asyncio.run(keep_alive.first_plans(ports, stations, at_once=2))
        assert len(set(stations.tags)) == 3
        polled = asyncio.run(keep_alive.poll(ports, stations, connections=2, seconds=0.3))
    assert polled.statuses == {304: 3}


def test_a_server_that_is_gone_is_counted_and_not_left_out(served: Communes) -> None:
    stations = Stations(3, province_land.token, every=0.3)
    with answering(served) as url:
        port = int(url.rpartition(":")[2])
    polled = asyncio.run(keep_alive.poll([port], stations, connections=2, seconds=0.3))
    assert polled.statuses == {BROKEN: 3}
    assert len(polled.waits) == 3
