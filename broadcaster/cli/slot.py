"""`broadcaster slot add | list | remove`: times of the day that collect items."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, table
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Right
from broadcaster.domain.programme import Slot
from broadcaster.domain.timetable import parse_time
from broadcaster.services.timetable import slotting


@click.group("slot", help=t("Khung giờ gom nhiều tin.", "Times of the day that collect items."))
def command() -> None: ...


@command.command("add", help=t("Thêm khung giờ.", "Add a slot."))
@click.argument("key", metavar=t("KHÓA", "KEY"))
@click.option("--from", "start", required=True, help=t("Từ giờ: 06:00", "From: 06:00"))
@click.option("--until", "end", required=True, help=t("Đến giờ: 06:30", "Until: 06:30"))
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar=t("KHÓA", "KEY"),
    help=t("Chỉ cho cụm loa này (lặp lại được)", "Only for this station (repeatable)"),
)
@acting
@answering
def add(session: Session, key: str, start: str, end: str, targets: tuple[str, ...]) -> None:
    person = session.person(Right.SCHEDULE)
    begins, ends = parse_time(start), parse_time(end)
    made = slotting.add(session.context, person, key, begins, ends, targets, session.now())
    session.answer(
        slot_data(made), lambda: click.echo(t(f"Đã thêm khung giờ {made}.", f"Slot {made} added."))
    )


@command.command("list", help=t("Mọi khung giờ.", "All slots."))
@answering
def every(session: Session) -> None:
    found = slotting.every(session.context)
    titles = t("Khóa,Từ,Đến,Cụm loa", "Key,From,Until,Stations").split(",")
    all_of_them = t("mọi cụm loa", "all stations")
    rows = [
        (
            one.key,
            f"{one.start:%H:%M}",
            f"{one.end:%H:%M}",
            ", ".join(one.targets) or all_of_them,
        )
        for one in found
    ]
    session.answer({"slots": [slot_data(one) for one in found]}, lambda: table(titles, rows))


@command.command("remove", help=t("Gỡ khung giờ không còn lịch.", "Remove an unused slot."))
@click.argument("key", metavar=t("KHÓA", "KEY"))
@acting
@answering
def remove(session: Session, key: str) -> None:
    person = session.person(Right.SCHEDULE)
    gone = slotting.remove(session.context, person, key, session.now())
    session.answer(
        slot_data(gone), lambda: click.echo(t(f"Đã gỡ khung giờ {gone}.", f"Slot {gone} removed."))
    )


def slot_data(one: Slot) -> dict[str, Any]:
    return {
        "key": one.key,
        "from": f"{one.start:%H:%M}",
        "until": f"{one.end:%H:%M}",
        "targets": list(one.targets),
    }
