"""`broadcaster run`: ends whole, leaves the station playing when killed, takes it over again."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from clerk import AUTHOR, run_cli, write_settings
from server_process import ServerProcess, until

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


def schedule(home: Path, seconds: float, *targets: str) -> None:
    at = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(seconds=seconds)
    words = [word for target in targets for word in ("--target", target)]
    run_cli(
        home, "timetable", "add", "1", "--on", f"{at:%d/%m/%Y}", "--at", f"{at:%H:%M:%S}",
        "--yes", "--as", AUTHOR, *words,
    ).ok()  # fmt: skip


def states(home: Path) -> dict[str, str]:
    """Of every delivery, read from the database: many times a second, and with nothing running."""
    with closing(sqlite3.connect(home / "data" / "broadcaster.db")) as connection:
        return dict(connection.execute("SELECT target, state FROM delivery"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_server_loops_and_station_within_ten_seconds(
    server: ServerProcess, number: signal.Signals
) -> None:
    url = server.start()
    assert requests.get(f"{url}/health", timeout=5).json()["commune"] == "xã An Bình"
    until(lambda: server.station() and server.engine())
    assert len(server.alive()) == 3, "server, station, engine"
    checked = run_cli(server.home, "channel", "check", "--json")
    assert checked.code == 4, "the station is well, the Page cannot be reached"
    assert {one["key"]: one["ok"] for one in checked.data["targets"]} == {
        "loa": True,
        "fanpage": False,
    }
    took, code, said = server.stop(number)
    assert code == 0, said
    assert took < 10
    assert server.alive() == []
    assert "Traceback" not in said
    assert "báo lỗi" not in server.log(), "server and station understand each other"


def test_an_end_in_the_middle_of_play_is_recorded_before_the_server_goes(
    server: ServerProcess,
) -> None:
    server.start()
    schedule(server.home, 9, "loa")
    until(lambda: list(server.home.glob("station/played/*.playing.wav")))
    time.sleep(1)
    took, code, said = server.stop()
    assert (code, took < 10) == (0, True), (took, said)
    assert states(server.home) == {"loa": "partly_aired"}
    assert server.alive() == []


def test_a_killed_server_leaves_a_station_that_plays_and_the_next_one_takes_it_over(
    server: ServerProcess,
) -> None:
    write_settings(server.home, port=free_port())
    server.start()
    schedule(server.home, 9, "loa")
    until(lambda: states(server.home) == {"loa": "accepted"})
    station, engine = server.station(), server.engine()
    server.kill()
    until(lambda: list(server.home.glob("station/played/*.wav")))
    assert (server.station(), server.engine()) == (station, engine)
    server.start()
    until(lambda: states(server.home) == {"loa": "confirmed"}, 40)
    time.sleep(4.5)  # twice as long as the server waits before it looks at the station again
    assert server.station() == station
    assert "Một máy phát khác" not in server.log(), "no second station was tried"
    took, code, said = server.stop()
    assert (code, took < 10) == (0, True), (took, said)
    until(lambda: server.alive() == [], 2)  # it is nobody's child: its very last moment is its own
    assert len(list(server.home.glob("station/played/*.wav"))) == 1


def test_a_station_with_yesterdays_settings_is_replaced(server: ServerProcess) -> None:
    server.start()  # at any port: the next server has another
    until(lambda: server.station() and server.engine())
    station = server.station()
    server.kill()
    server.start()
    until(lambda: server.station() not in {0, station})
    until(lambda: len(server.alive()) == 3)
    server.stop()
    assert server.alive() == []


def test_a_second_run_is_refused_and_a_killed_station_started_again(server: ServerProcess) -> None:
    """The station's engine goes on meanwhile."""
    server.start()
    until(lambda: server.station() and server.engine())
    station, engine = server.station(), server.engine()
    second = run_cli(server.home, "run")
    assert second.code == 1
    assert f"Broadcaster đang chạy trên dữ liệu {server.home} rồi" in second.err
    assert len(server.alive()) == 3
    os.kill(station, signal.SIGKILL)
    until(lambda: server.station() not in {0, station})
    assert server.engine() == engine
    server.stop()
    assert server.alive() == []


def test_a_station_that_just_died_leaves_no_engine_behind_a_server_that_ends(
    server: ServerProcess,
) -> None:
    server.start()
    until(lambda: server.station() and server.engine())
    os.kill(server.station(), signal.SIGKILL)
    server.stop()
    assert server.alive() == []


def test_a_silent_platform_does_not_hold_up_the_end_and_is_asked_at_the_next_start(
    server: ServerProcess,
) -> None:
    with silent() as url:
        write_settings(server.home, graph=url)
        server.start("--no-station")
        schedule(server.home, 8, "fanpage")
        until(lambda: states(server.home) == {"fanpage": "sending"})
        took, code, said = server.stop()
        assert (code, took < 10) == (0, True), (took, said)
        assert states(server.home) == {"fanpage": "sending"}
        server.start("--no-station")
        assert states(server.home) == {"fanpage": "unknown"}
        server.stop()
    check_what_is_said_of_the_unknown(server.home)


def check_what_is_said_of_the_unknown(home: Path) -> None:
    """Why, what to do, an exit code of its own, and a person's word that settles it."""
    listed = run_cli(home, "delivery", "list")
    assert listed.code == 5
    shown = run_cli(home, "delivery", "show", "1").ok().out
    for text in (listed.out, shown):
        assert "CHƯA RÕ" in text
        assert "bị ngắt" in text
        assert "broadcaster delivery resolve 1 --posted" in text
    both = run_cli(home, "delivery", "resolve", "1", "--as", AUTHOR)
    assert both.code == 2
    assert "--posted ĐỊA_CHỈ hoặc --not-posted" in both.err
    link = "https://www.facebook.com/xaanbinh/posts/1"
    words = ("delivery", "resolve", "1", "--as", AUTHOR, "--posted", link)
    assert run_cli(home, *words, "--json").ok().data["state"] == "confirmed"
    again = run_cli(home, *words)
    assert again.code == 6
    assert "Lượt phát số 1 đã phát: chỉ lượt CHƯA RÕ" in again.err
    assert link in run_cli(home, "log").ok().out


def test_a_port_in_use_is_named_with_the_setting_to_change(server: ServerProcess) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        write_settings(server.home, port=port)
        refused = run_cli(server.home, "run")
    assert refused.code == 1
    assert f"Không mở được cổng {port}" in refused.err
    assert "[server] port trong broadcaster.toml" in refused.err
    assert server.alive() == []


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def silent() -> Iterator[str]:
    """A platform that takes every call and never answers."""
    done = threading.Event()
    held = []

    def hold(door: socket.socket) -> None:
        door.settimeout(0.1)
        while not done.is_set():
            try:
                held.append(door.accept()[0])
            except TimeoutError:
                continue

    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        thread = threading.Thread(target=hold, args=(door,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}/graph"
        finally:
            done.set()
            thread.join()
            for line in held:
                line.close()
