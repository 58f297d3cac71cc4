"""What those who watch over a server are told, and that nobody else is told it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests
from commune import Commune, found
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from station_line import Line, serving
from web_server import running

from broadcaster.engine.port import Health
from broadcaster.server.serving import KEEP_ALIVE_S
from broadcaster.services.communes import Communes
from broadcaster.store.schema import VERSION
from broadcaster.web import monitoring

ROOT = Path(__file__).resolve().parents[3]
Read = dict[tuple[str, ...], float]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with serving(tmp_path / "home") as served:
        yield served


@pytest.fixture
def xa(line: Line) -> Commune:
    return line.town


def read(body: str) -> Read:
    """By name and the values of the labels, in the order of their names."""
    return {
        (
            one.name.removeprefix("broadcaster_"),
            *(v for _, v in sorted(one.labels.items())),
        ): one.value
        for family in text_string_to_metric_families(body)
        for one in family.samples
    }


def get(line: Line, path: str, **headers: str) -> requests.Response:
    return line.session.get(f"{line.url}/{path}", headers=headers, timeout=10)


def test_the_figures_are_those_of_the_rows(line: Line, xa: Commune) -> None:
    tag = line.ask("GET", "rundown").headers["ETag"]
    for _ in range(3):
        line.ask("GET", "rundown", headers={"If-None-Match": tag})
    number = xa.approved()
    xa.schedule(number, on="23/11/2026", at="09:00")
    xa.plan()
    line.rundown()
    told = read(get(line, "metrics").text)
    assert told["database_up",] == 1
    assert told["station_polls_total", "unchanged"] == 3
    assert told["station_polls_total", "looked_into"] == 2
    assert (told["stations",], told["stations_silent",]) == (1, 1), "it has sent no status yet"
    assert told["attempts_recent", "under_way"] == 1, "handed to the station"
    assert ("planners",) not in told, "on a single PC nobody is elected"
    line.status()
    xa.clock.move(hours=2)
    later = read(get(line, "metrics").text)
    assert later["deliveries_due", "normal", "sending"] == 1, "its proof is late"
    assert 0 < later["deliveries_oldest_due_seconds", "normal"] < 3600
    assert later["stations_silent",] == 1, "it has spoken two hours ago"
    xa.tick()
    xa.clock.move(seconds=11)
    assert read(get(line, "metrics").text)["deliveries_unknown", "normal"] == 1


def test_many_who_ask_cost_one_look_in_ten_seconds(line: Line, xa: Commune) -> None:
    before = read(get(line, "metrics").text)
    assert before["stations",] == 1
    Line(xa, line.url, "loa-doai").session.close()
    assert read(get(line, "metrics").text)["stations",] == 1
    xa.clock.move(seconds=11)
    assert read(get(line, "metrics").text)["stations",] == 2


def test_figures_are_not_for_who_comes_through_the_proxy(line: Line) -> None:
    assert get(line, "metrics", **{"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    assert get(line, "metrics").status_code == 200


def test_a_server_on_an_older_database_is_alive_and_not_ready(line: Line, xa: Commune) -> None:
    assert get(line, "ready").json() == {"status": "ready"}
    set_version(xa, "0001")
    answer = get(line, "ready")
    assert answer.status_code == 503
    assert answer.json()["vi"].startswith("Cơ sở dữ liệu ở phiên bản 0001")
    assert get(line, "health").status_code == 200
    set_version(xa, VERSION)
    assert get(line, "ready").status_code == 200


def set_version(xa: Commune, version: str) -> None:
    with xa.context.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_a_worker_without_its_engine_is_not_ready(tmp_path: Path) -> None:
    """Its own small door, as `run --role worker --port` has it."""
    said = [Health(waiting=4, in_hand=2)]
    xa = found(tmp_path)
    with running(monitoring.alone(Communes.only(xa.context), lambda: said[-1])) as url:
        ask = partial(requests.get, timeout=10)
        assert ask(f"{url}/ready").status_code == 200
        seen = read(ask(f"{url}/metrics").text)
        assert (seen["engine_up",], seen["engine_waiting",], seen["engine_in_hand",]) == (1, 4, 2)
        said.append(Health(0, 0, "kết nối bị cắt"))
        answer = ask(f"{url}/ready")
        assert answer.status_code == 503
        assert "kết nối bị cắt" in answer.json()["vi"]
        assert read(ask(f"{url}/metrics").text)["engine_up",] == 0
        assert ask(f"{url}/api/station/v1/rundown").status_code == 404
        lose_database(xa)
        seen = read(ask(f"{url}/metrics").text)
        assert seen["database_up",] == 0
        assert ("station_polls_total", "unchanged") in seen, "the process's own are still told"


def test_what_is_written_about_figures_and_doors_is_true(line: Line) -> None:
    """The manual, the alarms for Prometheus and the reverse proxy's example."""
    told = re.findall(r"# TYPE (broadcaster_\w+)", get(line, "metrics").text)
    with running(monitoring.alone(Communes.only(line.town.context), lambda: Health(0, 0))) as url:
        told += re.findall(
            r"# TYPE (broadcaster_\w+)", requests.get(f"{url}/metrics", timeout=10).text
        )
    known = {*told, "broadcaster_planners"}  # that one only on PostgreSQL
    for name in ("scripts/install/prometheus-rules.example.yml", "docs/van-hanh-tinh.md"):
        written = set(re.findall(r"\bbroadcaster_[a-z_]+", (ROOT / name).read_text("utf-8")))
        assert written <= known, name
    proxy = (ROOT / "scripts/install/nginx.conf.example").read_text("utf-8")
    for door in ("metrics", "ready"):
        assert get(line, door).status_code == 200
        assert re.search(rf"location = /{door} +{{ return 404; }}", proxy)
    for place in re.findall(r"location =? ?(/api/\S+)", proxy):
        assert get(line, place.lstrip("/")).status_code in {401, 404, 405}, place
    (upstream,) = re.findall(r"keepalive_timeout (\d+)s;  # ngắn hơn", proxy)
    assert int(upstream) < KEEP_ALIVE_S, "else it would send into a connection just closed"


def lose_database(xa: Commune) -> None:
    xa.context.database.close()
    for name in ("broadcaster.db", "broadcaster.db-wal", "broadcaster.db-shm"):
        (xa.context.home / "data" / name).unlink(missing_ok=True)
    xa.clock.move(seconds=11)
