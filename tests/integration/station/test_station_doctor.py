"""The doctor: each fault by its name with a way out, on folders that really have it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback_server import TOKEN, LoopbackServer

from broadcaster.signature import public_text
from broadcaster.station.database import FILE
from broadcaster.station.doctor import BAD, GOOD, ODD, Finding, examine
from broadcaster.station.local import stop_here
from broadcaster.station.plan import Plan
from broadcaster.station.settings import StationSettings, write_settings
from broadcaster.station.trust import Trust
from broadcaster.wire import Signed

NOW = datetime.now(UTC)
"""The server of these tests signs plans for today."""


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer().start()
    yield running
    running.stop()


@pytest.fixture
def home(tmp_path: Path, server: LoopbackServer) -> Path:
    """A station that is enrolled, has a plan, and writes files."""
    write_settings(
        tmp_path, StationSettings(server=server.url, station="thon-1", player="file"), TOKEN
    )
    Trust(tmp_path).pin(public_text(server.key))
    plan = Plan(tmp_path / FILE)
    plan.apply(Signed.model_validate_json(server.rundown()), "", "thon-1", NOW)
    plan.close()
    return tmp_path


def about(found: list[Finding], what: str) -> Finding:
    (one,) = [finding for finding in found if finding.about == what]
    return one


def test_a_sound_station_has_only_what_cannot_be_known(home: Path) -> None:
    found = examine(home, NOW)
    for what in ("cấu hình", "mã truy cập", "chữ ký", "lịch phát", "máy chủ", "sổ của trạm"):
        assert about(found, what).level == GOOD, what
    assert about(found, "phần phát").level == BAD
    assert "không chạy" in about(found, "phần phát").what
    assert all(finding.fix for finding in found if finding.level != GOOD)


def test_without_settings_it_says_so_and_nothing_else(tmp_path: Path) -> None:
    (only,) = examine(tmp_path, NOW)
    assert (only.about, only.level) == ("cấu hình", BAD)


def test_a_key_that_was_never_pinned(home: Path) -> None:
    (home / "server.key").unlink()
    assert "chưa ghim khóa" in about(examine(home, NOW), "chữ ký").what


def test_a_plan_that_somebody_has_changed_on_the_disk(home: Path) -> None:
    plan = Plan(home / FILE)
    plan.database.write("UPDATE sealed SET body = replace(body, 'thon-1', 'thon-2')")
    plan.close()
    assert about(examine(home, NOW), "chữ ký").level == BAD


def test_a_plan_that_grows_old_and_one_that_is_over(home: Path) -> None:
    assert about(examine(home, NOW + timedelta(days=7, hours=12)), "lịch phát").level == ODD
    assert about(examine(home, NOW + timedelta(days=9)), "lịch phát").level == BAD


def test_a_token_that_the_server_does_not_know(home: Path) -> None:
    (home / "token").write_text("mot-ma-da-bi-thu-hoi\n")
    found = [one for one in examine(home, NOW) if one.level == BAD]
    assert any("thu hồi" in one.fix for one in found)


def test_a_server_that_is_not_there(home: Path) -> None:
    settings = StationSettings(server="http://127.0.0.1:9", station="thon-1", player="file")
    write_settings(home, settings)
    finding = about(examine(home, NOW), "máy chủ")
    assert finding.level == BAD
    assert "Trạm vẫn phát" in finding.fix


def test_a_clock_that_was_never_set(home: Path) -> None:
    finding = about(examine(home, datetime(1970, 1, 2, tzinfo=UTC)), "đồng hồ")
    assert finding.level == BAD
    assert "pin CMOS" in finding.fix


def test_a_stop_that_somebody_forgot(home: Path) -> None:
    plan = Plan(home / FILE)
    stop_here(plan.database, NOW)
    plan.close()
    assert "release" in about(examine(home, NOW), "lệnh tại chỗ").fix


def test_a_device_that_is_not_there(home: Path, server: LoopbackServer) -> None:
    settings = StationSettings(server=server.url, station="thon-1", device="loa ngoài đồng")
    write_settings(home, settings)
    found = {one.about: one for one in examine(home, NOW)}
    finding = found.get("thiết bị") or found["âm thanh"]  # a machine may have no PortAudio at all
    assert finding.level == BAD
    assert finding.fix


def test_the_command_answers_in_json_and_with_its_exit_code(home: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "broadcaster.station", "--home", str(home), "doctor", "--json"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    told = json.loads(run.stdout)
    assert run.returncode == 1
    assert told["ok"] is False
    assert {"about", "level", "what", "fix"} == set(told["findings"][0])
    assert TOKEN not in run.stdout
