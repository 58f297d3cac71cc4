"""The sandbox as a process: port, ready file, data file that outlives a kill, script file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from broadcaster.errors import InputError, Unavailable
from broadcaster.sandbox import running, serve
from broadcaster.sandbox.server import listen
from broadcaster.sandbox.state import SandboxState
from sandbox.bench import JPEG, Bench, Clock

COMMAND = [sys.executable, "-m", "broadcaster.sandbox", "--port", "0"]


@contextmanager
def process(*options: str, ready: Path) -> Iterator[tuple[Bench, subprocess.Popen[bytes]]]:
    """A sandbox of its own process; killed at the end if it still lives."""
    ready.unlink(missing_ok=True)
    started = subprocess.Popen([*COMMAND, "--ready-file", str(ready), *options])
    with ExitStack() as stack:
        stack.callback(started.wait)
        stack.callback(started.kill)
        end = time.monotonic() + 30
        while not ready.exists():
            assert started.poll() is None, "ended before it was ready"
            assert time.monotonic() < end, "not ready in time"
        url = ready.read_text(encoding="utf-8").strip()
        session = stack.enter_context(requests.Session())
        yield Bench(url, SandboxState(), Clock(), session), started


def fill(bench: Bench) -> None:
    bench.feed("Tin một")
    bench.ready_article(title="Tin hai")
    bench.post(title="Tin ba", slug="tin-ba")
    bench.upload(JPEG, "anh.jpg", "image/jpeg")
    bench.fault("graph", "error", "feed.create", call=9)


def test_killed_and_started_again_it_remembers_everything(tmp_path: Path) -> None:
    data, ready = tmp_path / "du-lieu.json", tmp_path / "ready"
    with process("--data", str(data), ready=ready) as (bench, started):
        fill(bench)
        pair = bench.refresh().json()
        before = bench.public()
        os.kill(started.pid, signal.SIGKILL)
        started.wait()
    with process("--data", str(data), ready=ready) as (bench, _):
        after = bench.public()
        for platform in ("graph", "zalo", "wordpress"):
            assert [p["id"] for p in after[platform]] == [p["id"] for p in before[platform]]
        assert "access_token" not in bench.refresh().json()
        assert "access_token" in bench.refresh(pair["refresh_token"]).json()
        assert bench.post(slug="tin-ba")["slug"] == "tin-ba-2"
        (medium,) = bench.wp("GET", "media").json()
        assert bench.session.get(medium["source_url"], timeout=10).content == JPEG
        assert bench.call("GET", "/_control/counters").json()["graph"]["feed.create"] == 1
        assert bench.call("GET", "/_control/faults").json()[0]["call"] == 9


def test_the_data_file_is_whole_after_every_change(tmp_path: Path) -> None:
    data = tmp_path / "du-lieu.json"
    state = SandboxState(data=data)
    with running(state) as url, requests.Session() as session:
        bench = Bench(url, state, Clock(), session)
        for number in range(5):
            bench.feed(f"Tin {number}")
            stored = json.loads(data.read_text(encoding="utf-8"))
            assert len(stored["graph"]["posts"]) == number + 1
    assert [p.name for p in tmp_path.iterdir()] == ["du-lieu.json"]
    assert len(SandboxState(data=data).world.graph.posts) == 5


def test_stopping_it_politely_is_no_failure(tmp_path: Path) -> None:
    with process(ready=tmp_path / "ready") as (_, started):
        started.send_signal(signal.SIGINT)
        assert started.wait(20) == 0


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    data = tmp_path / "du-lieu.json"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable) as caught:
            serve("127.0.0.1", port, data=data, on_ready=pytest.fail)
    assert str(port) in caught.value.text.vi
    assert "đang được chương trình khác dùng" in caught.value.text.vi
    assert not data.exists()


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0)])
def test_an_impossible_address_is_said_in_the_same_way(host: str, port: int) -> None:
    with pytest.raises(Unavailable):
        listen(host, port).close()


def test_the_command_says_it_in_vietnamese_with_an_exit_code(tmp_path: Path) -> None:
    data = tmp_path / "du-lieu.json"
    data.write_text("không phải JSON", encoding="utf-8")
    ended = subprocess.run(
        [*COMMAND, "--data", str(data)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 2
    assert str(data) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert data.read_text(encoding="utf-8") == "không phải JSON"


def test_a_script_file_sets_the_lesson(tmp_path: Path) -> None:
    script = tmp_path / "kich-ban.json"
    lesson = {
        "settings": {"zalo": {"processing_polls": 0}},
        "faults": [{"platform": "graph", "kind": "error", "operation": "feed.create", "code": 2}],
    }
    script.write_text(json.dumps(lesson), encoding="utf-8")
    with process("--script", str(script), ready=tmp_path / "ready") as (bench, _):
        assert bench.feed("Tin").status_code == 500
        assert bench.feed("Tin").status_code == 200
        assert bench.verify(bench.create_article()["data"]["token"])["error"] == 0


SCRIPTS = [
    ("{", ""),
    ('{"faults": [{"platform": "graph"}]}', "kind"),
    ('{"setings": {}}', "setings"),
    ('{"settings": {"graph": {"x": 1}}}', "graph.x"),
    ("3", ""),
]


@pytest.mark.parametrize(("text", "named"), SCRIPTS)
def test_a_wrong_script_is_named_with_its_field(tmp_path: Path, text: str, named: str) -> None:
    script = tmp_path / "kich-ban.json"
    script.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        serve("127.0.0.1", 0, fault_script=script, on_ready=pytest.fail)
    assert str(script) in caught.value.text.vi
    assert named in caught.value.text.vi


def test_a_missing_script_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        serve("127.0.0.1", 0, fault_script=tmp_path / "khong-co.json", on_ready=pytest.fail)


def test_a_folder_that_cannot_be_written_is_said_at_start(tmp_path: Path) -> None:
    blocked = tmp_path / "tep"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(Unavailable, match="Không ghi được"):
        serve("127.0.0.1", 0, data=blocked / "du-lieu.json", on_ready=pytest.fail)


def test_importing_the_package_brings_no_web_server() -> None:
    code = "import sys, broadcaster.sandbox; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"fastapi", "uvicorn", "pydantic", "starlette", "jinja2"}
    assert not heavy & set(loaded.stdout.split())
