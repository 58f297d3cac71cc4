"""`broadcaster stop-all [--release]`."""

from __future__ import annotations

import click

from broadcaster.cli.base import Session, acting, answering
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Right
from broadcaster.services.stations import stopping


@click.command(
    "stop-all",
    help=t(
        "Dừng khẩn cấp: không đăng gì nữa, mọi loa im lặng; --release để mở lại.",
        "Stop everything now; --release to go on.",
    ),
)
@click.option("--release", is_flag=True, help=t("Mở lại", "Go on"))
@click.option("--reason", default="", help=t("Lý do", "Why"))
@acting
@answering
def command(session: Session, release: bool, reason: str) -> None:
    person = session.person(Right.STOP)
    if release:
        stopping.release(session.context, person, session.now())
        words = t("Đã mở lại. Những gì lỡ giờ không tự phát bù.", "Released.")
    else:
        stopping.stop(session.context, person, reason, session.now())
        words = t(
            "ĐÃ DỪNG TẤT CẢ. Mở lại: broadcaster stop-all --release", "STOPPED. Use --release."
        )
    session.answer({"stopped": not release}, lambda: click.echo(words))
