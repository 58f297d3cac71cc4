"""Making a commune in a folder: its settings, its rows in the database, its first people."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from broadcaster import resources
from broadcaster.bootstrap import open_database, open_province
from broadcaster.cli.base import say
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Role
from broadcaster.errors import Conflict, InputError
from broadcaster.services.people.staffing import check_name
from broadcaster.settings import config, folders, province
from broadcaster.store import people
from broadcaster.store.migrate import upgrade

_ASIDE = "broadcaster.new"
_ROLES = {
    "author": {Role.OPERATOR, Role.ADMIN},
    "approver": {Role.APPROVER},
    "editor": {Role.EDITOR_IN_CHIEF},
}
_People = list[tuple[tuple[str, str], set[Role]]]


@dataclass(frozen=True)
class Founded:
    """`people`: the names of all that there are now."""

    home: Path
    commune: str
    people: list[str]


def first_people(function: Callable[..., None]) -> Callable[..., None]:
    """Add --author, --approver and --editor, handed over as keywords."""
    metavar = t("TÊN:HỌ TÊN", "NAME:FULL NAME")
    for option, words in (
        (
            "--editor",
            t(
                "Biên tập, duyệt lần một; có người này thì tin thường duyệt hai bước",
                "The editor in chief, who approves first; with one, two people approve",
            ),
        ),
        (
            "--approver",
            t("Lãnh đạo duyệt, ví dụ “minh:Trần Văn Minh”", "The leader who approves"),
        ),
        (
            "--author",
            t("Người soạn và vận hành, ví dụ “lan:Nguyễn Thị Lan”", "Author and operator"),
        ),
    ):
        function = click.option(option, metavar=metavar, help=words)(function)
    return function


def found(home: Path, commune: str | None, given: dict[str, str | None]) -> Founded:
    """Safe to run again: what is there stays. `given`: by option, as `first_people` adds them."""
    new = [(_person(text), _ROLES[option]) for option, text in given.items() if text]
    with _all_or_nothing(home):
        _settings(home, commune)
        settings = config.load(home)
        for folder in (home / "data" / "audio", home / "lexicon", *_of_province(home)):
            folder.mkdir(parents=True, exist_ok=True)
        return Founded(home, settings.commune.name, _set_up(home, settings, new))


def found_province(home: Path) -> list[str]:
    """The database of a province, with the newest tables; the keys of its communes."""
    (home / "data").mkdir(exist_ok=True)
    _, store = open_province(home)
    with closing(store):
        upgrade(store)
        with store.read() as connection:
            return [key for _, key in people.communes(connection)]


def as_data(made: Founded) -> dict[str, Any]:
    return {"home": str(made.home), "commune": made.commune, "people": made.people}


def _of_province(home: Path) -> Iterator[Path]:
    if above := folders.above(home):
        yield above / "data"


def _set_up(home: Path, settings: config.Config, new: _People) -> list[str]:
    """Database, commune and people; the names of all people that there are now."""
    store = open_database(home, settings)
    try:
        upgrade(store)
        with store.write() as connection:
            key = province.key(home)
            commune_id = people.the_commune(connection, settings.commune.name, key)
            for person, roles in new:
                try:
                    people.create(connection, commune_id, *person, roles)
                except Conflict:
                    say(t(f"Đã có “{person[0]}” từ trước.", f"“{person[0]}” exists already."))
            return [p.name for p in people.every(connection, commune_id)]
    finally:
        store.close()


@contextmanager
def _all_or_nothing(home: Path) -> Iterator[None]:
    """A first start that fails takes away what it has made, and nothing that was there before."""
    parts = (home / config.FILE, home / _ASIDE, home / "data", home / "lexicon")
    made = [path for path in (home, *parts) if not path.exists()]
    try:
        yield
    except BaseException:
        for path in reversed(made):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _person(text: str) -> tuple[str, str]:
    name, _, full_name = text.partition(":")
    if not full_name.strip():
        raise InputError(
            f"“{text}”: viết như lan:Nguyễn Thị Lan (tên ngắn, hai chấm, họ tên).",
            f"“{text}”: write lan:Nguyễn Thị Lan (short name, colon, full name).",
        )
    check_name(name)
    return name, full_name.strip()


def _settings(home: Path, commune: str | None) -> None:
    """Write the settings file once; an existing one is never touched."""
    path = home / config.FILE
    if path.exists():
        return
    if not commune:
        if not click.get_text_stream("stdin").isatty():
            raise InputError(
                "Thiếu tên xã: thêm --commune “xã An Bình”.", "Add --commune with the name."
            )
        commune = click.prompt(t("Tên xã (ví dụ: xã An Bình)", "Name of the commune"), err=True)
    template = (resources.folder("config") / "broadcaster.example.toml").read_text("utf-8")
    text = template.replace('"xã An Bình"', json.dumps(commune, ensure_ascii=False))
    config.parse(tomllib.loads(text), str(path))
    home.mkdir(parents=True, exist_ok=True)
    aside = home / _ASIDE
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
