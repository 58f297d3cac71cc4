"""`broadcaster holiday list | import | remove`: the days on which rules may keep silent."""

from __future__ import annotations

from pathlib import Path

import click

from broadcaster import ics
from broadcaster.cli.base import Session, acting, answering, say, table
from broadcaster.cli.i18n import t
from broadcaster.cli.timetable_change import change_options, entries, may_keep, show_days
from broadcaster.domain.people import Right
from broadcaster.domain.timetable import Holidays, parse_date
from broadcaster.errors import InputError
from broadcaster.services.timetable import observing
from broadcaster.services.timetable.observing import Observance


@click.group("holiday", help=t("Ngày nghỉ lễ.", "Days off."))
def command() -> None: ...


@command.command(
    "list",
    help=t(
        "Ngày nghỉ của một năm: hằng năm (holidays.toml) và đã nhập.",
        "The days off of a year: yearly ones (holidays.toml) and imported ones.",
    ),
)
@click.option("--year", type=int, help=t("Năm (mặc định: năm nay)", "Year (default: this one)"))
@answering
def every(session: Session, year: int | None) -> None:
    chosen = year or session.context.policy.local(session.now()).year
    found = observing.listed(session.context, chosen)
    titles = t("Ngày,Tên,Khóa", "Day,Name,Key").split(",")
    session.answer(
        {"holidays": [{"day": one.day, "name": one.name, "key": one.key} for one in found]},
        lambda: table(titles, [(f"{one.day:%d/%m/%Y}", one.name, one.key) for one in found]),
    )


@command.command(
    "import",
    help=t(
        "Nhập ngày nghỉ từ tệp iCalendar (.ics); cho xem bảy ngày tới trước và sau, rồi hỏi.",
        "Import days off from an iCalendar file, after showing the next seven days and asking.",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", default="", help=t("Coi mọi ngày là của ngày lễ này", "All belong to this holiday")
)
@change_options
@acting
@answering
def take(session: Session, file: Path, key: str, yes: bool, recall: bool | None) -> None:
    session.person(Right.SCHEDULE)
    yearly = Holidays(session.context.holidays)
    if key and yearly.named(key) is None:
        known = ", ".join(one.key for one in yearly.yearly)
        raise InputError(
            f"Không có ngày lễ “{key}”. Các khóa: {known}.", f"No holiday “{key}”: {known}."
        )
    today = session.context.policy.local(session.now()).date()
    days = ics.read_days(file.read_bytes(), file.name, yearly, today, key)
    change = observing.propose(session.context, days, [], file.name, session.now())
    _finish(session, change, yes=yes, recall=recall)


@command.command("remove", help=t("Bỏ ngày nghỉ đã nhập.", "Drop imported days."))
@click.argument("dates", nargs=-1, required=True, metavar=t("NGÀY…", "DATE…"))
@change_options
@acting
@answering
def remove(session: Session, dates: tuple[str, ...], yes: bool, recall: bool | None) -> None:
    session.person(Right.SCHEDULE)
    days = [parse_date(one) for one in dates]
    change = observing.propose(session.context, [], days, "", session.now())
    _finish(session, change, yes=yes, recall=recall)


def _finish(session: Session, change: Observance, *, yes: bool, recall: bool | None) -> None:
    for one in change.kept:
        say(f"  {one.day:%d/%m/%Y} {one.name}")
    show_days(change.before, change.after)
    chosen = may_keep(change.handed, yes=yes, recall=recall)
    if chosen is None:
        return
    person = session.person()
    observing.keep(session.context, person, change, session.now(), chosen.recall)
    data = {
        "kept": [{"day": one.day, "name": one.name, "key": one.key} for one in change.kept],
        "dropped": list(change.dropped),
        "before": entries(change.before),
        "after": entries(change.after),
    }
    count = len(change.kept) or len(change.dropped)
    session.answer(
        data,
        lambda: click.echo(
            t(f"Đã lưu {count} ngày nghỉ.", f"{count} days off kept.")
            if change.kept
            else t(f"Đã bỏ {count} ngày nghỉ.", f"{count} days off dropped.")
        ),
    )
