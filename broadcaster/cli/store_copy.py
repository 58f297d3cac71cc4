"""`broadcaster store copy`: a commune moves from one database into another, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.i18n import t
from broadcaster.cli.store_progress import progress
from broadcaster.errors import InputError, Unavailable

if TYPE_CHECKING:
    from broadcaster.services.keeping.moving import End, Moved

_PLACE = t("KHO", "STORE")


@click.command(
    "copy",
    help=t(
        "Chuyển một xã với toàn bộ lịch sử sang kho khác (SQLite, PostgreSQL). KHO là thư mục của "
        "xã, hoặc sqlite:///… hay postgresql+psycopg://… không có mật khẩu (mật khẩu lấy từ "
        "PGPASSWORD hay ~/.pgpass). Bị ngắt thì chạy lại đúng lệnh ấy.",
        "Move a commune with all its history to another store (SQLite, PostgreSQL). STORE is a "
        "commune's folder, or sqlite:///… or postgresql+psycopg://… without a password (that "
        "comes from PGPASSWORD or ~/.pgpass). When interrupted, run the same command again.",
    ),
)
@click.option("--from", "source", required=True, metavar=_PLACE, help=t("Từ kho nào", "From where"))
@click.option("--to", "target", required=True, metavar=_PLACE, help=t("Sang kho nào", "To where"))
@click.option(
    "--commune",
    "old",
    metavar=t("KHÓA", "KEY"),
    help=t("Khóa của xã ở kho nguồn (xã chạy riêng: bỏ trống)", "Its key where it is"),
)
@click.option(
    "--as-commune",
    "new",
    metavar=t("KHÓA", "KEY"),
    help=t("Khóa của xã ở kho đích, là tên thư mục của xã ở đó", "Its key where it goes"),
)
@click.option(
    "--cancel",
    is_flag=True,
    help=t(
        "Thôi: bỏ phần đã chép ở đích, mở lại xã ở nguồn",
        "Give up: take out what was copied, open the commune again where it was",
    ),
)
@answering
def copy(
    session: Session, source: str, target: str, old: str | None, new: str | None, cancel: bool
) -> None:
    from broadcaster.services.keeping import moving  # noqa: PLC0415 - keeps --help quick

    with _end(source, old, must_exist=True) as start, _end(target, new, must_exist=False) as goal:
        if cancel:
            moving.give_up(start, goal)
            session.answer(
                {"cancelled": True},
                lambda: click.echo(
                    t(f"Đã thôi chuyển; xã lại ở {start.label}.", f"It is in {start.label} again.")
                ),
            )
            return
        moved = moving.move(start, goal, session.now(), progress())
        _tell(session, start, goal, moved)


def _tell(session: Session, start: End, goal: End, moved: Moved) -> None:
    rows = sum((moved.rows or {}).values())

    def people() -> None:
        if moved.rows is None:
            click.echo(t("Đã chuyển xong từ lần trước.", "It had been moved before."))
            return
        click.echo(
            t(
                f"Đã chuyển {rows} dòng từ {start.label} sang {goal.label}, so từng dòng: giống "
                f"nhau. Mã: {moved.digest[:16]}",
                f"Moved {rows} rows from {start.label} to {goal.label}; compared row by row, they "
                f"are the same. Digest: {moved.digest[:16]}",
            )
        )

    data = {
        "rows": None if moved.rows is None else dict(moved.rows),
        "digest": moved.digest,
        "shifts": {name: by for name, by in moved.shifts.items() if by},
    }
    session.answer(data, people)
    say(
        t(
            "Chỉ có các dòng trong cơ sở dữ liệu được chuyển. Thư mục của xã (cấu hình, âm thanh, "
            "ảnh, khóa, mật khẩu) phải chép sang cùng; kho cũ đã khóa, không ghi được nữa.",
            "Only the database's rows were moved. The commune's folder (settings, sounds, "
            "pictures, keys, secrets) has to go with them; the old store takes no more writes.",
        )
    )
    if any(moved.shifts.values()):
        say(
            t(
                "Số của các lượt phát, lệnh, cảnh báo có thể khác trước; sổ nhật ký tự quy đổi.",
                "Deliveries, orders and alarms may have other numbers now; the log knows both.",
            )
        )


@contextmanager
def _end(place: str, key: str | None, *, must_exist: bool) -> Iterator[End]:
    """One side of the move. Raises InputError for no such place, Unavailable for one in use."""
    from sqlalchemy import make_url  # noqa: PLC0415 - keeps --help quick
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - same

    from broadcaster import bootstrap  # noqa: PLC0415 - same
    from broadcaster.services.keeping.moving import End  # noqa: PLC0415 - same
    from broadcaster.settings import config  # noqa: PLC0415 - same
    from broadcaster.store.database import bare  # noqa: PLC0415 - same

    home = Path(place).absolute()
    if "://" not in place:
        if not home.is_dir():
            raise InputError(f"Không có thư mục {home}.", f"There is no folder {home}.")
        key = _key_of(home, key)
        database = bootstrap.open_database(home, config.load(home))
    else:
        try:
            url = make_url(place)
        except ArgumentError:
            raise InputError(
                "KHO viết như sqlite:////đường/dẫn.db hoặc postgresql+psycopg://người@máy/tên.",
                "Write a STORE as sqlite:////path.db or postgresql+psycopg://user@host/name.",
            ) from None
        if url.password:
            raise InputError(
                "Đừng ghi mật khẩu trên dòng lệnh: ai dùng máy cũng thấy. Hãy đặt biến PGPASSWORD, "
                "hoặc dùng ~/.pgpass, hoặc chỉ đường tới thư mục của xã.",
                "No password on the command line: anybody on the machine can read it. Use "
                "PGPASSWORD, ~/.pgpass, or name the commune's folder.",
            )
        database = bootstrap.open_store(place)
    try:
        _refuse_unfit(database.url, must_exist=must_exist)
        yield End(database, key or "", bare(database.url))
    finally:
        database.close()


def _key_of(home: Path, given: str | None) -> str:
    """A folder is one commune's: its rights do not reach the others in the same database."""
    from broadcaster.settings import province  # noqa: PLC0415 - keeps --help quick

    own = province.key(home)
    if given is not None and given != own:
        raise InputError(
            f"{home} là thư mục của xã “{own}”, không phải của “{given}”. Hãy chỉ đường tới "
            "thư mục của xã ấy, hoặc bỏ khóa.",
            f"{home} is the folder of commune “{own}”, not of “{given}”. Name that commune's "
            "folder, or leave out the key.",
        )
    return own


def _refuse_unfit(url: str, *, must_exist: bool) -> None:
    """A file of SQLite belongs to one machine: it is there, and nobody serves it meanwhile."""
    from sqlalchemy import make_url  # noqa: PLC0415 - keeps --help quick

    from broadcaster.server.running import is_running  # noqa: PLC0415 - same

    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return
    file = Path(parsed.database or "")
    if must_exist and not file.is_file():
        raise InputError(f"Không có tệp {file}.", f"There is no {file}.")
    if file.parent.name == "data" and file.parent.is_dir() and is_running(file.parent.parent):
        raise Unavailable(
            f"Máy chủ đang chạy trên {file.parent.parent}. Hãy dừng nó rồi chuyển.",
            f"A server runs on {file.parent.parent}. Stop it, then move.",
        )
