"""`broadcaster sandbox`: stand-ins of Facebook, Zalo and WordPress on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.i18n import t


@click.command(
    "sandbox",
    help=t(
        "Chạy Facebook, Zalo OA và WordPress giả trên máy này để tập và thử.",
        "Run stand-ins of Facebook, Zalo OA and WordPress on this machine.",
    ),
)
@click.option("--port", type=click.IntRange(0, 65535), default=8780, help=t("Cổng", "Port"))
@click.option(
    "--script", type=click.Path(path_type=Path), help=t("Kịch bản lỗi (JSON)", "Faults (JSON)")
)
@click.option(
    "--data", type=click.Path(path_type=Path), help=t("Tệp giữ trạng thái", "File for the state")
)
@answering
def command(session: Session, port: int, script: Path | None, data: Path | None) -> None:
    from broadcaster.sandbox import serve  # noqa: PLC0415 - heavy, and only this command needs it

    def ready(url: str) -> None:
        session.answer({"url": url}, lambda: click.echo(url))
        say(t("Mở địa chỉ trên để xem “công chúng” thấy gì. Ctrl-C để dừng.", "Ctrl-C stops it."))

    serve("127.0.0.1", port, fault_script=script, data=data, on_ready=ready)
