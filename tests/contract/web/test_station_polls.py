"""What thousands of stations ask twice a minute costs one look at one row, and is never wrong."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commune import Commune
from sqlalchemy import event
from station_line import Line, serving

from broadcaster.errors import Unavailable
from broadcaster.services.stations import enrolling, muting
from broadcaster.store import stations
from broadcaster.store.stations import Station
from broadcaster.web.polls import Owners


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with serving(tmp_path_factory.mktemp("polls") / "home") as served:
        yield served


@pytest.fixture
def xa(line: Line) -> Commune:
    return line.town


def poll(line: Line, tag: str) -> int:
    return line.ask("GET", "rundown", headers={"If-None-Match": tag}).status_code


def test_the_usual_question_reads_one_row_by_its_index_and_writes_nothing(
    line: Line, xa: Commune
) -> None:
    tag = line.ask("GET", "rundown").headers["ETag"]
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, values: object, *_: object) -> None:
        asked.append((text, values))

    engine = xa.context.database.engine
    event.listen(engine, "before_cursor_execute", note)
    answer = line.ask("GET", "rundown", headers={"If-None-Match": tag})
    event.remove(engine, "before_cursor_execute", note)
    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)
    assert "X-Server-Time" in answer.headers
    ((text, values),) = [one for one in asked if one[0] not in {"BEGIN", "ROLLBACK"}]
    with xa.context.database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    (detail,) = [row.detail for row in plan]
    assert re.fullmatch(r"SEARCH station USING INDEX \w+ \(token_digest=\?\)", detail)


def test_whatever_changes_is_told_with_the_very_next_question(line: Line, xa: Commune) -> None:
    tag = line.ask("GET", "rundown").headers["ETag"]
    assert poll(line, f"W/{tag}") == 304, "a proxy that packs a tag weakens it"
    until = xa.clock() + timedelta(hours=1)
    muting.mute(xa.context, xa.minh, "loa-dong", until, "tang", xa.clock())
    answer = line.ask("GET", "rundown", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert poll(line, answer.headers["ETag"]) == 304
    xa.clock.move(hours=13)
    assert poll(line, answer.headers["ETag"]) == 200, "its dates are to be renewed"


def test_a_revoked_token_gets_no_304(line: Line, xa: Commune) -> None:
    other = Line(xa, line.url, "loa-doai")
    tag = other.ask("GET", "rundown").headers["ETag"]
    assert poll(other, tag) == 304
    enrolling.revoke(xa.context, xa.lan, "loa-doai", xa.clock())
    assert poll(other, tag) == 401
    other.session.close()


def test_the_index_of_outdated_plans_holds_those_to_be_made_anew(line: Line, xa: Commune) -> None:
    line.rundown()
    with xa.context.database.read() as connection:
        known = stations.by_key(connection, xa.context.commune_id, "loa-dong")
        assert known is not None
        assert known.id not in stations.outdated(connection)
    muting.unmute(xa.context, xa.minh, "loa-dong", xa.clock())
    with xa.context.database.read() as connection:
        assert known.id in stations.outdated(connection)


# --- many at once ---------------------------------------------------------------------------------


def station(token: str) -> Station:
    return Station(
        id=1,
        commune_id=1,
        key=token,
        token_digest="",
        rundown_version=1,
        rundown_digest="",
        changed=0,
        built=0,
        fresh_until=None,
        basis="",
    )


def test_who_asks_during_a_look_shares_the_next_one() -> None:
    looks: list[set[str]] = []
    first_is_on, go_on = threading.Event(), threading.Event()

    def read(tokens: Collection[str]) -> Mapping[str, Station]:
        looks.append(set(tokens))
        first_is_on.set()
        assert go_on.wait(10)
        return {token: station(token) for token in tokens if len(token) == 1}

    async def ask() -> list[Station | None]:
        owners = Owners(read)
        first = asyncio.create_task(owners.of("a"))
        await asyncio.to_thread(first_is_on.wait, 10)
        more = [asyncio.create_task(owners.of(token)) for token in ("b", "nobody", "c", "b", "e")]
        await asyncio.sleep(0)
        more[-1].cancel()  # hung up
        go_on.set()
        return [await first, *await asyncio.gather(*more[:-1])]

    found = asyncio.run(ask())
    assert [one and one.key for one in found] == ["a", "b", None, "c", "b"]
    assert looks == [{"a"}, {"b", "nobody", "c"}]


def test_a_look_that_fails_is_told_to_all_who_wait_for_it_and_to_nobody_else() -> None:
    tries = iter([Unavailable("hỏng", "broken"), None])

    def read(tokens: Collection[str]) -> Mapping[str, Station]:
        if error := next(tries):
            raise error
        return {token: station(token) for token in tokens}

    async def ask() -> None:
        owners = Owners(read)
        failed = await asyncio.gather(owners.of("a"), owners.of("b"), return_exceptions=True)
        assert [str(type(one).__name__) for one in failed] == ["Unavailable", "Unavailable"]
        assert await owners.of("a") is not None

    asyncio.run(ask())


def test_without_a_database_the_answer_says_what_to_do(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as line:
        tag = line.ask("GET", "rundown").headers["ETag"]
        line.town.context.database.close()
        for name in ("broadcaster.db", "broadcaster.db-wal", "broadcaster.db-shm"):
            (line.town.context.home / "data" / name).unlink(missing_ok=True)
        answer = line.ask("GET", "rundown", headers={"If-None-Match": tag})
        assert answer.status_code == 503
        assert answer.json()["vi"].endswith("Hãy chạy: broadcaster init")
