"""Lessons in a file: read whole or refused whole, and counted at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import requests

from broadcaster.errors import InputError
from broadcaster.sandbox.faults import Fault
from broadcaster.sandbox.scripts import operations, read_script
from broadcaster.sandbox.summary import summary
from sandbox.bench import Bench

WRONG = """
tile = "gõ nhầm"
start = "sáng mai"

[settings.zalo]
goi = "x"
package = "vàng"

[[fault]]
platform = "tiktok"
kind = "drop"

[[fault]]
platform = "zalo"
kind = "drop"
operation = "feed.create"

[[fault]]
platform = "facebook"
kind = "rotate_then_drop"

[[fault]]
platform = "wordpress"
kind = "delay"
call = 0

[[fault]]
platform = "zalo"
kind = "night"
after = "sau"
"""


def written(tmp_path: Path, text: str, name: str = "bai.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_all_mistakes_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_script(written(tmp_path, WRONG))
    said = told.value.text.vi
    for words in (
        "tile: không có mục tên này",
        "start: viết như 2026-12-01T21:50:00+07:00",
        "zalo.goi: không có mục này",
        "zalo.package",
        "fault[1].platform",
        "fault[2]: không có thao tác “feed.create”; các thao tác: article.create",
        "fault[3]: sự cố “rotate_then_drop” chỉ có ở: zalo",
        "fault[4].call: phải ít nhất 1",
        "fault[5].after: phải là true hoặc false",
    ):
        assert words in said, words


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "JSON"),
        ("a.json", "7", "bảng hoặc danh sách"),
        ("a.toml", "= 1", "TOML"),
        ("a.toml", '[[fault]]\nplatform="zalo"\nkind="list_lag"', "seconds"),
    ],
)
def test_a_file_that_is_no_script_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as told:
        read_script(written(tmp_path, text, name))
    assert name in told.value.text.vi
    with pytest.raises(InputError, match=r"khong-co\.toml"):
        read_script(tmp_path / "khong-co.toml")


def test_json_of_either_shape_is_the_same_lesson(tmp_path: Path) -> None:
    one = {"platform": "zalo", "kind": "stuck_processing", "operation": "article.create"}
    alone = read_script(written(tmp_path, json.dumps([one]), "a.json"))
    inside = read_script(written(tmp_path, json.dumps({"faults": [one]}), "b.json"))
    assert alone.faults == inside.faults == [Fault("zalo", "stuck_processing", "article.create")]


def test_the_operations_of_all_platforms_are_known() -> None:
    assert {"feed.create", "posts.list"} <= set(operations("graph"))
    assert {"oauth.token", "article.create", "group.message"} <= set(operations("zalo"))
    assert {"posts.create", "media.create"} <= set(operations("wordpress"))


@pytest.mark.parametrize(
    ("kind", "operation", "code"),
    [
        ("quota", "article.create", -223),
        ("night", "getoa", -234),
        ("expired_upload", "getoa", -100),
        ("quota", "getoa", -211),
    ],
)
def test_zalos_own_refusals_by_script(bench: Bench, kind: str, operation: str, code: int) -> None:
    bench.fault("zalo", kind, operation)
    creating = operation == "article.create"
    answer = bench.create_article() if creating else bench.zalo("GET", "v2.0/oa/getoa")
    assert answer["error"] == code


def test_a_review_takes_as_long_as_the_script_says(bench: Bench) -> None:
    bench.state.add_faults([Fault("zalo", "review_delay", seconds=7200)])
    article = bench.ready_article()
    element = {"media_type": "article", "attachment_id": article}
    payload = {"template_type": "media", "elements": [element]}
    message = {"attachment": {"type": "template", "payload": payload}}
    bench.clock.now = datetime.fromisoformat("2026-11-24T09:00:00+07:00")
    sent = bench.zalo("POST", "v2.0/oa/message", json={"recipient": {}, "message": message})
    assert sent["error"] == 0
    assert bench.public()["zalo_broadcasts"] == []
    bench.clock.move(hours=1)
    assert bench.public()["zalo_broadcasts"] == []
    bench.clock.move(hours=1, minutes=1)
    assert len(bench.public()["zalo_broadcasts"]) == 1


def test_the_summary_counts_what_is_seen_and_what_is_doubled(bench: Bench) -> None:
    bench.state.add_faults(
        [
            Fault("graph", "delay", "feed.create", times=0, seconds=0.001),
            Fault("zalo", "night", call=9),
        ]
    )
    for text in ("Tin một TB-2026-0001-0AB6", "Vẫn tin một TB-2026-0001-0AB6", "Bài của người"):
        bench.feed(text)
    bench.ready_article(title="Tin hai TB-2026-0002-0AB6")
    found = summary(bench.state)
    assert found["public"]["graph"] == {"seen": 3, "doubled": 1}
    assert found["public"]["zalo"] == {"seen": 1, "doubled": 0}
    assert found["calls"]["graph"] == 3
    assert [(one["struck"], one["pending"]) for one in found["faults"]] == [(3, False), (0, True)]
    assert bench.call("GET", "/_control/summary").json() == found


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to answer")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_with_its_count(tmp_path: Path, by: signal.Signals) -> None:
    lesson = 'start = "2026-12-01T21:50:00+07:00"\n[[fault]]\nplatform = "zalo"\nkind = "night"\n'
    command = [sys.executable, "-P", "-m", "broadcaster", "sandbox", "--port", "0", "--json"]
    running = subprocess.Popen(
        [*command, "--script", str(written(tmp_path, lesson))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert running.stdout is not None
    url = json.loads(running.stdout.readline())["url"]
    clock = requests.get(f"{url}/_control/clock", timeout=10).json()["now"]
    assert datetime.fromisoformat(clock) >= datetime.fromisoformat("2026-12-01T21:50:00+07:00")
    running.send_signal(by)
    rest, errors = running.communicate(timeout=30)
    counted = json.loads(rest)["summary"]
    assert counted["public"]["graph"] == {"seen": 0, "doubled": 0}
    assert counted["faults"][0]["kind"] == "night"
    assert "Traceback" not in errors
