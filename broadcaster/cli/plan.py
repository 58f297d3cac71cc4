"""`broadcaster plan show`: what is ahead, by time."""

from __future__ import annotations

from datetime import timedelta

import click

from broadcaster.cli.base import Session, answering
from broadcaster.cli.i18n import t
from broadcaster.cli.views import delivery_data, show_deliveries
from broadcaster.services import planning, reporting


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
