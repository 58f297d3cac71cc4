"""`broadcaster init`: settings, database and the first people; safe to run again."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.founding import as_data, first_people, found, found_province
from broadcaster.cli.i18n import t
from broadcaster.errors import InputError
from broadcaster.settings import config, folders


@click.command(
    "init",
    help=t(
        "Tạo cấu hình và cơ sở dữ liệu của xã; trong thư mục của tỉnh: cơ sở dữ liệu của tỉnh. "
        "Chạy lại sau khi nâng cấp chương trình.",
        "Make a commune's settings and database; in a province's folder, the province's database. "
        "Run it again after an upgrade of the program.",
    ),
)
@click.option("--commune", help=t("Tên xã, ví dụ “xã An Bình”", "The commune's name"))
@first_people
@answering
def command(session: Session, commune: str | None, **given: str | None) -> None:
    home = session.home
    if folders.is_province(home):
        if commune or any(given.values()):
            raise _whole_province(home)
        return _whole(session, home)
    made = found(home, commune, given)
    session.answer(as_data(made), lambda: click.echo(t(f"Sẵn sàng: {home}", f"Ready: {home}")))
    if not made.people:
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
    return None


def _whole(session: Session, home: Path) -> None:
    known = found_province(home)
    session.answer(
        {"home": str(home), "communes": known},
        lambda: click.echo(t(f"Sẵn sàng: {home}", f"Ready: {home}")),
    )
    if not known:
        say(
            t(
                f"Chưa có xã nào: broadcaster --home {home} commune add KHÓA --name “xã …”",
                f"No communes yet: broadcaster --home {home} commune add KEY --name “…”",
            )
        )


def _whole_province(home: Path) -> InputError:
    return InputError(
        f"{home} là thư mục của cả tỉnh. Thêm một xã: broadcaster commune add KHÓA --name “xã …”",
        f"{home} is a province's folder. Add a commune: broadcaster commune add KEY --name “…”",
    )
