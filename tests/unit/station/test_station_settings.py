"""DIR/station.toml: written and read back; all mistakes at once; the key stays private."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from broadcaster.errors import InputError
from broadcaster.station.settings import (
    FILE,
    StationSettings,
    read_settings,
    read_token,
    write_settings,
)

GOOD = StationSettings(server="https://xa.example.vn", station="thon-1")


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    settings = StationSettings(
        server="http://127.0.0.1:8800",
        station="thôn “Kè Sắt”\\1",
        player="sounddevice",
        device="Loa ngoài (USB)",
        quiet="",
        poll_seconds=0.5,
        volume=80,
    )
    write_settings(tmp_path / "new", settings, "mot-ma-bi-mat")
    assert read_settings(tmp_path / "new") == settings
    assert read_token(tmp_path / "new", settings) == "mot-ma-bi-mat"


def test_the_token_is_for_its_owner_only_and_not_in_the_settings(tmp_path: Path) -> None:
    write_settings(tmp_path, GOOD, "mot-ma-bi-mat")
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert "mot-ma-bi-mat" not in (tmp_path / FILE).read_text("utf-8")


def test_the_token_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MA_TRAM", "ma-tu-moi-truong")
    settings = StationSettings(server=GOOD.server, station="thon-1", token_env="MA_TRAM")  # noqa: S106 — the variable's name
    assert read_token(tmp_path, settings) == "ma-tu-moi-truong"


def test_a_missing_token_is_told_without_showing_a_malformed_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mã truy cập"):
        read_token(tmp_path, GOOD)
    (tmp_path / "token").write_text("xx\x01yy-bí-mật")
    with pytest.raises(InputError) as told:
        read_token(tmp_path, GOOD)
    assert "xx" not in str(told.value)


def test_all_mistakes_come_in_one_message_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        'server = "ftp://x"\nstation = ""\nplayer = "radio"\nvolume = 101\n'
        'quiet = "9 giờ tối"\nzone = "Asia/Atlantis"\npoll_seconds = 0.0\n'
    )
    with pytest.raises(InputError) as told:
        read_settings(tmp_path)
    message = str(told.value)
    assert str(tmp_path / FILE) in message
    assert "có 7 lỗi" in message
    for name in ("server", "station", "player", "volume", "quiet", "zone", "poll_seconds"):
        assert f"- {name}: " in message


def test_unknown_missing_and_mistyped_entries_come_in_one_message(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('volum = 3\nstation = 7\nvolume = true\npoll_seconds = "2"\n')
    with pytest.raises(InputError) as told:
        read_settings(tmp_path)
    for name in ("volum", "server", "station", "volume", "poll_seconds"):
        assert f"- {name}: " in str(told.value)


@pytest.mark.parametrize("content", [b"server = ", b"\xff\xfe\x00", b"= ="])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=FILE):
        read_settings(tmp_path)


def test_without_a_file_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Hãy tạo"):
        read_settings(tmp_path)


def test_the_key_does_not_travel_in_the_clear_unless_that_is_wanted(tmp_path: Path) -> None:
    plain = StationSettings(server="http://192.168.1.10:8800", station="thon-1")
    with pytest.raises(InputError, match="https"):
        write_settings(tmp_path, plain, "mot-ma-bi-mat")
    assert list(tmp_path.iterdir()) == []
    wanted = StationSettings(
        server="http://192.168.1.10:8800", station="thon-1", insecure_http=True
    )
    write_settings(tmp_path, wanted)
    assert read_settings(tmp_path).insecure_http
