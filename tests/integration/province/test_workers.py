"""Planner and workers of a province over Procrastinate: once each, whoever dies or is dropped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from databases import fresh_url
from province_processes import PATIENCE_S, Land, process, until
from silent import Silent

from broadcaster.domain.announcement import Priority
from broadcaster.server.province import Recovery
from broadcaster.services import dispatching


@pytest.fixture
def land(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Land]:
    with closing(Land(tmp_path, fresh_url("postgresql", tmp_path, request))) as made:
        yield made


def posts(land: Land) -> list[str]:
    return [post for some in land.outlets.values() for one in some.values() for post in one.posts]


def test_posts_of_all_communes_go_out_once_though_the_engine_loses_its_tables(land: Land) -> None:
    """Two workers, one of them also the planner; nothing but our own rows is needed again."""
    for key in land.communes:
        land.due_now(key, "fanpage", 3)
    with (
        process(land, "a", plans=True, works=True) as first,
        process(land, "b", works=True),
    ):
        until(lambda: land.states() == {"confirmed": 6})
        land.drop_tables_of_the_engine()
        for key in land.communes:
            land.due_now(key, "website", 3)
        until(lambda: land.states() == {"confirmed": 12})
        until(lambda: not first.engine.health().waiting)
        assert first.engine.health().said == ""
    assert (len(posts(land)), len(set(posts(land)))) == (12, 12)


def test_a_silent_page_holds_three_workers_and_neither_another_outlet_nor_an_emergency(
    land: Land,
) -> None:
    silent = Silent()
    page = land.outlets["an-binh"]["fanpage"]
    page.answer = silent
    land.due_now("an-binh", "fanpage", 6)
    with process(land, "a", plans=True, works=True) as one:
        parallel = one.communes.every()[0].config.delivery.parallel
        for _ in range(parallel):
            assert silent.calls.acquire(timeout=PATIENCE_S)
        page.answer = lambda: None
        land.due_now("an-binh", "fanpage", 1, Priority.EMERGENCY)
        land.due_now("an-binh", "zalo", 2)
        land.due_now("binh-minh", "fanpage", 2)
        until(lambda: land.states().get("confirmed") == 5)
        sending = [one.target for one in dispatching.under_way(one.communes.database)]
        assert sending == ["fanpage"] * parallel
        silent.told.set()
        until(lambda: land.states() == {"confirmed": 11})


def test_only_the_attempt_of_a_worker_that_is_gone_is_given_up(land: Land) -> None:
    """Its neighbour's, which takes as long, goes on and ends well."""
    silent = Silent()
    land.outlets["an-binh"]["fanpage"].answer = silent
    land.outlets["binh-minh"]["fanpage"].answer = silent
    with (
        process(land, "planner") as planner,
        process(land, "gone", works=True) as gone,
        process(land, "lives", works=True) as lives,
    ):
        for key, worker in zip(land.communes, (gone, lives), strict=True):
            land.due_now(key, "fanpage", 1)
            (row,) = land.communes[key].rows()
            assert worker.workers is not None
            threading.Thread(
                target=worker.workers.handle, args=(row.commune_id, row.id), daemon=True
            ).start()
            assert silent.calls.acquire(timeout=PATIENCE_S)
        recovery = Recovery(planner.communes, lambda: planner.presence.others, 1.0)
        for _ in range(3):
            recovery()
        assert land.states() == {"sending": 2}
        gone.presence.stop()  # what the death of its process does

        def given_up() -> bool:
            recovery()
            return land.states() == {"sending": 1, "unknown": 1}

        until(given_up)
        silent.told.set()
        until(lambda: land.states() == {"confirmed": 1, "unknown": 1})
