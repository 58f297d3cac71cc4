"""`broadcaster sandbox`: stand-ins of Facebook, Zalo and WordPress on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from broadcaster.cli.base import Session, answering, say, table
from broadcaster.cli.i18n import t

_PLACES = {
    "graph": ("Fanpage", "Fanpage"),
    "zalo": ("Bài trên Zalo OA", "Zalo OA articles"),
    "wordpress": ("Trang web", "Website"),
    "zalo_broadcasts": ("Broadcast Zalo", "Zalo broadcasts"),
    "zalo_group_messages": ("Tin nhóm Zalo", "Zalo group messages"),
    "zalo_messages": ("Tin nhắn Zalo", "Zalo messages"),
}


@click.command(
    "sandbox",
    help=t(
        "Chạy Facebook, Zalo OA và WordPress giả trên máy này để tập và thử. Khi dừng thì đếm "
        "những gì người dân đã thấy.",
        "Run stand-ins of Facebook, Zalo OA and WordPress on this machine. When it stops, it "
        "counts what the public saw.",
    ),
)
@click.option("--port", type=click.IntRange(0, 65535), default=8780, help=t("Cổng", "Port"))
@click.option(
    "--script",
    type=click.Path(path_type=Path),
    help=t("Kịch bản sự cố (TOML hoặc JSON)", "Fault script (TOML or JSON)"),
)
@click.option(
    "--data", type=click.Path(path_type=Path), help=t("Tệp giữ trạng thái", "File for the state")
)
@answering
def command(session: Session, port: int, script: Path | None, data: Path | None) -> None:
    from broadcaster.sandbox import serve  # noqa: PLC0415 - heavy, and only this command needs it

    def ready(url: str) -> None:
        _answer(session, {"url": url}, lambda: click.echo(url))
        say(t("Mở địa chỉ trên để xem “công chúng” thấy gì. Ctrl-C để dừng.", "Ctrl-C stops it."))

    def end(summary: dict[str, Any]) -> None:
        _answer(session, {"summary": summary}, lambda: _told(summary))

    serve("127.0.0.1", port, fault_script=script, data=data, on_ready=ready, on_end=end)


def _answer(session: Session, data: dict[str, Any], people: Any) -> None:
    """One JSON value a line: the first when it is ready, the last when it has ended."""
    if session.as_json:
        click.echo(json.dumps(data, ensure_ascii=False))
    else:
        people()


def _told(summary: dict[str, Any]) -> None:
    rows = [
        (t(*_PLACES[name]), str(counted["seen"]), str(counted["doubled"] or "–"))
        for name, counted in summary["public"].items()
    ]
    table(t("Nơi,Người dân thấy,Bị đôi", "Place,Seen,Doubled").split(","), rows)
    if summary["faults"]:
        titles = t("Sự cố,Nền tảng,Thao tác,Đã xảy ra", "Fault,Platform,Operation,Struck")
        table(
            titles.split(","),
            [
                (one["kind"], one["platform"], one["operation"], str(one["struck"]))
                for one in summary["faults"]
            ],
        )
