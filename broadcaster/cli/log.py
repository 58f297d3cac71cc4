"""`broadcaster log`: the broadcast log, a row for everything that was planned."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import click

from broadcaster.cli.base import ZONE, Session, answering
from broadcaster.cli.i18n import t
from broadcaster.cli.logbook import delivery_data, show_deliveries
from broadcaster.domain.timetable import parse_date
from broadcaster.services import reporting


@click.command("log", help=t("Sổ nhật ký phát: mỗi lượt một dòng.", "A row for each delivery."))
@click.option("--from", "first", help=t("Từ ngày 01/11/2026", "From 01/11/2026"))
@click.option("--to", "last", help=t("Đến hết ngày 30/11/2026", "To 30/11/2026"))
@answering
def command(session: Session, first: str | None, last: str | None) -> None:
    today = session.now().astimezone(ZONE).date()
    after = parse_date(first) if first else today - timedelta(days=30)
    before = (parse_date(last) if last else today) + timedelta(days=1)
    lines = reporting.lines(
        session.context,
        after=datetime.combine(after, time(), ZONE).astimezone(UTC),
        before=datetime.combine(before, time(), ZONE).astimezone(UTC),
    )
    session.answer(
        {"deliveries": [delivery_data(line) for line in lines]}, lambda: show_deliveries(lines)
    )
