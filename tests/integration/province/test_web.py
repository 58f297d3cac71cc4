"""Any web process of a province serves any of its stations, and hears what another one changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta

import pytest
import requests
from commune import Commune
from databases import fresh_url
from province_processes import until
from provinces import Land
from sqlalchemy import text
from station_line import Line
from web_server import answering

from broadcaster.services.stations import muting
from broadcaster.store.session import PLANNER, Session
from broadcaster.web.bell import CHECK_EVERY


@dataclass
class Hosts:
    """Two web processes, each with its own pool, and two communes."""

    land: Land
    urls: tuple[str, str]
    first: Commune
    second: Commune


@pytest.fixture(scope="module")
def hosts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hosts]:
    home = tmp_path_factory.mktemp("tinh")
    with closing(Land(home, fresh_url("postgresql", home, request))) as land, ExitStack() as stack:
        first, second = land.commune("an-binh"), land.commune("binh-minh")
        one, other = (stack.enter_context(answering(land.served())) for _ in range(2))
        yield Hosts(land, (one, other), first, second)


def poll(line: Line, tag: str) -> int:
    return line.ask("GET", "rundown", headers={"If-None-Match": tag}).status_code


def test_a_plan_that_one_process_made_is_unchanged_at_the_other(hosts: Hosts) -> None:
    here = Line(hosts.first, hosts.urls[0])
    there = Line(hosts.first, hosts.urls[1], token=here.token)
    tag = here.ask("GET", "rundown").headers["ETag"]
    assert poll(there, tag) in {200, 304}  # its settings are read at the first question
    assert poll(there, tag) == 304
    for line in (here, there):
        line.session.close()


def test_two_stations_of_one_name_are_those_of_two_communes(hosts: Hosts) -> None:
    ours, theirs = Line(hosts.first, hosts.urls[0]), Line(hosts.second, hosts.urls[0])
    now = hosts.first.clock()
    until_then = now + timedelta(hours=1)
    muting.mute(hosts.second.context, hosts.second.minh, "loa-dong", until_then, "tang", now)
    assert ours.rundown()["mute"] is None
    assert theirs.rundown()["mute"]["reason"] == "tang"
    digest = "a" * 64
    (hosts.second.context.audio).mkdir(parents=True, exist_ok=True)
    (hosts.second.context.audio / f"{digest}.wav").write_bytes(b"RIFF")
    assert theirs.ask("GET", f"audio/{digest}").status_code == 200
    assert ours.ask("GET", f"audio/{digest}").status_code == 404
    for line in (ours, theirs):
        line.session.close()


def wait(line: Line, tag: str) -> tuple[int, float]:
    """The answer to a long wait, and when it came."""
    answer = line.ask(
        "GET", "wait?seconds=30", headers={"If-None-Match": tag}, timeout=60
    ).status_code
    return answer, time.monotonic()


def listeners(hosts: Hosts) -> list[int]:
    with hosts.first.context.database.read() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN broadcaster_station'"
                    " AND datname = current_database()"
                )
            )
        )


def change(hosts: Hosts, reason: str) -> None:
    """In a process that is neither of the two."""
    xa, now = hosts.first, hosts.first.clock()
    muting.mute(xa.context, xa.minh, "loa-dong", now + timedelta(hours=1), reason, now)


def test_a_change_wakes_who_waits_at_every_process_by_being_told(hosts: Hosts) -> None:
    token = Line(hosts.first, hosts.urls[0]).token
    lines = [Line(hosts.first, url, token=token) for url in hosts.urls]
    with ThreadPoolExecutor(2) as pool:
        for reason in ("một", "hai"):
            tags = [line.ask("GET", "rundown").headers["ETag"] for line in lines]
            waits = [pool.submit(wait, *pair) for pair in zip(lines, tags, strict=True)]
            until(lambda: len(listeners(hosts)) == 2)
            threading.Event().wait(0.5)  # both wait by now; were one late, it would be told at once
            begun = time.monotonic()
            change(hosts, reason)
            for one in waits:
                status, at = one.result()
                assert status == 204
                assert at - begun < CHECK_EVERY / 2, "told, and not found by a look"
            with hosts.first.context.database.read() as connection:  # their lines are cut
                for pid in listeners(hosts) if reason == "một" else []:
                    connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    for line in lines:
        line.session.close()


def test_whether_somebody_plans_is_told_by_every_process(hosts: Hosts) -> None:
    def planners() -> str:
        body = requests.get(f"{hosts.urls[0]}/metrics", timeout=10).text
        return next(line for line in body.splitlines() if line.startswith("broadcaster_planners"))

    assert planners().endswith(" 0.0")
    with Session(hosts.first.context.database) as elected:
        assert elected.take(PLANNER, 0)
        hosts.first.clock.move(seconds=11)
        assert planners().endswith(" 1.0")
