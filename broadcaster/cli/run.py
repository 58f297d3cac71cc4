"""`broadcaster run`: server, loops and the local station."""

from __future__ import annotations

import json
import logging
import os
import sys

import click

from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.i18n import t


@click.command(
    "run",
    help=t(
        "Chạy máy chủ, các vòng làm việc và trạm loa của máy này. Dừng bằng Ctrl-C.",
        "Run the server, its loops and this machine's station. Stop with Ctrl-C.",
    ),
)
@click.option("--no-station", is_flag=True, help=t("Không chạy trạm loa", "Without the station"))
@click.option(
    "--role",
    type=click.Choice(["web", "planner", "worker"]),
    help=t(
        "Chỉ làm một phần việc của tỉnh: web, lập lịch (planner) hoặc đăng bài (worker). "
        "Bỏ trống: tất cả",
        "Do one part of a province's work only. Empty: all of it",
    ),
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help=t(
        "Cổng, thay cho cổng trong cấu hình; với planner và worker: cổng để theo dõi",
        "Port, in place of the one in the settings; of planner and worker: to watch over them",
    ),
)
@answering
def command(session: Session, no_station: bool, role: str | None, port: int | None) -> None:
    from broadcaster.bootstrap import connect_all  # noqa: PLC0415 - heavy, and only this command needs it
    from broadcaster.server.roles import Role, serve  # noqa: PLC0415 - same

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    logging.getLogger("broadcaster").setLevel(logging.INFO)
    # A tick that waits for the database, or a worker of the engine's: we say so ourselves, once.
    for name in ("apscheduler", "procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    def ready(url: str) -> None:
        if session.as_json:
            click.echo(json.dumps({"url": url} if role is None else {"role": role, "url": url}))
        if url:
            say(t(f"Đang chạy tại {url}. Dừng bằng Ctrl-C.", f"Running at {url}. Ctrl-C stops it."))
        else:
            say(t(f"Đang chạy: {role}. Dừng bằng Ctrl-C.", f"Running: {role}. Ctrl-C stops it."))

    part = None if role is None else Role(role)
    serve(connect_all(session.home), part, ready, station=not no_station, port=port or 0)
    say(t("Đã dừng.", "Stopped."))
    _leave()


def _leave() -> None:
    """End now: a thread that waits for a silent far side must not hold up the program.

    Its attempt is written down, and the next start looks up what became of it.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
