"""What went wrong is told with its cause and the way out, and the way out works."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from clerk import command, environment, run_cli, write_settings
from server_process import ServerProcess, until
from test_run import schedule, states

from broadcaster.sandbox import credentials

KEY = {"BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN": credentials.FACEBOOK_PAGE_TOKEN}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends programs by signals")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    """`broadcaster sandbox` on a free port; its address."""
    with subprocess.Popen(
        command(tmp_path, "sandbox", "--port", "0", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", env=environment(),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = ""
        while "}" not in said:
            said += process.stdout.readline()
        yield json.loads(said)["url"]
        process.terminate()


def public(sandbox: str) -> list[Any]:
    posts: list[Any] = requests.get(f"{sandbox}/_control/public", timeout=5).json()["graph"]
    return posts


def test_a_refused_post_says_why_and_goes_out_once_when_scheduled_anew(
    server: ServerProcess, sandbox: str
) -> None:
    fault = {"platform": "graph", "kind": "error", "operation": "feed.create", "code": 200}
    requests.post(f"{sandbox}/_control/faults", json=fault, timeout=5).raise_for_status()
    write_settings(server.home, graph=f"{sandbox}/graph")
    server.start("--no-station", **KEY)
    schedule(server.home, 8, "fanpage")
    until(lambda: states(server.home) == {"fanpage": "failed"})
    for words in (["log"], ["delivery", "list"], ["delivery", "show", "1"]):
        said = run_cli(server.home, *words).ok().out
        assert "bị từ chối" in said
        assert "quyền" in said, "the cause"
        assert "broadcaster timetable add 1 --target fanpage --on" in said
    assert public(sandbox) == []
    schedule(server.home, 8, "fanpage")
    until(lambda: len(public(sandbox)) == 1)
    until(lambda: states(server.home) == {"fanpage": "confirmed"})  # of the later one
    assert "Máy chủ chưa chạy" not in run_cli(server.home, "plan", "show").ok().err
    assert len(public(sandbox)) == 1
    ended = run_cli(server.home, "delivery", "list", "--json").ok().data["deliveries"]
    assert [row["state"] for row in ended] == ["failed", "confirmed"]
    server.stop()


def test_a_slot_that_was_missed_says_why_and_how_to_make_up_for_it(
    server: ServerProcess,
) -> None:
    settings = server.home / "broadcaster.toml"
    text = settings.read_text("utf-8").replace(
        "[policy]\n", "[policy]\nloudspeaker_grace_minutes = 0.05\n"
    )
    settings.write_text(text, "utf-8")
    server.start("--no-station")
    schedule(server.home, 8, "loa")
    until(lambda: states(server.home) == {"loa": "missed"})
    said = run_cli(server.home, "log", env={"COLUMNS": "80"}).ok().out
    assert "lỡ giờ" in said
    assert "Trạm loa không nhận được lịch trước giờ phát" in re.sub(r"\s+", " ", said)
    assert "broadcaster timetable add 1 --target loa --on … --at …" in said
    english = run_cli(server.home, "--lang", "en", "log").ok().out
    assert "The station did not fetch its plan in time" in english
    server.stop()
