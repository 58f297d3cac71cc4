"""`broadcaster commune add | list`: for the operator of a province, in the province's folder."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from broadcaster.cli.base import Session, answering, local, say, table
from broadcaster.cli.founding import as_data, first_people, found
from broadcaster.cli.i18n import t
from broadcaster.errors import InputError
from broadcaster.services import overseeing
from broadcaster.services.overseeing import Standing
from broadcaster.settings import folders, province


@click.group(
    "commune",
    help=t(
        "Các xã của một tỉnh. Chỉ dùng trong thư mục của tỉnh, nơi có tệp province.toml.",
        "The communes of a province. Only in the province's folder, where province.toml is.",
    ),
)
def command() -> None: ...


@command.command(
    "add",
    help=t(
        "Thêm một xã: thư mục communes/KHÓA với cấu hình, và phần của xã trong cơ sở dữ liệu của "
        "tỉnh. Chạy lại không làm mất gì.",
        "Add a commune: the folder communes/KEY with its settings, and its rows in the province's "
        "database. Safe to run again.",
    ),
)
@click.argument("key")
@click.option("--name", help=t("Tên xã, ví dụ “xã An Bình”", "The commune's name"))
@first_people
@answering
def add(session: Session, key: str, name: str | None, **given: str | None) -> None:
    home = _province(session) / province.FOLDER / province.checked_key(key)
    made = found(home, name, given)
    session.answer(
        {"key": key, **as_data(made)},
        lambda: click.echo(t(f"Sẵn sàng: {home}", f"Ready: {home}")),
    )
    say(
        t(
            f"Cán bộ của xã làm việc bằng: broadcaster --home {home} …\n"
            "Máy chủ đang chạy tự nhận xã mới, không cần khởi động lại.",
            f"Its clerks work by: broadcaster --home {home} …\n"
            "A server that runs takes it in by itself.",
        )
    )


@command.command(
    "list",
    help=t(
        "Mọi xã: trạm loa, lượt đến hạn, lượt chưa rõ, cảnh báo, đã lên lịch đến đâu.",
        "Every commune: stations, what is due, unknown outcomes, alarms, how far it is planned.",
    ),
)
@answering
def every(session: Session) -> None:
    from broadcaster.bootstrap import connect_all  # noqa: PLC0415 - keeps --help quick

    served = connect_all(_province(session))
    with closing(served.database):
        found_here = overseeing.communes(served, session.now())
    titles = t(
        "Khóa,Tên,Trạm đang gọi,Đến hạn,Chưa rõ,Cảnh báo,Đã lên lịch đến,Vướng mắc",
        "Key,Name,Stations heard,Due,Unknown,Alarms,Planned until,Trouble",
    )
    session.answer(
        {"communes": [_data(one) for one in found_here]},
        lambda: table(titles.split(","), map(_row, found_here)),
    )


def _province(session: Session) -> Path:
    if not folders.is_province(session.home):
        raise InputError(
            f"{session.home} không phải là thư mục của một tỉnh: không có {province.FILE}. "
            "Máy của một xã không cần lệnh này.",
            f"{session.home} is not the folder of a province: there is no {province.FILE}. "
            "The PC of one commune does not need this command.",
        )
    return session.home


def _row(one: Standing) -> tuple[str, ...]:
    said = one.trouble.say(t("vi", "en")) if one.trouble else "–"
    is_ = one.figures
    if is_ is None:
        return (one.key, "–", "–", "–", "–", "–", "–", said)
    return (
        one.key,
        is_.name,
        f"{is_.heard}/{is_.stations}",
        str(is_.due),
        str(is_.unknown),
        str(is_.alarms),
        local(is_.planned_until, seconds=False),
        said,
    )


def _data(one: Standing) -> dict[str, Any]:
    trouble = {"vi": one.trouble.vi, "en": one.trouble.en} if one.trouble else None
    is_ = one.figures
    if is_ is None:
        return {"key": one.key, "trouble": trouble}
    return {
        "key": one.key,
        "name": is_.name,
        "stations": is_.stations,
        "stations_heard": is_.heard,
        "due": is_.due,
        "unknown": is_.unknown,
        "open_alarms": is_.alarms,
        "planned_until": is_.planned_until,
        "trouble": trouble,
    }
