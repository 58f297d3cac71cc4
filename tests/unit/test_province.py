"""A province's settings: one file above the communes' folders, checked as strictly as theirs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from broadcaster import resources
from broadcaster.errors import InputError
from broadcaster.settings import folders, province

PASSWORD = "bi-mat-01"  # noqa: S105 -- to be found in no message
URL = f"postgresql+psycopg://broadcaster:{PASSWORD}@may-csdl/tinh"


def written(home: Path, text: str) -> Path:
    (home / province.FILE).write_text(text, encoding="utf-8")
    return home


def test_the_shipped_example_says_what_holds_without_it(tmp_path: Path) -> None:
    shutil.copy(resources.folder("config") / "province.example.toml", tmp_path / province.FILE)
    given = province.load(tmp_path, {})
    assert province.load(written(tmp_path, f'name = "{given.name}"\n'), {}) == given


def test_without_a_database_it_is_a_file_in_the_provinces_folder(tmp_path: Path) -> None:
    found = province.load(written(tmp_path, ""), {})
    assert found.database_url == f"sqlite:///{tmp_path}/data/broadcaster.db"


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    home = written(tmp_path, 'database_url = "sqlite:////khac.db"\n')
    assert province.load(home, {province.VARIABLE: URL}).database_url == URL


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[engine]\nkind = 'celery'", "engine.kind: chỉ nhận 'embedded' hoặc 'procrastinate'"),
        ("[engine]\nworkers = 0", "engine.workers: phải ít nhất 1"),
        ("[server]\nport = '8765'", "server.port: phải là số nguyên"),
        ("database_url = 'mysql://x'", "database_url: viết như sqlite:///"),
        ("commune = 'an-binh'", "commune: không có mục tên này"),
        ("name = 'x", "sai cú pháp TOML ở"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as told:
        province.load(written(tmp_path, text), {})
    assert (said in told.value.text.vi, province.FILE in told.value.text.vi) == (True, True)


def test_no_message_and_no_description_shows_the_password(tmp_path: Path) -> None:
    wrong = URL.replace("postgresql+psycopg", "postgres")
    with pytest.raises(InputError) as told:
        province.load(written(tmp_path, ""), {province.VARIABLE: wrong})
    assert PASSWORD not in f"{told.value.text}"
    assert province.VARIABLE in told.value.text.vi  # the mistake is there and not in the file
    assert PASSWORD not in repr(province.load(tmp_path, {province.VARIABLE: URL}))


def test_a_commune_is_known_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "communes" / "an-binh"
    (home / "data").mkdir(parents=True)
    assert (folders.above(home), province.key(home)) == (None, "")  # nothing above it yet
    written(tmp_path, "")
    assert (folders.above(home), province.key(home)) == (tmp_path, "an-binh")
    assert folders.above(home / "data") is folders.above(tmp_path) is None
    monkeypatch.chdir(home / "data")
    assert province.key(Path("..")) == "an-binh"
    with pytest.raises(InputError, match="chữ thường không dấu"):
        province.key(tmp_path / "communes" / "An Bình")


def test_a_province_is_found_from_within_as_a_commune_is(tmp_path: Path) -> None:
    home = written(tmp_path, "") / "communes" / "an-binh"
    home.mkdir(parents=True)
    assert folders.find_home(None, {}, home) == tmp_path
    (home / folders.COMMUNE).touch()
    assert folders.find_home(None, {}, home) == home
