"""A full disk or Ctrl-C in the middle: said in words, nothing half-written."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clerk import AUTHOR, BOTH, TEXT, command, contents, environment, run_cli, write_settings
from server_process import until
from small_disk import SmallDisk

PEOPLE = ("--author", "lan:Nguyễn Thị Lan", "--approver", "minh:Trần Văn Minh")


def copy(home: Path, disk: SmallDisk) -> Path:
    place = disk.folder / "xa"
    shutil.copytree(home, place)
    return place


def test_init_on_a_full_disk_makes_nothing_and_works_with_room(disk: SmallDisk) -> None:
    home = disk.folder / "xa"
    for left in (0, 8, 40, 160):
        disk.fill(left)
        failed = run_cli(home, "init", "--commune", "xã An Bình", *PEOPLE)
        assert failed.code == 1, left
        assert "đã đầy: chưa ghi gì cả" in failed.err  # SQLite may only speak of I/O
        assert "giải phóng dung lượng" in failed.err
        assert [path.name for path in disk.folder.iterdir()] == ["day"], left
    disk.grow()
    run_cli(home, "init", "--commune", "xã An Bình", *PEOPLE).ok()


def test_a_failed_init_leaves_settings_of_ones_own_alone(disk: SmallDisk) -> None:
    home = disk.folder / "xa"
    write_settings(home)
    written = (home / "broadcaster.toml").read_bytes()
    disk.fill(40)
    assert run_cli(home, "init", *PEOPLE).code == 1
    assert [path.name for path in home.iterdir()] == ["broadcaster.toml"]
    assert (home / "broadcaster.toml").read_bytes() == written


def test_writing_on_a_full_disk_keeps_nothing(fresh: Path, disk: SmallDisk) -> None:
    home = copy(fresh, disk)
    disk.fill()
    before = contents(home)
    failed = run_cli(home, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin=TEXT)
    assert failed.code == 1
    assert "đã đầy" in failed.err
    assert "giải phóng dung lượng" in failed.err
    assert contents(home) == before
    disk.grow()
    run_cli(home, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin=TEXT).ok()


@pytest.mark.parametrize("left_kb", [0, 60, 400])
def test_rendering_on_a_full_disk_keeps_nothing(fresh: Path, disk: SmallDisk, left_kb: int) -> None:
    home = copy(fresh, disk)
    run_cli(home, "announcement", "new", "--from", "-", "--as", AUTHOR, stdin=TEXT).ok()
    disk.fill(left_kb)
    before = contents(home)
    failed = run_cli(home, "render", "1", "--as", AUTHOR)
    assert failed.code == 1
    assert re.search("đã đầy|dung lượng trống", failed.err), failed.err
    assert contents(home) == before
    disk.grow()
    run_cli(home, "render", "1", "--as", AUTHOR).ok()


def long_text() -> str:
    return "Kế hoạch\n" + "\n".join(
        f"Việc thứ {n}: bà con tổ {n} dọn vệ sinh đường làng, ngõ xóm." for n in range(1, 20)
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_while_rendering_keeps_nothing_and_a_second_try_works(fresh: Path) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)  # noqa: S311 - chooses the instants
    run_cli(fresh, "announcement", "new", "--from", "-", "--as", BOTH, stdin=long_text()).ok()
    before = contents(fresh)
    cache = fresh / "data" / "voice-cache"
    for sentences in (dice.randint(1, 9), dice.randint(10, 18), 19):
        code, said = interrupted(fresh, cache, sentences)
        assert code == 1, (seed, said)
        assert "Đã dừng theo lệnh" in said, seed
        assert "Traceback" not in said, seed
        assert contents(fresh) == before, seed
    run_cli(fresh, "render", "1", "--as", BOTH).ok()


def interrupted(home: Path, cache: Path, sentences: int) -> tuple[int, str]:
    """Ctrl-C as soon as so many sentences lie in the cache, which is empty at first."""
    shutil.rmtree(cache, ignore_errors=True)
    with subprocess.Popen(
        command(home, "render", "1", "--as", BOTH),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment(),
    ) as process:  # fmt: skip
        until(lambda: len(list(cache.rglob("*.wav"))) >= sentences)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    return process.returncode, said
