"""Settings: every mistake is told at once, in Vietnamese, with its place; secrets stay secret."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from broadcaster import resources
from broadcaster.domain.policy import QuietHours
from broadcaster.errors import InputError
from broadcaster.settings import config, policies
from broadcaster.settings.config import Config, load
from broadcaster.settings.file import read_toml
from broadcaster.settings.folders import find_home

GOOD = """\
[commune]
name = "xã Bình Minh"

[[targets]]
key = "loa-dong"
channel = "loudspeaker"
name = "Cụm loa thôn Đông"

[[targets]]
key = "fanpage"
channel = "facebook_page"
name = "Fanpage xã"
"""
SECRET = "EAAB-mat-khau-rat-bi-mat"  # noqa: S105 -- what must never be shown


def written(home: Path, text: str | bytes) -> Path:
    content = text if isinstance(text, bytes) else text.encode()
    (home / config.FILE).write_bytes(content)
    return home


def complaint(home: Path, text: str | bytes) -> str:
    """What is said about settings that cannot be used."""
    with pytest.raises(InputError) as told:
        load(written(home, text))
    said = told.value.text.vi
    assert str(home / config.FILE) in said
    return said


def with_lines(section: str, *lines: str) -> str:
    """GOOD with more lines in a section of its own, or in one that it has."""
    more = f"[{section}]\n" + "".join(f"{line}\n" for line in lines)
    if f"[{section}]\n" in GOOD:
        return GOOD.replace(f"[{section}]\n", more, 1)
    return f"{more}\n{GOOD}"


def test_the_shipped_example_is_valid(tmp_path: Path) -> None:
    shipped = resources.folder("config") / "broadcaster.example.toml"
    found = config.parse(read_toml(shipped), str(shipped))
    assert found.station.target == found.targets[0].key
    in_force = policies.resolve(tmp_path, found.policy)
    assert in_force.quiet_hours == QuietHours(time(21), time(6))


def test_the_least_settings_get_careful_defaults(tmp_path: Path) -> None:
    found = load(written(tmp_path, GOOD))
    assert found.server.host == "127.0.0.1"
    assert str(policies.resolve(tmp_path, found.policy).quiet_hours) == "21:00–06:00"
    assert found.database_url == ""


def test_a_file_that_a_windows_editor_has_saved_is_read(tmp_path: Path) -> None:
    home = written(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(home).commune.name == "xã Bình Minh"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace('name = "xã Bình Minh"', ""), "commune.name: thiếu mục này"),
        (with_lines("commune", 'nam = "x"'), "commune.nam: không có mục tên này (gõ nhầm?)"),
        (with_lines("serve", "port = 1"), "serve: không có mục tên này"),
        (with_lines("server", 'port = "8765"'), "server.port: phải là số nguyên"),
        (with_lines("server", "port = 8765.5"), "server.port: phải là số nguyên"),
        (with_lines("server", "port = true"), "server.port: phải là số nguyên"),
        (with_lines("server", "port = 65536"), "server.port: phải nhiều nhất 65535"),
        (with_lines("server", "port = -1"), "server.port: phải ít nhất 0"),
        (with_lines("server", "host = 127"), "server.host: phải là chữ trong ngoặc kép"),
        (with_lines("voice", 'speed = "nhanh"'), "voice.speed: phải là số"),
        (with_lines("voice", "speed = nan"), "voice.speed: phải là số có hạn"),
        (with_lines("voice", 'order = "gtts"'), "voice.order: phải là danh sách"),
        (with_lines("voice", "order = []"), "voice.order: cần ít nhất một phần tử"),
        (with_lines("voice", "options = 1"), "voice.options: phải là bảng"),
        (with_lines("sound", "repeat = 3"), "sound.repeat: chỉ nhận 1 hoặc 2"),
        (with_lines("delivery", "quarantine = inf"), "delivery.quarantine: phải là số có hạn"),
        (with_lines("delivery", "look_up = [60, -1]"), "delivery.look_up[2]: phải lớn hơn 0"),
        (with_lines("policy", "valid_days = 0"), "policy.valid_days: phải ít nhất 1"),
        (with_lines("station", 'player = "loa"'), "station.player: chỉ nhận 'auto'"),
        (with_lines("station", 'target = "fanpage"'), "“fanpage” không phải là một cụm loa"),
        (with_lines("station", 'target = "loa-x"'), "“loa-x” không phải là một cụm loa"),
        (GOOD.replace('"fanpage"', '"loa-dong"'), "hai kênh trùng khóa: loa-dong"),
        (GOOD.replace('"fanpage"', '"Fanpage Xã"'), "targets[2].key: chỉ dùng chữ thường không"),
        (GOOD.replace('"Fanpage xã"', '""'), "targets[2].name: quá ngắn"),
        (GOOD.replace("xã Bình Minh", "x" * 101), "commune.name: quá dài"),
        (GOOD[: GOOD.index("[[")], "targets: thiếu mục này"),
        ("targets = []\n" + GOOD[: GOOD.index("[[")], "targets: cần ít nhất một phần tử"),
        ("targets = [1]\n" + GOOD[: GOOD.index("[[")], "targets[1]: phải là bảng"),
        ("commune = 5\n" + GOOD[GOOD.index("[[") :], "commune: phải là bảng"),
        ('database_url = "mysql://x"\n' + GOOD, "database_url: viết như sqlite:///"),
    ],
)
def test_a_mistake_is_told_in_vietnamese_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    told = complaint(tmp_path, text)
    assert said in told
    assert "cấu hình có 1 lỗi" in told
    assert "should" not in told
    assert " or " not in told


@pytest.mark.parametrize("hours", ["21h-6h", "25:00-06:00", "21:00", "21:60-06:00", "không"])
@pytest.mark.parametrize("section", ["policy", "station"])
def test_unreadable_quiet_hours_are_never_taken_for_none(
    tmp_path: Path, section: str, hours: str
) -> None:
    told = complaint(tmp_path, with_lines(section, f'quiet_hours = "{hours}"'))
    assert f"{section}.quiet_hours: viết như 21:00-06:00, hoặc none" in told


@pytest.mark.parametrize("section", ["policy", "station"])
def test_quiet_hours_without_length_are_refused(tmp_path: Path, section: str) -> None:
    told = complaint(tmp_path, with_lines(section, 'quiet_hours = "21:00-21:00"'))
    assert f"{section}.quiet_hours: viết như 21:00-06:00" in told


@pytest.mark.parametrize(
    "opening", ["{comune} xin chào", "{}", "{0}", "{commune", "}", "{commune.x}"]
)
def test_an_opening_that_could_not_be_read_out_is_refused(tmp_path: Path, opening: str) -> None:
    told = complaint(tmp_path, with_lines("commune", f'opening = "{opening}"'))
    assert "commune.opening: chỗ để trống chỉ có {commune}" in told


def test_all_mistakes_are_told_in_one_message(tmp_path: Path) -> None:
    text = with_lines("server", 'port = "x"', "hots = 1") + '[policy]\nquiet_hours = "tối"\n'
    told = complaint(tmp_path, text.replace('"fanpage"', '"F"'))
    assert "cấu hình có 4 lỗi" in told
    for place in ("server.port", "server.hots", "policy.quiet_hours", "targets[2].key"):
        assert f"\n  - {place}: " in told


def test_two_mistakes_between_sections_are_told_together(tmp_path: Path) -> None:
    text = with_lines("station", 'target = "nowhere"').replace('"fanpage"', '"loa-dong"')
    told = complaint(tmp_path, text)
    assert "trùng khóa: loa-dong" in told
    assert "“nowhere” không phải là một cụm loa" in told


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    told = complaint(tmp_path, GOOD.replace('"xã Bình Minh"', '"xã Bình Minh'))
    assert "sai cú pháp TOML" in told
    assert "dòng 2, cột " in told
    told = complaint(tmp_path, GOOD + 'x = """')
    assert "cuối tệp" in told


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    assert "không phải UTF-8" in complaint(tmp_path, GOOD.encode("utf-16"))


