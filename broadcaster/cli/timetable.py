"""`broadcaster timetable`: add, edit, skip, add-date, remove, preview, list, export, expand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from broadcaster import durable
from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.cli.timetable_change import change_data, change_options, may_keep, show
from broadcaster.cli.timetable_expand import expand
from broadcaster.cli.timetable_words import target_option, written_options
from broadcaster.cli.views import rule_data, rule_words
from broadcaster.domain.people import Right
from broadcaster.domain.timetable import Words
from broadcaster.services.content import authoring
from broadcaster.services.timetable import calendar, exporting, timetabling
from broadcaster.services.timetable.changes import Change


@click.group("timetable", help=t("Lịch phát của bản tin.", "When announcements go out."))
def command() -> None: ...


command.add_command(expand)


def _finish(session: Session, change: Change, *, yes: bool, recall: bool | None) -> None:
    """Ask, keep, and say what follows."""
    show(change)
    chosen = may_keep(change.handed, yes=yes, recall=recall)
    if chosen is None:
        return
    person = session.person()
    dossier, ids = timetabling.keep(session.context, person, change, session.now(), chosen.recall)
    listed = _list(ids or [rule.id for rule in change.taken])
    removed = not change.kept
    session.answer(
        {**change_data(change), "rules": list(ids), "state": dossier.state()},
        lambda: click.echo(
            t(f"Đã gỡ lịch số {listed}.", f"Rule {listed} removed.")
            if removed
            else t(f"Đã lưu lịch số {listed}.", f"Rule {listed} kept.")
        ),
    )
    if dossier.approval is not None:
        say(t("Tiếp theo: broadcaster plan show", "Next: broadcaster plan show"))
    elif not removed:
        number = dossier.announcement.number
        say(
            t(
                f"Tin số {number} chưa có phê duyệt có hiệu lực: chưa được duyệt thì chưa phát.",
                f"Announcement {number} has no approval in force: nothing goes out before that.",
            )
        )


def _list(ids: Sequence[int]) -> str:
    return ", ".join(str(i) for i in ids)


def _scheduler(session: Session) -> None:
    """Before anything is asked: who may order an emergency may schedule one."""
    person = session.person()
    if not person.may(Right.EMERGENCY):
        person.must_have(Right.SCHEDULE)


@command.command(
    "add",
    help=t(
        "Thêm lịch; cho xem các lần phát tới và bảy ngày tới trước và sau khi đổi, rồi hỏi.",
        "Add a rule, after showing the next seven days before and after, and asking.",
    ),
)
@click.argument("number", type=int)
@written_options
@target_option
@change_options
@acting
@answering
def add(
    session: Session,
    number: int,
    words: Words,
    targets: tuple[str, ...],
    yes: bool,
    recall: bool | None,
) -> None:
    _scheduler(session)
    change = timetabling.propose(session.context, number, words, session.now(), targets)
    _finish(session, change, yes=yes, recall=recall)


@command.command("edit", help=t("Đổi một lịch thành lịch khác.", "Reword a rule."))
@click.argument("rule", type=int)
@written_options
@target_option
@change_options
@acting
@answering
def edit(
    session: Session,
    rule: int,
    words: Words,
    targets: tuple[str, ...],
    yes: bool,
    recall: bool | None,
) -> None:
    _scheduler(session)
    change = timetabling.propose_edit(session.context, rule, words, session.now(), targets)
    _finish(session, change, yes=yes, recall=recall)


@command.command(
    "skip",
    help=t(
        "Bỏ ngày, hoặc ngày lễ, khỏi một lịch: 25/11/2026, Tết.",
        "Leave dates or holidays out of a rule: 25/11/2026.",
    ),
)
@click.argument("rule", type=int)
@click.argument("dates", nargs=-1, required=True, metavar=t("NGÀY…", "DATE…"))
@change_options
@acting
@answering
def skip(
    session: Session, rule: int, dates: tuple[str, ...], yes: bool, recall: bool | None
) -> None:
    _scheduler(session)
    change = timetabling.propose_skip(session.context, rule, dates, session.now())
    _finish(session, change, yes=yes, recall=recall)


@command.command(
    "add-date",
    help=t(
        "Thêm ngày vào một lịch: 25/11/2026, hoặc “25/11/2026 17:00”.",
        "Add dates to a rule: 25/11/2026, or “25/11/2026 17:00”.",
    ),
)
@click.argument("rule", type=int)
@click.argument("dates", nargs=-1, required=True, metavar=t("NGÀY…", "DATE…"))
@change_options
@acting
@answering
def add_date(
    session: Session, rule: int, dates: tuple[str, ...], yes: bool, recall: bool | None
) -> None:
    _scheduler(session)
    change = timetabling.propose_dates(session.context, rule, dates, session.now())
    _finish(session, change, yes=yes, recall=recall)


@command.command("remove", help=t("Gỡ một lịch và hủy các lần chưa phát.", "Remove a rule."))
@click.argument("rule", type=int)
@change_options
@acting
@answering
def remove(session: Session, rule: int, yes: bool, recall: bool | None) -> None:
    _scheduler(session)
    change = timetabling.propose_removal(session.context, rule, session.now())
    _finish(session, change, yes=yes, recall=recall)


@command.command("preview", help=t("Xem trước một lịch, không lưu.", "Show a rule, keep nothing."))
@click.argument("number", type=int)
@written_options
@target_option
@answering
def preview(session: Session, number: int, words: Words, targets: tuple[str, ...]) -> None:
    change = timetabling.propose(session.context, number, words, session.now(), targets)
    session.answer(change_data(change), lambda: show(change))


@command.command(
    "export",
    help=t(
        "Ghi lịch phát ra tệp iCalendar (.ics) cho chương trình lịch khác đọc.",
        "Write the timetable to an iCalendar file for other programs.",
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@answering
def export(session: Session, file: Path) -> None:
    content = exporting.export(session.context, session.now())
    durable.write(file, content)
    count = content.count(b"BEGIN:VEVENT")
    session.answer(
        {"file": str(file), "events": count},
        lambda: click.echo(t(f"Đã ghi {count} lịch vào {file}.", f"{count} rules in {file}.")),
    )


@command.command("list", help=t("Mọi lịch đang có.", "All rules."))
@answering
def every(session: Session) -> None:
    now = session.now()
    found = [
        (dossier, rule)
        for dossier in authoring.every(session.context, now)
        for rule in dossier.rules
    ]

    def people() -> None:
        titles = t("Lịch,Tin,Tiêu đề,Khi nào,Kênh,Lần tới", "Rule,No.,Title,When,Outlets,Next")
        table(
            titles.split(","),
            [
                (
                    str(rule.id),
                    str(dossier.announcement.number),
                    dossier.revision.title,
                    rule_words(calendar.to_rule(rule)),
                    ", ".join(rule.targets),
                    local(next(iter(calendar.to_rule(rule).first(1, now)), None)),
                )
                for dossier, rule in found
            ],
        )

    data = [{"announcement": d.announcement.number, **rule_data(r)} for d, r in found]
    session.answer({"rules": data}, people)
