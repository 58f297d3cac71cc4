"""Missing and broken settings: every mistake in one message, before anything is touched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from clerk import AUTHOR, BOTH, contents, run_all, run_cli

from broadcaster.channels.port import kinds

BROKEN = """\
[commune]
nam = "xã An Bình"

[server]
port = "tám nghìn"

[policy]
quiet_hours = "tối"

[[targets]]
key = "Fanpage Xã"
channel = "facebook_page"
name = "Fanpage"
"""


def test_a_folder_without_settings_says_where_they_should_be(tmp_path: Path) -> None:
    calls = (("announcement", "list"), ("run",), ("log",), ("render", "1", "--as", AUTHOR))
    for words, refused in zip(calls, run_all(tmp_path, *calls), strict=True):
        assert refused.code == 2, words
        assert str(tmp_path / "broadcaster.toml") in refused.err
        assert "broadcaster init" in refused.err
    assert list(tmp_path.iterdir()) == []


def test_all_mistakes_are_told_in_one_message(fresh: Path) -> None:
    (fresh / "broadcaster.toml").write_text(BROKEN, "utf-8")
    before = contents(fresh)
    places = ("commune.name", "commune.nam", "server.port", "policy.quiet_hours", "targets[1]")
    for refused in run_all(fresh, ("announcement", "list"), ("run",), ("init",)):
        assert refused.code == 2
        assert "cấu hình có 5 lỗi" in refused.err
        assert [place for place in places if place not in refused.err] == []
    assert contents(fresh) == before


def test_a_line_that_is_no_toml_is_named(fresh: Path) -> None:
    with (fresh / "broadcaster.toml").open("a", encoding="utf-8") as file:
        file.write("\nday la gi\n")
    lines = (fresh / "broadcaster.toml").read_text("utf-8").count("\n")
    refused = run_cli(fresh, "log")
    assert refused.code == 2
    assert str(fresh / "broadcaster.toml") in refused.err
    assert f"line {lines}" in refused.err or f"dòng {lines}" in refused.err


@pytest.mark.parametrize("data", [b"\xff\xfe\x00bad", bytes(range(256))], ids=["utf-16", "binary"])
def test_settings_in_another_encoding_are_named(fresh: Path, data: bytes) -> None:
    (fresh / "broadcaster.toml").write_bytes(data)
    refused = run_cli(fresh, "log")
    assert refused.code == 2
    assert "UTF-8" in refused.err


def test_an_unknown_kind_of_outlet_is_told_with_the_known_ones(fresh: Path) -> None:
    path = fresh / "broadcaster.toml"
    path.write_text(path.read_text("utf-8").replace('"facebook_page"', '"tiktok"'), "utf-8")
    refused = run_cli(fresh, "announcement", "list")
    assert refused.code == 2
    assert "tiktok" in refused.err
    assert f"loudspeaker, {', '.join(kinds())}." in refused.err


def test_init_needs_the_communes_name_and_asks_for_it_only_in_a_window(tmp_path: Path) -> None:
    refused = run_cli(tmp_path / "xa", "init")
    assert refused.code == 2
    assert "--commune" in refused.err
    assert not (tmp_path / "xa").exists()


def test_init_again_changes_nothing(fresh: Path) -> None:
    before = contents(fresh)
    again = run_cli(fresh, "init", "--author", f"{AUTHOR}:Nguyễn Thị Lan").ok()
    assert "Đã có “lan” từ trước" in again.err
    assert contents(fresh) == before


def test_init_refuses_a_person_it_cannot_name(tmp_path: Path) -> None:
    names = ("lan", "lan:", "Lan Anh:Nguyễn Thị Lan", ":Nguyễn Thị Lan")
    calls = [("init", "--commune", "xã An Bình", "--author", name) for name in names]
    for name, refused in zip(names, run_all(tmp_path / "xa", *calls), strict=True):
        assert refused.code == 2, name
    assert not (tmp_path / "xa").exists()


def test_a_database_that_is_missing_or_damaged_is_said_in_words(fresh: Path) -> None:
    database = fresh / "data" / "broadcaster.db"
    database.write_bytes(b"not a database at all" * 1000)
    damaged = run_cli(fresh, "log")
    assert damaged.code == 1
    assert "Không dùng được cơ sở dữ liệu" in damaged.err
    shutil.rmtree(fresh / "data")
    missing = run_cli(fresh, "log")
    assert missing.code in {1, 2}
    assert "broadcaster init" in missing.err
    assert not database.exists(), "a look makes no database"


@pytest.mark.skipif(os.name != "posix", reason="file rights of POSIX")
def test_secrets_that_others_can_read_are_refused(fresh: Path) -> None:
    secrets = fresh / "secrets.toml"
    secrets.write_text('[fanpage]\npage_token = "bi-mat"\n', "utf-8")
    secrets.chmod(0o644)
    env = {"BROADCASTER_SECRET_FANPAGE_PAGE_TOKEN": ""}
    told = run_cli(fresh, "channel", "check", "fanpage", env=env)
    assert told.code == 1
    assert "chmod 600" in told.out
    assert "bi-mat" not in told.out + told.err


def test_the_clerks_name_must_be_typeable(fresh: Path) -> None:
    refused = run_cli(
        fresh, "person", "add", "Hòa", "--full-name", "Lê Hòa", "--role", "operator", "--as", AUTHOR
    )
    assert refused.code == 2
    assert "chữ thường không dấu" in refused.err
    forbidden = run_cli(
        fresh, "person", "add", "em", "--full-name", "Em", "--role", "admin", "--as", BOTH
    )
    assert forbidden.code == 6