def test_a_missing_file_says_broadcaster_init(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Chưa có cấu hình.*broadcaster init"):
        load(tmp_path)


def test_a_folder_in_place_of_the_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / config.FILE).mkdir()
    with pytest.raises(InputError, match="Không đọc được"):
        load(tmp_path)


def test_an_unknown_target_names_the_known_ones(tmp_path: Path) -> None:
    found = load(written(tmp_path, GOOD))
    assert found.target("fanpage").name == "Fanpage xã"
    with pytest.raises(InputError, match=r"“zalo”.*loa-dong, fanpage"):
        found.target("zalo")


def test_a_password_in_the_database_address_is_not_shown(tmp_path: Path) -> None:
    address = f"postgresql+psycopg://lan:{SECRET}@db/xa"
    found = load(written(tmp_path, f'database_url = "{address}"\n{GOOD}'))
    assert found.database_url == address
    assert SECRET not in repr(found)
    wrong = address.replace("postgresql+psycopg", "mysql")
    assert SECRET not in complaint(tmp_path, f'database_url = "{wrong}"\n{GOOD}')


def test_an_account_must_be_that_of_another_outlet(tmp_path: Path) -> None:
    more = '\n[[targets]]\nkey = "nhom"\nchannel = "zalo_group"\nname = "Nhóm"\naccount = "{}"\n'
    oa = '\n[[targets]]\nkey = "oa"\nchannel = "zalo_oa"\nname = "OA"\n'
    found = load(written(tmp_path, GOOD + oa + more.format("oa")))
    assert found.account("nhom").key == "oa"
    assert found.account("oa").key == "oa"
    for wrong in ("nhom", "khong-co", "loa-dong"):
        assert f"account “{wrong}”" in complaint(tmp_path, GOOD + more.format(wrong))


# --- where the settings are ----------------------------------------------------------------------


def test_the_folder_given_comes_first_then_the_variable_then_the_way_up(tmp_path: Path) -> None:
    commune, inner, other = tmp_path / "xa", tmp_path / "xa" / "a" / "b", tmp_path / "khac"
    inner.mkdir(parents=True)
    written(commune, GOOD)
    environ: dict[str, Any] = {"BROADCASTER_HOME": str(other)}
    assert find_home(inner, environ, commune) == inner
    assert find_home(None, environ, commune) == other
    assert find_home(None, {"BROADCASTER_HOME": ""}, inner) == commune
    assert find_home(None, {}, commune) == commune
    assert find_home(None, {}, other) == other  # nothing found: the message will name it


def test_settings_cannot_be_changed_while_they_are_used(tmp_path: Path) -> None:
    found: Config = load(written(tmp_path, GOOD))
    with pytest.raises(ValueError, match="frozen"):
        found.server.port = 1  # type: ignore[misc]  # that it is refused is the point
