"""`broadcaster store backup | restore | verify | copy`: keeping what the commune has."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from broadcaster.cli.base import ZONE, Session, acting, answering, local, say
from broadcaster.cli.i18n import t
from broadcaster.cli.store_copy import copy
from broadcaster.cli.store_progress import progress
from broadcaster.errors import BroadcasterError, InputError

PASSPHRASE = "BROADCASTER_BACKUP_PASSPHRASE"  # noqa: S105 - the variable's name
_FILE = click.Path(path_type=Path)


@click.group(
    "store",
    help=t("Sao lưu, phục hồi, kiểm tra, chuyển kho dữ liệu.", "Back up, restore, check, move."),
)
def command() -> None: ...


command.add_command(copy)


@command.command(
    "backup",
    help=t(
        "Ghi một tệp ZIP đủ để dựng lại xã trên máy mới: dữ liệu, cấu hình, âm thanh, ảnh. Máy chủ "
        "cứ chạy. Chỉ một thư mục (ví dụ USB) thì tệp tự có tên theo ngày giờ.",
        "Write a ZIP file from which the commune can be set up anew: rows, settings, sounds, "
        "pictures. The server may go on. In a folder the file is named by date and time.",
    ),
)
@click.argument("to", type=_FILE, metavar=t("TỆP_HOẶC_THƯ_MỤC", "FILE_OR_DIR"))
@click.option(
    "--secrets",
    is_flag=True,
    help=t(
        "Kèm mật khẩu kênh và khóa ký lịch, niêm phong bằng một câu mật khẩu (hỏi, hoặc lấy từ "
        f"biến {PASSPHRASE})",
        f"With the secrets, sealed with a passphrase (asked for, or from {PASSPHRASE})",
    ),
)
@answering
def backup(session: Session, to: Path, secrets: bool) -> None:
    from broadcaster.services.keeping.backing_up import back_up  # noqa: PLC0415 - keeps --help quick

    passphrase = _passphrase(new=True) if secrets else ""
    made = back_up(session.context, to.absolute(), session.now(), progress(), passphrase)

    def people() -> None:
        click.echo(
            t(
                f"Đã sao lưu {made.rows} dòng, {made.files} tệp vào {made.path} "
                f"({_megabytes(made.size)}). Mã bản sao: {made.digest[:16]}",
                f"Backed up {made.rows} rows, {made.files} files to {made.path} "
                f"({_megabytes(made.size)}). Its code: {made.digest[:16]}",
            )
        )

    session.answer(
        {
            "path": str(made.path),
            "bytes": made.size,
            "digest": made.digest,
            "rows": made.rows,
            "files": made.files,
            "kept_apart": list(made.apart),
        },
        people,
    )
    if made.apart:
        _say_apart(made.apart)


def _say_apart(apart: tuple[str, ...]) -> None:
    listed = ", ".join(apart)
    say(
        t(
            f"KHÔNG có trong bản sao: {listed}. Cất riêng ở nơi khác, hoặc thêm --secrets. Thiếu "
            "khóa ký lịch thì phải ghi danh lại mọi trạm loa; thiếu mật khẩu thì phải kết nối lại "
            "các kênh.",
            f"NOT in it: {listed}. Keep them elsewhere, or add --secrets. Without the signing key "
            "every station has to be enrolled again, without the secrets every channel connected.",
        )
    )


@command.command(
    "restore",
    help=t(
        "Dựng lại xã từ một bản sao lưu, vào thư mục --home còn trống. Tắt hẳn máy cũ trước. Bài "
        "đến hạn sau lúc sao lưu thì được tra cứu, không gửi lại.",
        "Set the commune up from a backup, in the folder --home, which must be empty. Switch the "
        "old machine off first. What was due after the backup is looked up, not sent again.",
    ),
)
@click.argument("file", type=_FILE, metavar=t("TỆP", "FILE"))
@answering
def restore(session: Session, file: Path) -> None:
    from broadcaster import bootstrap  # noqa: PLC0415 - keeps --help quick
    from broadcaster.services.keeping import restoring  # noqa: PLC0415 - same

    passphrase = _passphrase(new=False) if restoring.is_sealed(file) else ""
    done = restoring.restore(
        file, session.home, bootstrap.doors(), session.now(), progress(), passphrase
    )

    def people() -> None:
        click.echo(
            t(
                f"Đã phục hồi {done.rows} dòng, {done.files} tệp vào {session.home}, như lúc "
                f"{local(done.made_at)}.",
                f"Restored {done.rows} rows, {done.files} files to {session.home}, as of "
                f"{local(done.made_at)}.",
            )
        )

    session.answer(
        {
            "home": str(session.home),
            "made_at": done.made_at,
            "rows": done.rows,
            "files": done.files,
            "doubted": done.doubted,
            "missing": list(done.apart),
        },
        people,
    )
    _say_next(done.doubted, done.apart)


def _say_next(doubted: int, apart: tuple[str, ...]) -> None:
    if doubted:
        say(
            t(
                f"{doubted} lượt đến hạn sau lúc sao lưu chưa rõ đã phát chưa: chương trình tự tra "
                "cứu bài đăng; lượt loa thì hỏi ở thôn. Xem: broadcaster delivery list",
                f"{doubted} deliveries were due after the backup: posts are looked up; about "
                "loudspeakers ask in the village. See: broadcaster delivery list",
            )
        )
    if apart:
        listed = ", ".join(apart)
        say(
            t(
                f"Còn thiếu: {listed}. Chép lại từ nơi cất riêng trước khi chạy máy chủ. Không còn "
                "thì: broadcaster channel connect, broadcaster station code.",
                f"Still missing: {listed}. Put them back before the server is started. If they are "
                "lost: broadcaster channel connect, broadcaster station code.",
            )
        )


@command.command(
    "verify",
    help=t(
        "Kiểm tra mọi thứ còn nguyên vẹn: cơ sở dữ liệu, sổ việc đã làm, từng tệp âm thanh và ảnh; "
        "hoặc một bản sao lưu. Có lỗi thì mã kết thúc là 1.",
        "Check that all is whole: the database, the log of deeds, every sound and picture; or a "
        "backup. Ends with 1 when something is wrong.",
    ),
)
@click.argument("file", type=_FILE, required=False, metavar=t("[TỆP]", "[FILE]"))
@answering
def verify(session: Session, file: Path | None) -> None:
    if file is not None:
        _verify_backup(session, file)
        return
    from broadcaster.services.keeping.verifying import verify as look  # noqa: PLC0415 - keeps --help quick

    found = look(session.context, progress())
    data = {
        "rows": found.rows,
        "records": found.records,
        "files": found.files,
        "faults": [{"vi": one.vi, "en": one.en} for one in found.faults],
    }
    whole = t(
        f"Nguyên vẹn: {found.rows} dòng, {found.records} bản ghi trong sổ, {found.files} tệp.",
        f"All is whole: {found.rows} rows, {found.records} records, {found.files} files.",
    )
    faults = [t(one.vi, one.en) for one in found.faults]
    session.answer(data, lambda: click.echo("\n".join(faults) or whole))
    if faults:
        raise BroadcasterError(
            f"Có {len(faults)} chỗ hỏng. Đừng sửa gì; hãy phục hồi từ bản sao lưu gần nhất.",
            f"{len(faults)} things are wrong. Change nothing; restore the newest backup.",
        )


@command.command(
    "doubt",
    help=t(
        "Cơ sở dữ liệu vừa được đưa về một lúc trước bằng công cụ khác (pg_restore, tệp cũ): chạy "
        "lệnh này trước khi mở máy chủ, để những gì đến hạn từ đó được tra cứu, không gửi lại.",
        "The database was set back by other tools (pg_restore, an old file): run this before the "
        "server is started, and what was due since is looked up instead of sent again.",
    ),
)
@click.option(
    "--since",
    required=True,
    metavar=t("LÚC", "WHEN"),
    help=t("Lúc của bản sao: “06:00 27/11/2026”", "Of what time the copy is: “06:00 27/11/2026”"),
)
@acting
@answering
def doubt(session: Session, since: str) -> None:
    from broadcaster.domain.people import Right  # noqa: PLC0415 - keeps --help quick
    from broadcaster.domain.timetable import parse_date, parse_time  # noqa: PLC0415 - same
    from broadcaster.services.keeping import doubting  # noqa: PLC0415 - same

    person = session.person(Right.MANAGE)
    clock, _, day = since.strip().partition(" ")
    at = datetime.combine(parse_date(day), parse_time(clock), ZONE)
    doubted = doubting.set_back(session.context, person, at, session.now())
    session.answer(
        {"since": at, "doubted": doubted},
        lambda: click.echo(t(f"{doubted} lượt chưa rõ.", f"{doubted} deliveries are in doubt.")),
    )
    _say_next(doubted, ())


def _verify_backup(session: Session, file: Path) -> None:
    from broadcaster.services.keeping import archive  # noqa: PLC0415 - keeps --help quick

    with archive.reading(file) as reader:
        reader.check()
        manifest, digest = reader.manifest, reader.digest
    rows, files = sum(manifest["rows"].values()), len(manifest["entries"])
    name, made_at = manifest["commune"]["name"], manifest["made_at"]
    session.answer(
        {"commune": name, "made_at": made_at, "digest": digest, "rows": rows, "entries": files},
        lambda: click.echo(
            t(
                f"Bản sao lưu nguyên vẹn: {name}, lúc {made_at}, {rows} dòng. Mã: {digest[:16]}",
                f"The backup is whole: {name}, made {made_at}, {rows} rows. Code: {digest[:16]}",
            )
        ),
    )


def _passphrase(*, new: bool) -> str:
    """From the environment, or typed unseen; never from the command's own words."""
    if given := os.environ.get(PASSPHRASE):
        return given
    if not click.get_text_stream("stdin").isatty():
        raise InputError(
            f"Cần câu mật khẩu của bản sao lưu: đặt biến {PASSPHRASE}, hoặc chạy trước màn hình.",
            f"The backup's passphrase is needed: set {PASSPHRASE}, or run this at a terminal.",
        )
    ask: Callable[..., str] = click.prompt
    asked = t("Câu mật khẩu của bản sao lưu", "Passphrase of the backup")
    again = t("Gõ lại", "Again") if new else False
    return ask(asked, hide_input=True, confirmation_prompt=again, err=True)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
