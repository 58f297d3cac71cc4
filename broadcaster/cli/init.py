"""`broadcaster init`: settings, database and the first people; safe to run again."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from broadcaster import resources
from broadcaster.bootstrap import open_database
from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Role
from broadcaster.errors import Conflict, InputError
from broadcaster.services.people.staffing import check_name
from broadcaster.settings import config, province
from broadcaster.store import people
from broadcaster.store.migrate import upgrade

_ASIDE = "broadcaster.new"
_People = list[tuple[tuple[str, str] | None, set[Role]]]


@click.command("init", help=t("Tạo cấu hình và cơ sở dữ liệu của xã.", "Settings and database."))
@click.option("--commune", help=t("Tên xã, ví dụ “xã An Bình”", "The commune's name"))
@click.option(
    "--author",
    metavar=t("TÊN:HỌ TÊN", "NAME:FULL NAME"),
    help=t("Người soạn và vận hành, ví dụ “lan:Nguyễn Thị Lan”", "Author and operator"),
)
@click.option(
    "--approver",
    metavar=t("TÊN:HỌ TÊN", "NAME:FULL NAME"),
    help=t("Lãnh đạo duyệt, ví dụ “minh:Trần Văn Minh”", "The leader who approves"),
)
@click.option(
    "--editor",
    metavar=t("TÊN:HỌ TÊN", "NAME:FULL NAME"),
    help=t(
        "Biên tập, duyệt lần một; có người này thì tin thường duyệt hai bước",
        "The editor in chief, who approves first; with one, two people approve",
    ),
)
@answering
def command(
    session: Session,
    commune: str | None,
    author: str | None,
    approver: str | None,
    editor: str | None,
) -> None:
    home = session.home
    new: _People = [
        (_person(author), {Role.OPERATOR, Role.ADMIN}),
        (_person(approver), {Role.APPROVER}),
        (_person(editor), {Role.EDITOR_IN_CHIEF}),
    ]
    with _all_or_nothing(home):
        _settings(home, commune)
        settings = config.load(home)
        for folder in (home / "data" / "audio", home / "lexicon", *_of_province(home)):
            folder.mkdir(parents=True, exist_ok=True)
        known = _set_up(home, settings, new)
    session.answer(
        {"home": str(home), "commune": settings.commune.name, "people": known},
        lambda: click.echo(t(f"Sẵn sàng: {home}", f"Ready: {home}")),
    )
    if not known:
        say(
            t(
                "Chưa có ai: broadcaster person add TÊN --full-name “HỌ TÊN” --role operator",
                "Nobody yet: broadcaster person add NAME --full-name “FULL NAME” --role operator",
            )
        )
    say(
        t(
            f"Cấu hình: {home / config.FILE} (thêm Fanpage, Zalo OA, trang web ở đó).\n"
            "Tiếp theo: broadcaster announcement new --from TỆP --as TÊN",
            f"Settings: {home / config.FILE} (add the Page, OA and site there).\n"
            "Next: broadcaster announcement new --from FILE --as NAME",
        )
    )


def _of_province(home: Path) -> Iterator[Path]:
    if above := province.above(home):
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
                if person is not None:
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


def _person(text: str | None) -> tuple[str, str] | None:
    if not text:
        return None
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
