"""`broadcaster programme show DATE`: what each station plays on a day, with times and lengths."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import ZONE, Session, answering, length, state_word, table
from broadcaster.cli.i18n import t
from broadcaster.domain.timetable import parse_date
from broadcaster.services.timetable import planning, slotting
from broadcaster.services.timetable.slotting import Line


@click.group("programme", help=t("Chương trình phát của một ngày.", "A day's programme."))
def command() -> None: ...


@command.command("show", help=t("Từng cụm loa phát gì, lúc nào, dài bao lâu.", "By station."))
@click.argument("day", metavar=t("NGÀY", "DATE"))
@click.option("--slot", default="", help=t("Chỉ khung giờ này", "Only this slot"))
@answering
def show(session: Session, day: str, slot: str) -> None:
    on, now = parse_date(day), session.now()
    planning.plan(session.context, now)
    lines = [
        line
        for line in slotting.day(session.context, on)
        if not slot or (line.slot and line.slot.key == slot)
    ]
    titles = t(
        "Cụm loa,Bắt đầu,Kết thúc,Dài,Tin,Khung giờ,Gồm,Kết quả",
        "Station,Begins,Ends,Length,Item,Slot,With,State",
    )
    session.answer(
        {"date": on, "items": [_data(line) for line in lines]},
        lambda: table(titles.split(","), [_row(line) for line in lines]),
    )


def _row(line: Line) -> tuple[str, ...]:
    begins, ends = line.begins.astimezone(ZONE), (line.begins + line.lasts).astimezone(ZONE)
    return (
        line.target,
        f"{begins:%H:%M:%S}",
        f"{ends:%H:%M:%S}",
        length(round(line.lasts.total_seconds() * 1000)),
        str(line.number),
        line.slot.key if line.slot else "–",
        _with(line),
        state_word(line.state),
    )


def _with(line: Line) -> str:
    """What surrounds the item: chime and opening, closing."""
    if line.part is None:
        return t("trọn chương trình", "a whole programme") if line.slot is None else "–"
    found = [t("nhạc hiệu, lời xướng", "chime, opening")] if line.part.first else []
    found += [t("lời kết", "closing")] if line.part.last else []
    return ", ".join(found) or t("chỉ nội dung", "the item alone")


def _data(line: Line) -> dict[str, Any]:
    return {
        "delivery": line.delivery_id,
        "announcement": line.number,
        "target": line.target,
        "slot": line.slot.key if line.slot else None,
        "begins": line.begins,
        "ends": line.begins + line.lasts,
        "seconds": line.lasts.total_seconds(),
        "opening": line.part.first if line.part else None,
        "closing": line.part.last if line.part else None,
        "state": line.state,
    }
