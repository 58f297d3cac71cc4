"""`broadcaster publicity mark | list | show | confirm`: what every village has to hear by law."""

from __future__ import annotations

from typing import Any

import click

from broadcaster.cli.base import Session, acting, answering, local, say, table
from broadcaster.cli.i18n import t
from broadcaster.domain.people import Right
from broadcaster.domain.timetable import parse_date
from broadcaster.services.timetable import publicising
from broadcaster.services.timetable.publicising import Standing, Village


@click.group(
    "publicity",
    help=t(
        "Công khai bắt buộc: phát ba ngày liền ở mọi thôn, mỗi thôn xác nhận.",
        "Mandatory publicity: three consecutive days in every village, confirmed by each.",
    ),
)
def command() -> None: ...


_village_help = t("Thôn (lặp lại được; mặc định: mọi thôn)", "Village (repeatable; default: all)")


@command.command("mark", help=t("Đánh dấu một bản tin.", "Mark an announcement."))
@click.argument("number", type=int)
@click.option(
    "--basis",
    required=True,
    help=t("Căn cứ: luật, điều, khoản", "Legal basis: law, article, clause"),
)
@click.option(
    "--from", "start", required=True, help=t("Ngày đầu: 23/11/2026", "First day: 23/11/2026")
)
@click.option("--village", "villages", multiple=True, help=_village_help)
@acting
@answering
def mark(session: Session, number: int, basis: str, start: str, villages: tuple[str, ...]) -> None:
    person = session.person(Right.EDIT)
    found = publicising.mark(
        session.context, person, number, basis, parse_date(start), session.now(), villages
    )
    session.answer(_data(found), lambda: _show(found))


@command.command(
    "list", help=t("Mọi tin công khai bắt buộc, còn thiếu gì.", "All, and what is open.")
)
@click.option("--open", "only_open", is_flag=True, help=t("Chỉ tin chưa xong", "Only what is open"))
@answering
def every(session: Session, only_open: bool) -> None:
    found = [
        one
        for one in publicising.every(session.context, session.now())
        if not (only_open and one.complete)
    ]
    titles = t("Tin,Tiêu đề,Từ ngày,Xong,Còn thiếu", "No.,Title,From,Done,Open").split(",")
    session.answer(
        {"publicity": [_data(one) for one in found]},
        lambda: table(
            titles,
            [
                (
                    str(one.number),
                    one.title,
                    f"{one.publicity.starts_on:%d/%m/%Y}",
                    f"{sum(v.complete for v in one.villages)}/{len(one.villages)}",
                    ", ".join(v.name for v in one.villages if not v.complete) or "–",
                )
                for one in found
            ],
        ),
    )


@command.command("show", help=t("Từng thôn đã đến đâu.", "How far every village is."))
@click.argument("number", type=int)
@answering
def show(session: Session, number: int) -> None:
    found = publicising.show(session.context, number, session.now())
    session.answer(_data(found), lambda: _show(found))


@command.command("confirm", help=t("Thôn xác nhận đã thông tin đến dân.", "A village confirms."))
@click.argument("number", type=int)
@click.option("--village", required=True, help=t("Thôn nào", "Which village"))
@click.option("--note", default="", help=t("Đã làm thế nào", "How it was passed on"))
@acting
@answering
def confirm(session: Session, number: int, village: str, note: str) -> None:
    person = session.person(Right.SETTLE)
    found = publicising.confirm(session.context, person, number, village, note, session.now())
    session.answer(_data(found), lambda: _show(found))


def _show(found: Standing) -> None:
    say(f"{found.title} ({found.publicity.legal_basis})")
    titles = t("Thôn,Số ngày liền,Xong ngày,Ngày lỡ,Xác nhận", "Village,Run,Done,Missed,Confirmed")
    table(titles.split(","), [_row(found, one) for one in found.villages])
    if found.complete:
        say(t("Đã hoàn thành ở mọi thôn.", "Complete in every village."))


def _row(found: Standing, one: Village) -> tuple[str, ...]:
    done, word = one.progress.completed_on, one.confirmation
    return (
        one.name,
        f"{one.progress.run}/{found.publicity.days}",
        f"{done:%d/%m/%Y}" if done else "–",
        ", ".join(f"{day:%d/%m}" for day in one.progress.missed) or "–",
        f"{word.person}, {local(word.created_at, seconds=False)}" if word else "–",
    )


def _data(found: Standing) -> dict[str, Any]:
    return {
        "announcement": found.number,
        "title": found.title,
        "legal_basis": found.publicity.legal_basis,
        "starts_on": found.publicity.starts_on,
        "days": found.publicity.days,
        "complete": found.complete,
        "villages": [_village(one) for one in found.villages],
    }


def _village(one: Village) -> dict[str, Any]:
    word = one.confirmation
    return {
        "village": one.name,
        "stations": list(one.stations),
        "complete": one.complete,
        "run": one.progress.run,
        "completed_on": one.progress.completed_on,
        "missed": list(one.progress.missed),
        "confirmed_by": word.person if word else None,
        "confirmed_at": word.created_at if word else None,
        "note": word.note if word else "",
        "proofs": [
            {
                "delivery": proof.id,
                "station": proof.target,
                "at": proof.actual_at,
                "proof": dict(proof.proof),
            }
            for proof in one.proofs
        ],
    }
