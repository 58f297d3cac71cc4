"""A province's operator adds communes and sees how they are; a single commune knows none of it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from databases import bring_up
from in_process import run

from broadcaster.store.database import Database, file_url

OPTIONS = ("--author", "lan:Nguyễn Thị Lan")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "province.toml").write_text('name = "tỉnh thử"\n', encoding="utf-8")
    (tmp_path / "data").mkdir()
    with closing(Database(file_url(tmp_path / "data" / "broadcaster.db"))) as database:
        bring_up(database)
    assert run(tmp_path, "init").code == 0
    return tmp_path


def listed(home: Path) -> dict[str, dict[str, object]]:
    found = run(home, "commune", "list", "--json").data["communes"]
    return {one.pop("key"): one for one in found}


def test_a_commune_is_added_once_whatever_is_run_again(home: Path) -> None:
    for _ in range(2):
        told = run(home, "commune", "add", "an-binh", "--name", "xã An Bình", *OPTIONS, "--json")
        assert (told.code, told.data["people"]) == (0, ["lan"])
    assert run(home, "init", "--json").data["communes"] == ["an-binh"]
    people = run(home / "communes" / "an-binh", "person", "list", "--json").data
    assert [one["name"] for one in people["people"]] == ["lan"]


def test_init_within_a_communes_folder_makes_its_rows_beside_the_others(home: Path) -> None:
    run(home, "commune", "add", "an-binh", "--name", "xã An Bình")
    own = home / "communes" / "binh-minh"
    assert run(own, "init", "--commune", "xã Bình Minh").code == 0
    assert {key: one["name"] for key, one in listed(home).items()} == {
        "an-binh": "xã An Bình",
        "binh-minh": "xã Bình Minh",
    }
    assert not (own / "data" / "broadcaster.db").exists()


def test_the_list_says_what_keeps_a_commune_from_work(home: Path) -> None:
    for key in ("an-binh", "binh-minh", "xa-la"):
        run(home, "commune", "add", key, "--name", f"xã {key}")
    (home / "communes" / "an-binh" / "broadcaster.toml").write_text("[commune]\n", "utf-8")
    (home / "communes" / "binh-minh" / "broadcaster.toml").unlink()
    copied = home / "communes" / "chua-them"
    copied.mkdir()
    right = (home / "communes" / "xa-la" / "broadcaster.toml").read_text("utf-8")
    (copied / "broadcaster.toml").write_text(right, "utf-8")
    trouble = {
        key: json.dumps(one["trouble"], ensure_ascii=False) for key, one in listed(home).items()
    }
    assert "thiếu mục này" in trouble["an-binh"]
    assert "Không có thư mục" in trouble["binh-minh"]
    assert "commune add chua-them" in trouble["chua-them"]
    assert trouble["xa-la"] == "null"
    shown = run(home, "commune", "list")
    assert (shown.code, "thiếu mục này" in " ".join(shown.out.split())) == (0, True)


@pytest.mark.parametrize("key", ["An-Bình", "..", "a/b", "", "-a"])
def test_a_key_is_a_plain_folders_name(home: Path, key: str) -> None:
    told = run(home, "commune", "add", "--name", "xã An Bình", "--", key)
    assert (told.code, list(home.glob("communes/*"))) == (2, [])


def test_one_mistake_leaves_no_half_commune(home: Path) -> None:
    told = run(home, "commune", "add", "an-binh", "--name", "xã An Bình", "--author", "lan")
    assert (told.code, "hai chấm" in told.err) == (2, True)
    assert (list(home.glob("communes/*")), listed(home)) == ([], {})


def test_a_single_commune_is_not_told_of_provinces(tmp_path: Path) -> None:
    assert run(tmp_path, "init", "--commune", "xã An Bình").code == 0
    told = run(tmp_path, "commune", "list")
    assert (told.code, "không phải là thư mục của một tỉnh" in told.err) == (2, True)
    assert "Các xã của tỉnh" not in run(tmp_path, "--help").out
    (tmp_path / "province.toml").touch()
    assert "Các xã của tỉnh" in run(tmp_path, "--help").out


def test_init_in_a_provinces_folder_makes_no_commune(home: Path) -> None:
    told = run(home, "init", "--commune", "xã An Bình")
    assert (told.code, "commune add" in told.err) == (2, True)
