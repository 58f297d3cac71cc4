"""`broadcaster plan show`: what is ahead, by time."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from broadcaster.cli.base import Session, answering, say
from broadcaster.cli.i18n import t
from broadcaster.cli.logbook import delivery_data, show_deliveries
from broadcaster.server.running import is_running
from broadcaster.services import reporting
from broadcaster.services.content import authoring
from broadcaster.services.timetable import planning


@click.group("plan", help=t("Những gì sắp phát.", "What is ahead."))
def command() -> None: ...


@command.command("show", help=t("Mọi lượt phát trong những ngày tới.", "Deliveries of next days."))
@click.option("--days", type=click.IntRange(1, 7), default=7, help=t("Số ngày", "Days"))
@answering
def show(session: Session, days: int) -> None:
    now = session.now()
    planning.plan(session.context, now)
    lines = reporting.lines(session.context, after=now, before=now + timedelta(days=days))
    session.answer(
        {"deliveries": [delivery_data(line) for line in lines]}, lambda: show_deliveries(lines)
    )
    _say_what_is_missing(session, now, planned=bool(lines))


def _say_what_is_missing(session: Session, now: datetime, *, planned: bool) -> None:
    """What would keep the plan from coming true."""
    if planned and not is_running(session.context.home):
        say(
            t(
                "Máy chủ chưa chạy: đến giờ sẽ không phát, không đăng. Chạy: broadcaster run",
                "The server is not running: nothing will go out. Start it: broadcaster run",
            )
        )
    for dossier in authoring.every(session.context, now):
        if dossier.rules and dossier.approval is None:
            number = dossier.announcement.number
            say(
                t(
                    f"Tin số {number} có lịch nhưng chưa có phê duyệt có hiệu lực nên không phát. "
                    f"Xem: broadcaster announcement show {number}",
                    f"Announcement {number} has a rule but no approval in force: not sent. "
                    f"See: broadcaster announcement show {number}",
                )
            )
