"""`broadcaster timetable add | preview | list | remove | expand`."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.cli.timetable_expand import expand
from broadcaster.cli.timetable_words import target_option, written_options
from broadcaster.cli.views import dossier_data, rule_data, rule_words
from broadcaster.domain.people import Right
from broadcaster.domain.timetable import Words
from broadcaster.errors import InputError
from broadcaster.services import authoring, calendar, scheduling
from broadcaster.services.scheduling import Proposal


@click.group("timetable", help=t("Lịch phát của bản tin.", "When announcements go out."))
def command() -> None: ...


command.add_command(expand)


def _propose(session: Session, number: int, words: Words, targets: tuple[str, ...]) -> Proposal:
    return scheduling.propose(session.context, number, words, session.now(), targets)


def _proposal_data(proposal: Proposal) -> dict[str, Any]:
    return {
        "announcement": proposal.dossier.announcement.number,
        "words": [rule_words(rule) for rule in proposal.rules],
        "targets": list(proposal.targets),
        "next": list(proposal.dates),
    }


def _show_proposal(proposal: Proposal) -> None:
    for rule in proposal.rules:
        say(t(f"Lịch: {rule_words(rule)}", f"Rule: {rule_words(rule)}"))
    say(t(f"Kênh: {', '.join(proposal.targets)}", f"Outlets: {', '.join(proposal.targets)}"))
    say(t("Những lần phát tới:", "Next dates:"))
    for date in proposal.dates:
        say(f"  {local(date)}")


@command.command("add", help=t("Thêm lịch; cho xem 5 lần phát tới rồi hỏi.", "Add, after asking."))
@click.argument("number", type=int)
@written_options
@target_option
@click.option("--yes", is_flag=True, help=t("Không hỏi lại", "Do not ask"))
@acting
@answering
def add(
    session: Session,
    number: int,
    words: Words,
    targets: tuple[str, ...],
    yes: bool,
) -> None:
    person = session.person(Right.SCHEDULE)
    proposal = _propose(session, number, words, targets)
    _show_proposal(proposal)
    if not yes and not click.get_text_stream("stdin").isatty():
        raise InputError(
            "Chưa lưu gì. Xem kỹ các lần phát ở trên rồi chạy lại với --yes.",
            "Nothing was kept. Look at the dates above, then run again with --yes.",
        )
    if not yes and not click.confirm(t("Lưu lịch này?", "Keep it?"), err=True):
        say(t("Không lưu gì.", "Nothing was kept."))
        return
    dossier, ids = scheduling.keep(session.context, person, proposal, session.now())
    session.answer(
        {**_proposal_data(proposal), "rules": list(ids), "state": dossier.state()},
        lambda: click.echo(
            t(f"Đã lưu lịch số {_list(ids)}.", f"Rule {_list(ids)} kept."),
        ),
    )
    if dossier.approval is not None:
        say(t("Tiếp theo: broadcaster plan show", "Next: broadcaster plan show"))
    else:
        say(
            t(
                f"Tin số {number} chưa có phê duyệt có hiệu lực: chưa được duyệt thì chưa phát.",
                f"Announcement {number} has no approval in force: nothing goes out before that.",
            )
        )


def _list(ids: Any) -> str:
    return ", ".join(str(i) for i in ids)


@command.command("preview", help=t("Xem trước một lịch, không lưu.", "Show a rule, keep nothing."))
@click.argument("number", type=int)
@written_options
@target_option
@answering
def preview(session: Session, number: int, words: Words, targets: tuple[str, ...]) -> None:
    proposal = _propose(session, number, words, targets)
    session.answer(_proposal_data(proposal), lambda: _show_proposal(proposal))


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


@command.command("remove", help=t("Gỡ một lịch và hủy các lần chưa phát.", "Remove a rule."))
@click.argument("rule", type=int)
@acting
@answering
def remove(session: Session, rule: int) -> None:
    person = session.person(Right.SCHEDULE)
    dossier = scheduling.remove(session.context, person, rule, session.now())
    session.answer(
        dossier_data(dossier),
        lambda: click.echo(t(f"Đã gỡ lịch số {rule}.", f"Rule {rule} removed.")),
    )
